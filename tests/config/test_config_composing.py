"""Composing in memory: what strict reading refuses, what reading other people's files lets be, and where things are."""

from __future__ import annotations

import pytest

from gitagent.config import yaml
from gitagent.config.problems import MOST_PROBLEMS
from gitagent.config.secrets import secrets_in_document, secrets_in_text


def codes(text: str) -> tuple[list[str], list[str]]:
    """What is wrong with an agent's own file, and with somebody else's that says the same."""
    own = yaml.parse(text.encode(), "agent.yaml").problems
    return [each.code for each in own], [each.code for each in yaml.check(text.encode(), "other.yaml")]


@pytest.mark.parametrize(
    ("text", "own", "other"),
    [
        ("a: 1\n", [], []),
        ("a: 1\n---\nb: 1\n", ["several-documents"], []),
        ("a: !mine 1\n", ["tag-refused"], []),
        ("a: !!str 1\nb: !!int 2\nc: !!map {}\n", [], []),
        ("1: a\n", ["key-not-text"], []),
        ("? [a]\n: 1\n", ["key-not-text"], []),
        ("x: &x [1]\n? *x\n: 1\n", ["key-not-text"], []),
        ("x: &x k\n*x : 1\n", [], []),
        ("a: {<<: 1}\n", ["bad-merge"], []),
        ("a: {<<: [{b: 1}, 2]}\n", ["bad-merge"], []),
        ("a: 1\na: 2\n", ["duplicate-key"], ["duplicate-key"]),
        ("a: *x\n", ["unknown-anchor"], ["unknown-anchor"]),
        ("a: &x [*x]\n", ["alias-loop"], ["alias-loop"]),
        ("a: &x 1\n---\na: *x\n", ["several-documents"], ["unknown-anchor"]),
        ("a: [\n", ["yaml-syntax"], ["yaml-syntax"]),
        ("a: " + "[" * 101 + "]" * 101 + "\n", ["too-deep"], ["too-deep"]),
    ],
)
def test_an_own_file_is_read_strictly_and_another_as_it_likes(text: str, own: list[str], other: list[str]) -> None:
    assert codes(text) == (own, other)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", {"a": {"b": 1, "c": 2}, "d": {"c": 3, "b": 1}}),
        ("a: {<<: [{b: 1}, {b: 2, c: 2}]}\n", {"a": {"b": 1, "c": 2}}),
        ("a: {'<<': 1}\n", {"a": {"<<": 1}}),
        ("a: !!str 1\nb: !!str\n", {"a": "1", "b": ""}),
        ("a: &x [1]\nb: [*x, *x]\n", {"a": [1], "b": [[1], [1]]}),
        ("x: &x k\n*x : 1\n", {"x": "k", "k": 1}),
        ("&k a: 1\nb: *k\n", {"a": 1, "b": "a"}),
        ("a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
    ],
)
def test_merges_aliases_and_tags_are_what_they_stand_for(text: str, value: object) -> None:
    document = yaml.parse(text.encode(), "agent.yaml")
    assert (document.value, document.problems) == (value, ())


def test_what_an_alias_stands_for_is_made_once() -> None:
    value = yaml.parse(b"a: &x {b: 1}\nc: *x\n", "agent.yaml").value
    assert isinstance(value, dict)
    assert value["a"] is value["c"]


def test_a_duplicate_names_the_line_of_the_first() -> None:
    problems = yaml.parse(b"a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", "agent.yaml").problems
    assert [(each.line, each.column, each.message) for each in problems] == [
        (4, 3, "the key 'c' is given twice, first in line 3"),
        (5, 1, "the key 'a' is given twice, first in line 1"),
    ]


def test_nobody_is_told_of_more_problems_than_can_be_read() -> None:
    problems = yaml.parse(b"a: 1\n" * (MOST_PROBLEMS + 50), "agent.yaml").problems
    assert len(problems) == MOST_PROBLEMS + 1


def test_of_a_file_that_cannot_be_read_there_is_no_value() -> None:
    document = yaml.parse(b"a: 1\nb: [\n", "agent.yaml")
    assert (document.value, document.complete, document.spots) == (None, False, {})


def test_a_made_up_key_of_the_right_shape_does_not_hide_the_real_one_behind_it() -> None:
    real = "ghp_" + "a1" * 18
    text = f"ghp_{'x' * 36} {real}"
    assert [(each.line, each.column) for each in secrets_in_text(text, "a.txt")] == [(1, 42)]


def test_one_line_is_told_once_however_many_secrets_its_keys_name() -> None:
    shaped, opaque = "ghp_" + "a1" * 18, "9f8e7d6c5b4a3f2e1d"
    document = yaml.parse(f"t: {{token: {shaped}, secret: {opaque}}}\nsecret: {opaque}\n".encode(), "a.yaml")
    assert [(each.line, each.message) for each in secrets_in_document(document)] == [
        (1, "this looks like a GitHub token"),
        (2, "the value of 'secret' looks like a secret"),
    ]
