"""Merging YAML and JSON by their keys: what is taken from whom, what stays as it stands, and what conflicts."""

from __future__ import annotations

import importlib.resources
from textwrap import dedent

import pytest

from gitagent.config import yaml
from gitagent.config.merging import Conflict, ConflictKind, MergedFile, has_conflict_markers, merge
from gitagent.config.merging.marks import marked
from gitagent.git.merging import merge_text

LABELS = ("your draft", "v8")
CLINIC = (importlib.resources.files("gitagent.templates") / "clinic" / "agent.yaml").read_text()
RESTAURANT = (importlib.resources.files("gitagent.templates") / "restaurant" / "agent.yaml").read_text()


def never(base: bytes, ours: bytes, theirs: bytes, labels: tuple[str, str]) -> tuple[bytes, bool]:
    raise AssertionError("merged by line")


def text(content: str) -> str:
    return dedent(content).lstrip("\n")


def merged(base: str | None, ours: str, theirs: str, path: str = "agent.yaml") -> MergedFile:
    contents = [None if each is None else text(each).encode() for each in (base, ours, theirs)]
    return merge(*contents, path=path, labels=LABELS, merge_text=never)


def clean(base: str | None, ours: str, theirs: str, path: str = "agent.yaml") -> str:
    result = merged(base, ours, theirs, path)
    assert result.is_clean
    assert result.content is not None
    return result.content.decode()


def by_lines(base: str, ours: str, theirs: str, path: str = "agent.yaml") -> MergedFile:
    """Merged where keys cannot be: what is asserted is that the lines were asked."""
    asked = []

    def lines(base: bytes, ours: bytes, theirs: bytes, labels: tuple[str, str]) -> tuple[bytes, bool]:
        asked.append(labels)
        return merge_text(base, ours, theirs, labels)

    contents = (text(each).encode() for each in (base, ours, theirs))
    result = merge(*contents, path=path, labels=LABELS, merge_text=lines)
    assert asked == [LABELS]
    return result


def key(at: str, base: str | None, ours: str | None, theirs: str | None, path: str = "agent.yaml") -> Conflict:
    return Conflict(path, ConflictKind.KEY, at, base, ours, theirs)


@pytest.mark.parametrize("template", [CLINIC, RESTAURANT], ids=["clinic", "restaurant"])
def test_edits_of_a_sample_agent_are_all_there_and_everything_else_is_as_it_was(template: str) -> None:
    ours = template.replace("speed: 1.0", "speed: 1.1  # livelier").replace("language: en-GB", "language: en-US")
    theirs = template.replace("temperature: 0.3", "temperature: 0.5").replace("provider: openai", 'provider: "azure"')
    both = ours.replace("temperature: 0.3", "temperature: 0.5").replace("provider: openai", 'provider: "azure"')
    assert len({template, ours, theirs, both}) == 4
    assert clean(template, ours, theirs) == both


def test_a_key_changed_on_both_sides_conflicts_and_all_else_is_merged() -> None:
    ours = RESTAURANT.replace("speed: 1.0", "speed: 1.2  # lively")
    theirs = RESTAURANT.replace("speed: 1.0", "speed: 0.9").replace("temperature: 0.3", "temperature: 0.5")
    result = merged(RESTAURANT, ours, theirs)
    assert result.conflicts == (key("voice.speed", "1.0", "1.2", "0.9"),)
    assert result.content is not None
    assert result.content.decode() == RESTAURANT.replace("temperature: 0.3", "temperature: 0.5").replace(
        "  speed: 1.0\n", marked("  speed: 1.2  # lively\n", "  speed: 0.9\n", LABELS)
    )
    assert [each.code for each in yaml.parse(result.content, "agent.yaml").problems] == ["merge-conflict"]


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    assert clean("a: 1\nb: 1\nc: 1\n", "a: 2\nb: 2\nc: 1\n", "a: '2'\nb: 2\nc: 3\n".replace("'2'", "2")) == (
        "a: 2\nb: 2\nc: 3\n"
    )


def test_the_same_value_written_in_another_way_is_no_conflict() -> None:
    assert clean("a: x\nb: 1\n", "a: 'y'\nb: 1\n", 'a: "y"\nb: 2\n') == "a: 'y'\nb: 2\n"


@pytest.mark.parametrize(("ours", "theirs"), [("1", "1.0"), ("1", "true"), ("1", '"1"'), ("null", '""')])
def test_values_of_different_kinds_are_different_values(ours: str, theirs: str) -> None:
    result = merged("a: 0\n", f"a: {ours}\n", f"a: {theirs}\n")
    assert result.conflicts == (key("a", "0", ours, theirs),)


def test_their_value_goes_before_our_comment() -> None:
    assert clean("a: 1\nb: 1\n", "a: 1  # why\nb: 2\n", "a: 3\nb: 1\n") == "a: 3  # why\nb: 2\n"
    assert clean("a: 1  # old\nb: 1\n", "a: 1 # old\nb: 2\n", "a: 3  # new\nb: 1\n") == "a: 3 # old\nb: 2\n"


def test_their_comment_comes_with_their_value() -> None:
    assert clean("a: 1\nb: 1\n", "a: 1\nb: 2\n", "# about a\na: 3  # three\nb: 1\n") == (
        "# about a\na: 3  # three\nb: 2\n"
    )


def test_comments_of_both_sides_are_kept() -> None:
    base = "x: 0\n# old\na: 1\nb: 1\n"
    ours, theirs = "x: 0\n# old\n# ours\na: 1\nb: 2\n", "x: 0\n# theirs\n# old\na: 3\nb: 1\n"
    assert clean(base, ours, theirs) == "x: 0\n# theirs\n# old\n# ours\na: 3\nb: 2\n"
    assert clean("x: 0\n\n# 0\na: 1\n", "x: 0\n\n# 1\na: 2\n", "x: 1\n\n# 2\na: 1\n") == "x: 1\n\n# 1\n# 2\na: 2\n"


def test_keys_that_both_added_stand_after_what_they_were_put_after() -> None:
    base = "a: 1\nb: 1\n"
    ours, theirs = "a: 1\nours: 1\nb: 1\nend: 1\n", "# first\ntop: 1\na: 1\ntheirs: 1\n\nb: 1\nlast: 1\n"
    assert clean(base, ours, theirs) == "# first\ntop: 1\na: 1\nours: 1\ntheirs: 1\n\nb: 1\nend: 1\nlast: 1\n"


def test_a_removed_key_goes_with_its_comment() -> None:
    assert clean("a: 1\n\n# about b\nb: 1\nc: 1\n", "a: 2\n\n# about b\nb: 1\nc: 1\n", "a: 1\nc: 1\n") == (
        "a: 2\nc: 1\n"
    )


def test_a_key_removed_here_and_edited_there_conflicts() -> None:
    assert merged("a: 1\nb: 1\n", "a: 1\n", "a: 1\nb: 2\n") == MergedFile(
        ("a: 1\n" + marked("", "b: 2\n", LABELS)).encode(), (key("b", "1", None, "2"),)
    )
    assert merged("a: 1\nb: 1\n", "a: 1\n# why\nb: 2\n", "a: 1\n") == MergedFile(
        ("a: 1\n" + marked("# why\nb: 2\n", "", LABELS)).encode(), (key("b", "1", "2", None),)
    )


def test_a_key_that_both_added_with_different_values_conflicts() -> None:
    assert merged("a: 1\n", "a: 1\nb: 1\n", "a: 1\nb: 2\n").conflicts == (key("b", None, "1", "2"),)
    assert clean("a: 1\n", "a: 1\nb: {x: 1}\n", "a: 1\nb: {y: 1}\n") == "a: 1\nb: {x: 1, y: 1}\n"


def test_all_that_was_in_a_mapping_may_go() -> None:
    base = "v:  # why\n  a: 1\n  b: 1\nl:\n- 1\n- x\n- 2\nz: 1\n"
    ours, theirs = "v:  # why\n  b: 1\nl:\n- x\n- 2\nz: 2\n", "v:  # why\n  a: 1\nl:\n- 1\nz: 1\n"
    assert clean(base, ours, theirs) == "v: {}\nl: []\nz: 2\n"


def test_named_items_are_matched_by_their_name() -> None:
    base = RESTAURANT[RESTAURANT.index("handoffs:") :]
    bar = '  - name: bar  # until midnight\n    number: "+442079460001"\n'
    ours = base.replace("X-Queue: events", "X-Queue: parties") + bar
    theirs = base.replace("+442079460018", "+442079460019") + bar.replace("bar", "kitchen")
    both = base.replace("X-Queue: events", "X-Queue: parties").replace("+442079460018", "+442079460019")
    assert clean(base, ours, theirs) == both + bar + bar.replace("bar", "kitchen")
    conflict = merged(base, ours, theirs.replace("X-Queue: events", "X-Queue: x")).conflicts
    assert conflict == (key("handoffs[events team].sip_headers.X-Queue", "events", "parties", "x"),)


def test_items_without_a_name_are_matched_by_their_id() -> None:
    base = "l:\n- id: a\n  v: 1\n- id: b\n  v: 1\n"
    assert clean(base, base.replace("id: a\n  v: 1", "id: a\n  v: 2"), "l:\n- id: b\n  v: 3\n- id: a\n  v: 1\n") == (
        "l:\n- id: b\n  v: 3\n- id: a\n  v: 2\n"
    )


def test_a_named_item_removed_here_and_edited_there_conflicts() -> None:
    base = "l:\n  - name: a\n    v: 1\n  - name: b\n    v: 1\n"
    result = merged(base, "l:\n  - name: b\n    v: 1\n", base.replace("v: 1", "v: 2", 1))
    assert result == MergedFile(
        ("l:\n" + marked("", "  - name: a\n    v: 2\n", LABELS) + "  - name: b\n    v: 1\n").encode(),
        (key("l[a]", "name: a\n    v: 1", None, "name: a\n    v: 2"),),
    )


def test_an_order_changed_on_both_sides_conflicts_in_a_list() -> None:
    one, two, three = ("- name: a\n", "- name: b\n", "- name: c\n")
    result = merged("l:\n" + one + two + three, "l:\n" + two + one + three, "l:\n" + one + three + two)
    assert result.content is not None
    assert result.content.decode() == "l:\n" + marked(two + one + three, one + three + two, LABELS)
    assert [each.key for each in result.conflicts] == ["l"]
    assert clean("a: 1\nb: 1\nc: 1\n", "b: 1\na: 1\nc: 1\n", "a: 1\nc: 1\nb: 2\n") == "b: 2\na: 1\nc: 1\n"


def test_an_order_changed_on_both_sides_conflicts_in_brackets_and_at_another_indent_too() -> None:
    a, b, c = '{"name": "a"}', '{"name": "b"}', '{"name": "c"}'
    result = merged(f"[{a},{b},{c}]\n", f"[{b},{a},{c}]\n", f"[{a},{c},{b}]\n", "a.json")
    assert result.content == marked(f"[{b},{a},{c}]\n", f"[{a},{c},{b}]\n", LABELS).encode()
    lines = ["- name: a\n", "- name: b\n", "- name: c\n"]
    theirs = "".join("  " + lines[at] for at in (0, 2, 1))
    ours = "".join(lines[at] for at in (1, 0, 2))
    result = merged("l:\n" + "".join(lines), "l:\n" + ours, "l:\n" + theirs)
    assert result.content == ("l:\n" + marked(ours, theirs.replace("  -", "-"), LABELS)).encode()
    assert by_lines("l:\n" + "".join(lines), "l:\n" + ours, f"l: [{a}, {c}, {b}]\n").conflicts


def test_other_lists_are_merged_item_by_item() -> None:
    base = "q:\n  - one\n  - two\n  - three\n  - four\n"
    ours, theirs = base.replace("two", "2  # two"), base.replace("  - four\n", "").replace("three", "3")
    assert clean(base, ours, theirs) == "q:\n  - one\n  - 2  # two\n  - 3\n"


def test_items_that_both_added_at_one_place_are_all_taken_once() -> None:
    assert clean("q: [a]\n", "q: [a, x, y]\n", "q: [a, y, z]\n") == "q: [a, x, y, z]\n"
    assert clean("q:\n- a\n", "q:\n- a\n- x\n", "q:\n# why\n- a\n# z\n- z\n") == "q:\n# why\n- a\n- x\n# z\n- z\n"
    assert clean("q: []\n", "q: [x]\n", "q: [z]\n") == "q: [x, z]\n"


def test_items_that_both_changed_conflict() -> None:
    result = merged("q:\n- a\n- b\n", "q:\n- a\n", "q:\n- a\n- c\n")
    assert result == MergedFile(("q:\n- a\n" + marked("", "- c\n", LABELS)).encode(), (key("q", "b", None, "c"),))
    assert merged("q: [a, b]\n", "q: [a, x]\n", "q: [a, y]\n") == MergedFile(
        marked("q: [a, x]\n", "q: [a, y]\n", LABELS).encode(), (key("q[2]", "b", "x", "y"),)
    )
    assert merged("q: [a, b]\n", "q: [a]\n", "q: [a, c]\n") == MergedFile(
        marked("q: [a]\n", "q: [a, c]\n", LABELS).encode(), (key("q", "b", None, "c"),)
    )


def test_mappings_without_names_are_merged_by_their_place_while_they_are_as_many() -> None:
    base = "turns:\n- user: hello\n  expect: 1\n- user: bye\n  expect: 2\n"
    assert clean(base, base.replace("hello", "hi"), base.replace("expect: 1", "expect: 3")) == (
        "turns:\n- user: hi\n  expect: 3\n- user: bye\n  expect: 2\n"
    )
    result = merged(base, base + "- user: ours\n", base + "- user: theirs\n")
    assert result.conflicts == (key("turns", None, "user: ours", "user: theirs"),)


def test_a_prompt_is_merged_by_its_lines() -> None:
    base = "a: 1\nprompt: |\n  one\n  two\n\n  three\n  four\nb: 1\n"
    ours, theirs = base.replace("one", "ONE").replace("a: 1", "a: 2"), base.replace("two", "TWO\n    - more")
    assert clean(base, ours, theirs) == ("a: 2\nprompt: |\n  ONE\n  TWO\n    - more\n\n  three\n  four\nb: 1\n")
    theirs = theirs.replace("\n  ", "\n      ")
    assert "      TWO\n        - more\n\n      three" in theirs
    assert "  TWO\n    - more\n\n  three" in clean(base, ours, theirs)


def test_only_the_lines_of_a_prompt_that_both_changed_are_marked() -> None:
    base = "prompt: >-\n  one\n  two\n  three\n"
    result = merged(base, base.replace("two", "2"), base.replace("two", "zwei") + "  four\n")
    assert result.content is not None
    assert result.content.decode() == (
        "prompt: >-\n  one\n" + marked("  2\n", "  zwei\n", LABELS) + "  three\n  four\n"
    )
    assert [each.key for each in result.conflicts] == ["prompt"]
    last = merged(base, base.replace("three", "3"), base.replace("three", "drei"))
    assert last.content == ("prompt: >-\n  one\n  two\n" + marked("  3\n", "  drei\n", LABELS)).encode()


def test_the_empty_lines_of_a_prompt_can_conflict_too() -> None:
    base = "m: |\n  text\n\n  # h\nz: 1\n"
    result = merged(base, "m: |\n  text\nz: 1\n", "m: |\nz: 2\n")
    assert [each.key for each in result.conflicts] == ["m"]
    assert has_conflict_markers(result.content or b"")


def test_a_comment_about_an_item_stays_when_they_change_the_item() -> None:
    assert clean("l:\n- a\n- b\n", "l:\n- a\n# about b\n- b\n", "l:\n- a\n- c  # new\n") == (
        "l:\n- a\n# about b\n- c  # new\n"
    )


def test_a_text_in_quotes_is_merged_by_the_lines_that_it_means() -> None:
    assert clean('{"p": "one\\ntwo\\nthree"}', '{"p": "1\\ntwo\\nthree"}', '{"p": "one\\ntwo\\n3"}', "a.json") == (
        '{"p": "1\\ntwo\\n3"}'
    )
    assert len(merged('{"p": "1\\n2"}\n', '{"p": "3\\n2"}\n', '{"p": "4\\n2"}\n', "a.json").conflicts) == 1


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("p: |\n  a\n  b\n", "p: >\n  a\n  c\n", "p: |\n  d\n  b\n"),
        ("p: |\n  a\n  b\n", 'p: "a\\nc"\n', "p: |\n  d\n  b\n"),
        ("p: |\n  a\n   b\n", "p: |\n   b\n", "p: |\n  a\n   b\n  c\n"),
        ("p: one\n", "p: two\n", "p: |\n  a\n"),
        ("p: 1\n", "p: {a: 1}\n", "p: [1]\n"),
        ("p: {a: 1}\n", "p: x\n", "p: {a: 2}\n"),
    ],
)
def test_texts_and_values_of_different_kinds_conflict(base: str, ours: str, theirs: str) -> None:
    result = merged("x: 1\n" + base, "x: 1\n" + ours, "x: 2\n" + theirs)
    assert [each.key for each in result.conflicts] in (["p"], [])
    assert b"x: 2\n" in (result.content or b"")


def test_another_indent_on_their_side_becomes_ours() -> None:
    base = "v:\n  a: 1\n  l:\n  - 1\n"
    theirs = "v:\n      a: 1\n      l:\n          - 1\n      n:\n          # why\n          m:\n              - 2\n"
    assert clean(base, base.replace("a: 1", "a: 2"), theirs) == (
        "v:\n  a: 2\n  l:\n      - 1\n  n:\n      # why\n      m:\n          - 2\n"
    )
    assert clean("v:\n    a: 1\n", "v:\n    a: 2\n", "v:\n a: 1\n b:\n  c: |\n\n   x\n") == (
        "v:\n    a: 2\n    b:\n     c: |\n\n      x\n"
    )


def test_lines_and_brackets_take_each_others_keys() -> None:
    lines, brackets = "v:\n  a: 1\nl:\n  - 1\n", "v: {a: 1}\nl: [1]\n"
    ours, theirs = "v:\n  a: 2\nl:\n  - 1\n  - 2\n", "v: {a: 1, 'b c': [x, {z: 1}]}\nl: [1, z]\n"
    assert clean(lines, ours, theirs) == "v:\n  a: 2\n  b c:\n    - x\n    - z: 1\nl:\n  - 1\n  - 2\n  - z\n"
    ours, theirs = "v: {a: 2}\nl: [1, 2]\n", "v:\n  a: 1\n  b:\n    - x\nl:\n  - 1\n  - y\n"
    assert clean(brackets, ours, theirs) == 'v: {a: 2, "b": ["x"]}\nl: [1, 2, "y"]\n'
    assert by_lines(lines, ours, "v: {a: &a 1, b: *a}\nl: [1]\n").conflicts


def test_brackets_over_several_lines_stay_as_they_are() -> None:
    base = "l: [one, two,\n    three, # 3\n    four,\n]\n"
    assert clean(base, base.replace("one", "1"), base.replace("four,", "four, five,")) == (
        "l: [1, two,\n    three, # 3\n    four,five,\n]\n".replace("four,five", "four, five")
    )


def test_json_keeps_its_indent() -> None:
    base = '{\n\t"a": 1,\n\t"b": [],\n\t"c": {\n\t\t"d": 1\n\t}\n}\n'
    theirs = '{\n  "a": 1,\n  "b": [\n    1\n  ],\n  "c": {\n    "d": 1,\n    "e": {\n      "f": 1.50\n    }\n  }\n}\n'
    assert clean(base, base.replace('"a": 1', '"a": 2'), theirs, "a.json") == (
        '{\n\t"a": 2,\n\t"b": [\n\t\t1\n\t],\n\t"c": {\n\t\t"d": 1,\n\t\t"e": {\n\t\t\t"f": 1.50\n\t\t}\n\t}\n}\n'
    )
    one_line = '{"a": 1, "b": [], "c": {"d": 1}, "z": "ü"}\n'
    assert clean(base, base.replace('"a": 1', '"a": 2'), one_line, "a.json") == (
        base.replace('"a": 1', '"a": 2').replace("\t}\n}", '\t},\n\t"z": "ü"\n}')
    )
    assert clean(one_line, one_line.replace("1", "2", 1), base, "a.json") == one_line.replace("1", "2", 1).replace(
        ', "z": "ü"', ""
    )


def test_a_conflict_in_json_marks_whole_lines() -> None:
    base = '{\n  "a": 1,\n  "b": 2\n}\n'
    result = merged(base, '{\n  "a": 1\n}\n', base.replace("2", "3"), "a.json")
    assert result.conflicts == (key("b", "2", None, "3", "a.json"),)
    assert result.content == marked('{\n  "a": 1\n}\n', '{\n  "a": 1,\n  "b": 3\n}\n', LABELS).encode()


def test_line_ends_mark_and_last_line_stay_ours_unless_only_they_changed_them() -> None:
    def ends(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
        return merge(base, ours, theirs, path="a.yaml", labels=LABELS, merge_text=never).content

    assert ends(b"a: 1\r\nb: 1\r\n", b"a: 2\r\nb: 1\r\n", b"a: 1\nb: 3\n") == b"a: 2\nb: 3\n"
    assert ends(b"a: 1\nb: 1\n", b"a: 2\r\nb: 1\r\n", b"a: 1\nb: 3\n") == b"a: 2\r\nb: 3\r\n"
    assert ends(b"a: 1\r\nb: 1\r\n", b"a: 2\r\nb: 1\r\n", b"a: 1\r\nb: 3\r\n") == b"a: 2\r\nb: 3\r\n"
    assert ends(b"\xef\xbb\xbfa: 1\nb: 1\n", b"\xef\xbb\xbfa: 2\nb: 1\n", b"a: 1\nb: 3\n") == b"a: 2\nb: 3\n"
    assert ends(b"a: 1\nb: 1", b"a: 2\nb: 1", b"a: 1\nb: 3") == b"a: 2\nb: 3"
    assert ends(b"a: 1\nb: 1\n", b"a: 2\nb: 1", b"a: 1\nb: 3\nc: 1\n") == b"a: 2\nb: 3\nc: 1"
    assert ends(b"a: 1\nb: 1", b"a: 2\nb: 1", b"a: 1\nb: 1\nc: 3\n") == b"a: 2\nb: 1\nc: 3\n"


def test_a_file_that_both_added_is_merged_from_nothing() -> None:
    assert clean(None, "a: 1\nb: 1\n", "a: 1\nc: 1\n") == "a: 1\nb: 1\nc: 1\n"
    assert merged(None, "a: 1\nb: 1\n", "a: 2\n").conflicts == (key("a", None, "1", "2"),)


def test_first_lines_and_last_comments_are_merged_too() -> None:
    base = "# Licence\n\n---\n# a\na: 1\nb: 1\n# end\n"
    ours, theirs = (
        base.replace("a: 1", "a: 2").replace("# end", "# the end"),
        "%YAML 1.2\n" + base.replace("# end", "c: 1\n# end"),
    )
    assert clean(base, ours, theirs) == "%YAML 1.2\n" + ours.replace("# the end", "c: 1\n# the end")


def test_anchors_and_aliases_are_merged_as_they_are_written() -> None:
    base = "d: &d\n  x: 1\ne:\n  <<: *d\n  y: 1\nf: !!str 1\n"
    assert clean(base, base.replace("x: 1", "x: 2"), base.replace("y: 1", "y: 2\n  z: *d")) == (
        base.replace("x: 1", "x: 2").replace("y: 1", "y: 2\n  z: *d")
    )
    assert merged("a: &a 1\nb: 1\n", "a: &b 1\nb: 1\n", "a: &c 1\nb: 1\n").conflicts == (
        key("a", "&a 1", "&b 1", "&c 1"),
    )


def test_what_has_an_anchor_is_merged_inside() -> None:
    base = "a: &x\n  b: 1\n  c: 1\nd: &y {e: 1, f: 1}\ng: [*x, *y]\n"
    assert clean(base, base.replace(": 1\n  c", ": 2\n  c").replace("e: 1", "e: 2"), base.replace("1\nd", "3\nd")) == (
        base.replace(": 1\n  c", ": 2\n  c").replace("e: 1", "e: 2").replace("1\nd", "3\nd")
    )
    base = "a: &x\n  b: 1\n"
    conflicts = merged(base, base.replace("&x", "&z"), base.replace("b: 1", "b: 2")).conflicts
    assert [each.key for each in conflicts] == ["a"]


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("a: 1\n\n\n\nb: 1\n---\nc: 1\n", "a: 2\n\n\n\nb: 1\n---\nc: 1\n", "a: 1\n\n\n\nb: 2\n---\nc: 1\n"),
        ("a: 1\n\n\n\nb: 1\n", "a: 1\n\n\n\nb: [\n", "a: 2\n\n\n\nb: 1\n"),
        ("a: 1\n\n\n\na: 1\n", "a: 2\n\n\n\na: 1\n", "a: 1\n\n\n\na: 2\n"),
        ("? a\n: 1\n\n\n\nb: 1\n", "? a\n: 2\n\n\n\nb: 1\n", "? a\n: 1\n\n\n\nb: 2\n"),
        ("? [a]\n: 1\n\n\n\nb: 1\n", "? [a]\n: 2\n\n\n\nb: 1\n", "? [a]\n: 1\n\n\n\nb: 2\n"),
        ("l: [a: 1]\n\n\n\nb: 1\n", "l: [a: 2]\n\n\n\nb: 1\n", "l: [a: 1]\n\n\n\nb: 2\n"),
        ("1: 1\n\n\n\nb: 1\n", "1: 2\n\n\n\nb: 1\n", "1: 1\n\n\n\nb: 2\n"),
        ("a: 1\n\n\n\nb: 1\nc: |\n  x", "a: 2\n\n\n\nb: 1\nc: |\n  x", "a: 1\n\n\n\nb: 2\nc: |\n  x"),
        ("{? a : 1,\n\n\n\nb: 1}\n", "{? a : 2,\n\n\n\nb: 1}\n", "{? a : 1,\n\n\n\nb: 2}\n"),
    ],
)
def test_what_cannot_be_cut_along_its_keys_is_merged_by_line(base: str, ours: str, theirs: str) -> None:
    result = by_lines(base, ours, theirs)
    assert result.is_clean
    assert result.content not in (base.encode(), ours.encode(), theirs.encode())


def test_an_alias_whose_anchor_was_removed_is_no_clean_merge() -> None:
    base = "a: &a 1\nb: 1\nc: 1\n\n\nd: 1\n"
    result = by_lines(base, base.replace("a: &a 1\n", ""), base.replace("d: 1", "d: *a"))
    assert [each.kind for each in result.conflicts] == [ConflictKind.LINES]


def test_lists_and_texts_at_the_top_are_merged_too() -> None:
    assert clean("- a\n- b\n", "- a\n- b\n- c\n", "- z\n- b\n") == "- z\n- b\n- c\n"
    assert clean("one\n", "one # why\n", "two\n") == "two # why\n"
    assert merged("one\n", "two\n", "three\n") == MergedFile(
        marked("two\n", "three\n", LABELS).encode(), (key("", "one", "two", "three"),)
    )
    assert clean(None, "one\n", "'one'\n") == "one\n"


def test_a_key_that_looks_like_a_path_is_quoted_in_the_conflict() -> None:
    assert merged("a.b: 1\n", "a.b: 2\n", "a.b: 3\n").conflicts == (key('"a.b"', "1", "2", "3"),)


def test_the_key_after_a_dash_may_go_and_leave_its_comment_to_the_next() -> None:
    base = "l:\n- x: 1\n  # about y\n  y: 1\n- z: 1\n"
    assert clean(base, base.replace("y: 1", "y: 2"), "l:\n- y: 1\n- z: 1\n") == "l:\n- y: 2\n- z: 1\n".replace(
        "- y", "- \n  # about y\n  y"
    )
    ours, theirs = base.replace("x: 1", "x: 2"), "l:\n- y: 1\n- z: 1\n"
    assert merged(base, ours, theirs).conflicts == (key("l[1].x", "1", "2", None),)
    shown = marked("- x: 2\n  # about y\n  y: 1\n", "- \n  # about y\n  y: 1\n", LABELS)
    assert merged(base, ours, theirs).content == f"l:\n{shown}- z: 1\n".encode()


@pytest.mark.parametrize(
    ("base", "full", "empty", "key_path"),
    [
        ("a:\n  - x\n", "a:\n  - y\n", "a: []\n", "a"),
        ("a: # why\n  b: 1\n", "a: # why\n  b: 2\n", "a: {}\n", "a.b"),
        ("l:\n- - x\n", "l:\n- - y\n", "l:\n- []\n", "l[1]"),
        ("l:\n- a: 1\n", "l:\n- a: 2\n", "l:\n- {}\n", "l[1].a"),
        ("a: 1\n", "a: 2\n", "{}\n", "a"),
        ("- a\n", "- b\n", "[]\n", ""),
    ],
)
def test_what_one_side_emptied_and_the_other_changed_is_a_conflict_of_that_key(
    base: str, full: str, empty: str, key_path: str
) -> None:
    for ours, theirs in ((full, empty), (empty, full)):
        assert [each.key for each in merged(base, ours, theirs).conflicts] == [key_path]
    top = "l:\n" if full.startswith("l:") else ""
    shown = top + marked(full.removeprefix(top), empty.removeprefix(top), LABELS)
    assert merged(base, full, empty).content == shown.encode()


def test_a_text_with_nothing_in_it_is_merged_by_line() -> None:
    assert by_lines("a: 1\n", "\n", "# nothing\n").conflicts


def test_everything_removed_by_both_is_merged_by_line() -> None:
    result = by_lines("a: 1\nb: 1\nc: 1\nd: 1\n", "a: 1\n", "d: 1\n")
    assert result.content is not None
