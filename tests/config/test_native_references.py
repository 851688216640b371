"""References: `${variable}` and `${env:NAME}`, wherever they stand in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import lines

from gitagent.config import yaml
from gitagent.config.native.references import (
    is_reference,
    is_variable_name,
    references_in_document,
    references_in_text,
)

SHAPES = "Write ${name} for a variable, ${env:NAME} for a secret, and $${ for the characters themselves."


def told(text: str, *variables: str) -> list[str]:
    return lines(list(references_in_text(text, "p.md", variables)))


@pytest.mark.parametrize("name", ["a", "A1", "_x", "opening_hours"])
def test_a_variable_has_the_name_of_one(name: str) -> None:
    assert is_variable_name(name)


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a b", "é", "a.b", "a\n"])
def test_other_names_are_no_variables(name: str) -> None:
    assert not is_variable_name(name)


@pytest.mark.parametrize("text", ["${a}", "${env:NAME}", "${}"])
def test_a_text_may_be_one_reference(text: str) -> None:
    assert is_reference(text)


@pytest.mark.parametrize("text", ["", "a", "${a", "$a", "x${a}", "${a}x", "${a}${b}", "$${a}"])
def test_a_text_may_be_more_or_less_than_one_reference(text: str) -> None:
    assert not is_reference(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no reference at all",
        "${a} and ${b}",
        "${env:KEY} ${env:_key2}",
        "$${unknown} is how to write it",
        "$5, {a}, $a and ${",
        "${never\nclosed}",
    ],
)
def test_what_is_known_or_no_reference_is_let_be(text: str) -> None:
    assert told(text, "a", "b") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "hello ${nme}",
            "warning: p.md:1:7: unknown-variable: there is no variable 'nme' -> Did you mean 'name'?",
        ),
        (
            "${xyz}",
            "warning: p.md:1:1: unknown-variable: there is no variable 'xyz' -> Add it to 'variables' in agent.yaml.",
        ),
        ("one\r\ntwo ${}", f"warning: p.md:2:5: bad-reference: '${{}}' is not a reference -> {SHAPES}"),
        ("${a.b}", f"warning: p.md:1:1: bad-reference: '${{a.b}}' is not a reference -> {SHAPES}"),
        (
            "${env:A-B}",
            "p.md:1:1: bad-reference: '${env:A-B}' names no environment variable"
            " -> Write ${env:NAME}: letters, digits and _ after the colon.",
        ),
        (
            "${ENV:A}",
            f"warning: p.md:1:1: bad-reference: '${{ENV:A}}' is not a reference -> {SHAPES}",
        ),
    ],
)
def test_what_is_neither_is_told(text: str, expected: str) -> None:
    assert told(text, "name") == [expected]


def test_the_same_reference_is_told_where_it_stands_first() -> None:
    assert [line.split(": ")[1] for line in told("a ${x}\n${x} ${x}\n${y}", "z")] == [
        "p.md:1:3",
        "p.md:3:1",
    ]


def test_references_are_found_in_every_text_inside_a_value() -> None:
    document = yaml.parse(b"a:\n  b: [x, '${p}']\n  c: {d: '${q} ${r}'}\nother: ${s}\n", "a.yaml")

    found = lines(list(references_in_document(document, ("a",), ["r"])))

    assert [line.split(" ->")[0] for line in found] == [
        "warning: a.yaml:2:11: unknown-variable: there is no variable 'p'",
        "warning: a.yaml:3:11: unknown-variable: there is no variable 'q'",
    ]


@given(st.text("${}env:aB_ 1\n", max_size=40))
def test_no_text_is_too_odd(text: str) -> None:
    assert all(line.startswith(("p.md:", "warning: p.md:")) for line in told(text, "a"))
