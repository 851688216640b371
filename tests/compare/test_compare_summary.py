"""The short form of a comparison: a few words, safe to print."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from compare.trees import Contents, Tree, between, edited_trees, file
from gitagent.agent.compare.summary import shown
from gitagent.config.files import FileKind

OLD: Contents = {
    "agent.yaml": "voice: {speed: 1.0}\ngreeting: Hello, you have reached the Harbour Table\nmodel: a\n",
    "prompt.md": "one\ntwo\n",
    "topics/menu.yaml": "name: menu # the menu\n",
    "broken.yaml": "a: [\n",
    "logo.png": b"\0\1",
    "run.sh": "ls\n",
    "gone.md": "bye\n",
}
NEW: Contents = {
    "agent.yaml": "voice: {speed: 1.2}\ngreeting: Good evening, you have reached the Harbour Table\nlanguage: en\n",
    "prompt.md": "one\nthree\nfour\n",
    "topics/menu.yaml": "name: menu\n",
    "broken.yaml": "a: {\n",
    "logo.png": b"\0\1\2",
    "run.sh": file("ls\n", FileKind.EXECUTABLE),
    "topics/hours.yaml": "name: hours\n",
}


def test_a_line_for_each_file() -> None:
    assert between(OLD, NEW).summary_lines == (
        "agent.yaml: voice.speed 1.0 → 1.2, greeting, language added, model removed",
        "broken.yaml: +1 -1 lines",
        "gone.md deleted",
        "logo.png: binary, 2 → 3 bytes",
        "prompt.md: +2 -1 lines",
        "run.sh: now executable",
        "topics/hours.yaml added",
        "topics/menu.yaml: only comments and layout changed",
    )


def test_all_on_one_line() -> None:
    old = {"agent.yaml": "voice: {speed: 1.0}\n"}
    new = {"agent.yaml": "voice: {speed: 1.2}\n", "topics/hours.yaml": "name: hours\n"}

    assert between(old, new).summary == "2 files: agent.yaml (voice.speed 1.0 → 1.2), topics/hours.yaml added"
    assert between({}, {"a.md": "a\n"}).summary == "1 file: a.md added"


def test_many_files_and_many_keys_are_counted() -> None:
    old = {"agent.yaml": "".join(f"k{number}: 1\n" for number in range(7))}
    new = {"agent.yaml": "".join(f"k{number}: 2\n" for number in range(7))} | {f"t{n}.md": "a\n" for n in range(9)}

    comparison = between(old, new)

    assert comparison.summary_lines[0] == "agent.yaml: k0 1 → 2, k1 1 → 2, k2 1 → 2, k3 1 → 2, and 3 more"
    assert comparison.summary_lines[-1] == "… and 2 more files"
    assert comparison.summary.endswith("t6.md added, and 2 more")


def test_a_renamed_file_is_told_with_both_paths() -> None:
    content = "name: parking\ncontent: behind the house, free for all guests\n"

    assert between({"a.yaml": content}, {"b.yaml": content + "x: 1\n"}).summary == "1 file: a.yaml → b.yaml (x added)"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_trees())
def test_nothing_of_a_file_steers_the_terminal(pair: tuple[Tree, Tree]) -> None:
    comparison = between(*pair)

    text = comparison.summary + "".join(comparison.summary_lines)
    assert "\x1b" not in text
    assert "\n" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Hello", '"Hello"'),
        ("a\nb\x1b", '"a\\nb\\u001b"'),
        (1.0, "1.0"),
        (True, "true"),
        (None, "null"),
        (["a", 1], '["a", 1]'),
        ({"a": "é"}, '{"a": "é"}'),
        ("\u202e", '"<U+202E>"'),
    ],
)
def test_a_value_is_shown_on_one_line(value: object, text: str) -> None:
    assert shown(value) == text
