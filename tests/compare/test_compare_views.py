"""The views of a comparison on a terminal, as a whole and to the letter."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings

from compare.trees import Contents, Tree, between, edited_trees, file
from gitagent.cli.compare_views import headings, keytable, sides
from gitagent.cli.compare_views import unified as unified_view
from gitagent.cli.compare_views.cells import width_of
from gitagent.cli.compare_views.keytable import keys
from gitagent.cli.compare_views.sides import side_by_side
from gitagent.cli.compare_views.unified import unified
from gitagent.config.files import FileKind

MIDDLE = "".join(f"k{number}: {number}\n" for number in range(9))
OLD: Contents = {
    "agent.yaml": f"name: desk\n{MIDDLE}speed: 1.0\nlanguage: en\ntail: x\n",
    "gone.md": "bye\n",
    "same.md": "same\n",
}
NEW: Contents = {
    "agent.yaml": f'name: desk\n{MIDDLE}speed: 1.2\ntail: x\nextra: "it costs ten pounds a head"\n',
    "hours.yaml": "name: hours\n",
    "same.md": "same",
}
HOSTILE: tuple[Contents, Contents] = (
    {"a\x1b[2J.yaml": "name: a\n", "b.md": "fine\n"},
    {"a\x1b[2J.yaml": "name: \u202eb\n", "b.md": "\x1b]0;title\x07\x9b31m\r\u2066\n"},
)
RED, GREEN, FAINT, BOLD, END = "\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


def told(text: str) -> str:
    return dedent(text).lstrip("\n")


def test_side_by_side() -> None:
    assert side_by_side(between(OLD, NEW), width=80, color=False) == told(
        """
        v3 → v7  4 files changed, 3 lines added, 3 removed

        ── agent.yaml ── modified +2 -2 ────────────────────────────────────────────────
              v3                               │       v7
            … 7 unchanged lines
          8   k6: 6                            │   8   k6: 6
          9   k7: 7                            │   9   k7: 7
         10   k8: 8                            │  10   k8: 8
         11 - speed: 1.0                       │  11 + speed: 1.2
                     ^^^                       │              ^^^
         12 - language: en                     │
         13   tail: x                          │  12   tail: x
                                               │  13 + extra: "it costs ten pounds a
                                               │     + head"

        ── gone.md ── deleted -1 ───────────────────────────────────────────────────────
          1 - bye

        ── hours.yaml ── added +1 ──────────────────────────────────────────────────────
          1 + name: hours

        ── same.md ── modified ─────────────────────────────────────────────────────────
          ! line break at the end of the file removed
        """
    )


def test_side_by_side_in_colour() -> None:
    shown = side_by_side(between({"a.md": "speed: 1.0\n"}, {"a.md": "speed: 1.2\n"}), width=80, color=True)

    assert shown.splitlines()[-1] == (
        f"{FAINT}  1 {END}{RED}- {END}{RED}speed: {END}\x1b[31;7m1.0{END}{' ' * 22}"
        f"{FAINT} │ {END}"
        f"{FAINT}  1 {END}{GREEN}+ {END}{GREEN}speed: {END}\x1b[32;7m1.2{END}"
    )
    assert shown.startswith(f"{BOLD}v3 → v7{END}  1 file changed, 1 line added, 1 removed\n")


def test_side_by_side_measures_what_is_wider_than_a_letter() -> None:
    shown = side_by_side(
        between({"a.md": "漢字 1\ne\u0301 👩‍🍳\n"}, {"a.md": "漢字 2\ne\u0301 👩‍🍳\n"}), width=80, color=False
    )

    assert shown.splitlines()[4:] == [
        "  1 - 漢字 1                           │   1 + 漢字 2",
        "           ^                           │            ^",
        "  2   e\u0301 👩‍🍳                             │   2   e\u0301 👩‍🍳",
    ]


def test_side_by_side_points_below_a_line_whose_other_side_has_nothing_to_point_at() -> None:
    shown = side_by_side(between({"a.md": "one two\n"}, {"a.md": "one two three\n"}), width=80, color=False)

    assert shown.splitlines()[-2:] == [
        "  1 - one two                          │   1 + one two three",
        f"{' ' * 39}│ {' ' * 13}^^^^^^",
    ]


def test_side_by_side_below_80_columns_is_the_unified_view() -> None:
    assert side_by_side(between(OLD, NEW), width=30, color=False) == told(
        """
        v3 → v7  4 files changed, 3 lines added, 3 removed

        diff --git a/agent.yaml b/agent.yaml
        index e6668ff..216bff2 100644
        --- a/agent.yaml
        +++ b/agent.yaml
        @@ -8,6 +8,6 @@
         k6: 6
         k7: 7
         k8: 8
        -speed: 1.0
        -language: en
        +speed: 1.2
         tail: x
        +extra: "it costs ten pounds\x20
         a head"

        diff --git a/gone.md b/gone.md
        deleted file mode 100644
        index b023018..0000000
        --- a/gone.md
        +++ /dev/null
        @@ -1 +0,0 @@
        -bye

        diff --git a/hours.yaml b/hours.yaml
        new file mode 100644
        index 0000000..b44e0df
        --- /dev/null
        +++ b/hours.yaml
        @@ -0,0 +1 @@
        +name: hours

        # line break at the end of the file removed
        diff --git a/same.md b/same.md
        index 1275430..5a66c00 100644
        """
    )


def test_unified_in_colour() -> None:
    shown = unified(between({"a b.md": "one 1\nrest"}, {"a b.md": "one 2\nrest"}), color=True)

    assert shown.splitlines() == [
        f"{BOLD}diff --git a/a b.md b/a b.md{END}",
        f"{BOLD}index d66d175..b4683bd 100644{END}",
        f"{BOLD}--- a/a b.md{END}\t",
        f"{BOLD}+++ b/a b.md{END}\t",
        f"\x1b[36m@@ -1,2 +1,2 @@{END}",
        f"{RED}-{END}{RED}one {END}\x1b[31;7m1{END}",
        f"{GREEN}+{END}{GREEN}one {END}\x1b[32;7m2{END}",
        " rest",
        "\\ No newline at end of file",
    ]


def test_unified_says_which_side_does_not_end_with_a_line_break() -> None:
    shown = unified(between({"a": "one\ntwo"}, {"a": "one\nthree\n"}), color=False)

    assert shown.splitlines()[6:] == [
        " one",
        "-two",
        "\\ No newline at end of file",
        "+three",
    ]


def test_unified_tells_a_file_that_became_a_link_in_two_parts() -> None:
    shown = unified(between({"a": "x\n"}, {"a": file("b", FileKind.LINK)}), color=False)

    assert [line for line in shown.splitlines() if "mode" in line or line.startswith("#")] == [
        "# file → symbolic link",
        "deleted file mode 100644",
        "new file mode 120000",
    ]


def test_keys() -> None:
    old = {
        "agent.yaml": "speed: 1.0\ndesks: [{name: a}, {name: b}]\nprompt: |\n  one\n  two\n"
        "gone: {a: 1}\nend: |\n  a\n  b\n",
        "menu.yaml": "name: menu\n",
        "prompt.md": "one\n",
        "broken.yaml": "a: [\n",
    }
    new = {
        "agent.yaml": "speed: 1.2\ndesks: [{name: b}, {name: a}, {name: c, line: 1}]\nprompt: |\n  one\n  too\n"
        "end: |-\n  a\n  b\n",
        "menu.yaml": "name: menu # the menu\n",
        "prompt.md": "two\n",
        "broken.yaml": "a: 1\n",
    }

    assert keys(between(old, new), width=60, color=False) == told(
        """
        v3 → v7  4 files changed, 7 lines added, 8 removed

        agent.yaml  modified +4 -5
          ~ speed  1.0 → 1.2
          > desks[b]  place 2 → place 1
          + desks[c]
              + name: c
              + line: 1
          ~ prompt
              - two
              + too
          ~ end
              the line break at its end was removed
          - gone
              - a: 1

        broken.yaml  modified +1 -1
          ! compared by lines alone: broken.yaml:2:1: yaml-syntax: did not find expected node content
          - a: [
          + a: 1

        menu.yaml  modified +1 -1
          ! only comments and layout changed

        prompt.md  modified +1 -1
          - one
          + two
        """
    )


def test_keys_wrap_long_values_below_their_key() -> None:
    old = {"a.yaml": "greeting: Good morning, you have reached the Harbour Table\n"}
    new = {"a.yaml": "greeting: Good evening, you have reached the Harbour Table\n"}

    assert keys(between(old, new), width=40, color=False).splitlines()[3:] == [
        "  ~ greeting",
        '      - "Good morning, you have reached',
        '      - the Harbour Table"',
        '      + "Good evening, you have reached',
        '      + the Harbour Table"',
    ]


def test_keys_in_colour() -> None:
    shown = keys(between({"a.yaml": "a: 1\n"}, {"a.yaml": "a: 2\n"}), width=80, color=True)

    assert shown.splitlines()[-1] == f"  \x1b[33m~{END} {BOLD}a{END}  {RED}1{END} → {GREEN}2{END}"


@pytest.mark.parametrize("width", [60, 80, 160])
def test_every_view_says_when_nothing_differs(width: int) -> None:
    same = between({"a": "a\n"}, {"a": "a\n"})
    said = "No differences between v3 and v7.\n"

    assert side_by_side(same, width=width, color=True) == said
    assert keys(same, width=width, color=False) == said
    assert unified(same, color=False) == said


def every_view(old: Contents, new: Contents) -> str:
    found = between(old, new)
    wide, narrow = side_by_side(found, width=100, color=False), side_by_side(found, width=60, color=False)
    return wide + narrow + keys(found, width=80, color=False) + unified(found, color=False)


def is_harmless(text: str) -> bool:
    return all(character.isprintable() or character in "\n\t\u200d\u200c\u3000" for character in text)


def test_no_escape_of_a_file_or_its_name_passes() -> None:
    shown = every_view(*HOSTILE)

    assert is_harmless(shown)
    assert "␛]0;title␇<U+009B>31m␍<U+2066>" in shown
    assert '"a/a\\033[2J.yaml"' in shown


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_trees())
def test_whatever_the_files_hold_the_views_are_harmless_and_fit(pair: tuple[Tree, Tree]) -> None:
    assert is_harmless(every_view(*pair))
    wide = side_by_side(between(*pair), width=90, color=False)
    assert all(width_of(line) <= 90 for line in wide.splitlines() if not line.startswith("  ! "))


def test_colours_are_the_only_escapes() -> None:
    shown = side_by_side(between(*HOSTILE), width=100, color=True)
    for style in ("1", "2", "31", "32", "33", "36", "31;7", "32;7", "0"):
        shown = shown.replace(f"\x1b[{style}m", "")

    assert is_harmless(shown)


def test_very_many_rows_are_left_out_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "MOST_ROWS", 3)
    monkeypatch.setattr(unified_view, "_MOST_LINES", 4)
    monkeypatch.setattr(keytable, "_MOST_LINES", 2)
    found = between({}, {"a.yaml": "".join(f"k{number}: 1\n" for number in range(9))})

    assert side_by_side(found, width=80, color=False).splitlines()[-2:] == ["  3 + k2: 1", headings.LEFT_OUT]
    assert unified(found, color=False).splitlines()[-2:] == ["+k0: 1", headings.LEFT_OUT]
    assert keys(found, width=80, color=False).splitlines()[-2:] == ["  + k1  1", headings.LEFT_OUT]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({}, {"a": "1\n"}, "1 file changed, 1 line added"),
        ({"a": "1\n"}, {}, "1 file changed, 1 line removed"),
        ({"a": "1\n2\n"}, {}, "1 file changed, 2 lines removed"),
        ({"a": b"\0"}, {"a": b"\0\0"}, "1 file changed"),
    ],
)
def test_totals(old: Contents, new: Contents, said: str) -> None:
    assert headings.totals(between(old, new)) == said


def test_a_renamed_file_is_headed_with_both_paths() -> None:
    shown = side_by_side(between({"a.md": "one\ntwo\n"}, {"b.md": "one\ntwo\n"}), width=80, color=False)

    assert shown.splitlines()[2:] == [
        "── a.md → b.md ── renamed ──────────────────────────────────────────────────────"
    ]


def test_plain_ascii_without_colour_takes_no_rich() -> None:
    program = (
        "import sys; from gitagent.agent.compare import compare; from gitagent.config.files import MemoryFile;"
        "from gitagent.cli.compare_views.sides import side_by_side;"
        "from gitagent.cli.compare_views.keytable import keys;"
        "old, new = {'a.json': MemoryFile(b'[1]')}, {'a.json': MemoryFile(b'[2]')};"
        "found = compare(old, new, old_label='a', new_label='b');"
        "side_by_side(found, width=100, color=False); keys(found, width=100, color=True);"
        "sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
