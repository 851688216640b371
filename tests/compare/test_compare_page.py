"""The HTML page of a comparison: whole, safe, and usable without a network or scripts."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings

from compare.trees import Contents, Tree, between, edited_trees
from gitagent.agent.compare.spans import Span
from gitagent.cli.compare_views import page, pagelines
from gitagent.cli.compare_views.page import html
from gitagent.cli.compare_views.pagelines import marked

VOID = {"meta", "col", "br"}
ATTACK = "<script>alert('&')</script>"


class Page(HTMLParser):
    """What a page is made of; refuses tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        assert not {"src", "style", "onclick", "onload"} & set(found)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name == "href" and value]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)


def page_of(old: Contents, new: Contents) -> Page:
    return Page(html(between(old, new)))


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_trees())
def test_whatever_the_files_hold_the_page_is_whole_and_harmless(pair: tuple[Tree, Tree]) -> None:
    text = html(between(*pair))
    found = Page(text)

    assert "script" not in found.tags
    assert len(found.ids) == len(set(found.ids))
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)
    assert all(character.isprintable() or character in "\n\t\u200c\u200d\u3000" for character in text)


def test_everything_from_files_is_escaped() -> None:
    old = {"agent.yaml": f"greeting: {ATTACK}\n", f"{ATTACK}.md": "a\n"}
    new = {"agent.yaml": f"greeting: {ATTACK}!\n", f"{ATTACK}.md": f"{ATTACK}\n", "new.yaml": f'"{ATTACK}": 1\n'}

    text = html(between(old, new))

    assert "<script" not in text
    assert text.count("&lt;") >= 10
    assert ATTACK in "".join(Page(text).words)


def test_the_page_asks_for_nothing_from_elsewhere() -> None:
    text = html(between({"a.md": "a\n"}, {"a.md": "see https://example.com\n"}))

    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert "url(" not in text
    assert "@import" not in text
    assert 'href="http' not in text


def test_each_file_has_a_section_and_a_link_to_it() -> None:
    found = page_of({"a.md": "a\n", "gone.md": "x\n"}, {"a.md": "b\n", "new.md": "y\n"})

    assert found.links == ["#changes", "#file-1", "#file-2", "#file-3"]
    assert found.tags.count("section") == 3
    assert [word for word in found.words if word.endswith(".md")] == ["a.md", "gone.md", "new.md"] * 2


def test_changed_words_are_elements_and_signs_are_said() -> None:
    text = html(between({"a.md": "speed: 1.0\n"}, {"a.md": "speed: 1.2\n"}))

    assert (
        '<tr class="changed"><td class="number old">1</td><td class="text old">'
        '<span class="sign" aria-hidden="true">-</span><span class="hidden">removed </span>speed: <del>1.0</del></td>'
        '<td class="number new">1</td><td class="text new">'
        '<span class="sign" aria-hidden="true">+</span><span class="hidden">added </span>speed: <ins>1.2</ins></td>'
    ) in text


def test_keys_stand_in_a_table_with_their_values() -> None:
    old = {"agent.yaml": "greeting: |\n  one\n  two\ndesks: [{name: a}, {name: b}]\n"}
    new = {"agent.yaml": "greeting: |\n  one\n  too\ndesks: [{name: b}, {name: a}]\nnew: {a: 1}\n"}

    text = html(between(old, new))

    assert (
        '<tr><th scope="row">greeting</th><td>changed</td>'
        '<td class="old"><pre>one<br>two</pre></td><td class="new"><pre>one<br>too</pre></td></tr>'
    ) in text
    assert '<td>moved</td><td class="old"><pre>place <del>2</del></pre></td>' in text
    assert '<th scope="row">new</th><td>added</td><td></td><td class="new"><pre>a: 1</pre></td>' in text


def test_unchanged_lines_fold_away_and_can_be_opened() -> None:
    old = "".join(f"line {number}\n" for number in range(30))

    text = html(between({"a.md": old}, {"a.md": old.replace("line 20\n", "line twenty\n")}))

    assert "<details><summary>… 17 unchanged lines</summary>" in text
    assert "<details><summary>… 6 unchanged lines</summary>" in text
    assert text.count("line 3</td>") == 2


def test_a_file_on_one_side_has_one_column() -> None:
    text = html(between({}, {"a.md": "hello\n"}))

    assert "<caption>Lines in v7</caption>" in text
    assert '<table class="keys">' not in text


def test_notes_are_listed() -> None:
    assert '<ul class="notes"><li>line endings LF → CRLF</li></ul>' in html(between({"a": "x\n"}, {"a": "x\r\n"}))


def test_a_file_that_only_moved_says_so() -> None:
    text = html(between({"a.md": "x\n"}, {"b.md": "x\n"}))

    assert '<h2 id="file-1-name">a.md → b.md<span class="tally">renamed</span></h2>' in text


def test_what_is_too_much_is_left_out_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagelines, "MOST_ROWS", 4)
    monkeypatch.setattr(page, "_MOST_KEYS", 2)
    before = "".join(f"k{number}: 1\n" for number in range(60))
    after = before.replace("k5: 1", "k5: 2").replace("k40: 1", "k40: 2").replace("k50: 1", "k50: 2")

    text = html(between({"a.yaml": before}, {"a.yaml": after, "b.md": "1\n2\n3\n4\n5\n"}))

    assert "… 1 more key" in text
    assert '<p class="left-out">… the rest is left out here' in text
    assert text.count("the rest is left out here") == 2


def test_a_long_unchanged_part_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagelines, "MOST_ROWS", 9)
    before = "".join(f"line {number}\n" for number in range(60))

    text = html(between({"a.md": before}, {"a.md": "first\n" + before}))

    assert '<p class="left-out">… 57 unchanged lines</p>' in text


def test_no_difference_is_a_page_that_says_so() -> None:
    found = page_of({"a": "a\n"}, {"a": "a\n"})

    assert "No differences between v3 and v7." in found.words
    assert "nav" not in found.tags


def test_tabs_stay_tabs() -> None:
    assert marked("a\tb<", (Span(0, 2),), "ins") == '<ins>a<span class="tab">\t</span></ins>b&lt;'
