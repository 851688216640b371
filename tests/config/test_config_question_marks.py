"""Question marks inside brackets and braces: part of the text, although the parser in C takes them for its end."""

from __future__ import annotations

import pytest
from support.checking import lines, told

from gitagent.config import yaml
from gitagent.config.documents import Document


@pytest.fixture(params=["in C", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "pure":
        monkeypatch.setattr(yaml, "_c_parser", lambda: None)
    name: str = request.param
    return name


def parse(text: str) -> Document:
    return yaml.parse(text.encode(), "a.yaml")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[When are you open?, Do you have parking?]", ["When are you open?", "Do you have parking?"]),
        ("[When are you open?]", ["When are you open?"]),
        ("[a?b, 12?, What??, Really!?, (any)?]", ["a?b", "12?", "What??", "Really!?", "(any)?"]),
        ("[Vous ouvrez ?, Et\N{NO-BREAK SPACE}?]", ["Vous ouvrez ?", "Et\N{NO-BREAK SPACE}?"]),
        ("[one?\n  two?, three]", ["one? two?", "three"]),
        ("{a?: b?, c: 'd?', e: \"f?\"}", {"a?": "b?", "c": "d?", "e": "f?"}),
        ("[x?, &a y?, *a]", ["x?", "y?", "y?"]),
        ("[? a, b?]", [{"a": None}, "b?"]),
        ("[? a? , b]", [{"a?": None}, "b"]),
        ("a: [x?] # why?\nb: |\n  ok?\n? k\n: v?", {"a": ["x?"], "b": "ok?\n", "k": "v?"}),
        ("{a: [{b: [c?]}]}", {"a": [{"b": ["c?"]}]}),
    ],
)
def test_a_question_mark_belongs_to_its_text(text: str, value: object) -> None:
    document = parse(text)

    assert (document.value, document.problems) == (value, ())


def test_places_are_those_of_the_file() -> None:
    document = parse("a: [é?, bé? c, 1,\n  d?]\n")

    assert [document.place(("a", number)) for number in range(4)] == [(1, 5), (1, 9), (1, 16), (2, 3)]
    assert document.text == "a: [é?, bé? c, 1,\n  d?]\n"


def test_the_other_problems_of_the_file_are_told_once() -> None:
    assert lines(list(parse("a: [x?, {b: 1, b: 2}]\na: 3\n").problems)) == [
        "a.yaml:1:16: duplicate-key: the key 'b' is given twice, first in line 1 -> Keep one of the two.",
        "a.yaml:2:1: duplicate-key: the key 'a' is given twice, first in line 1 -> Keep one of the two.",
    ]


@pytest.mark.parametrize("text", ["[a?", "[x?, y", '["a"? b, x?]', "[x?, a: ? b]", "[?? a]", '[x?, "\\?"]', "{a?: [b}"])
def test_what_is_no_yaml_stays_refused(text: str) -> None:
    document = parse(text)

    assert not document.complete
    assert [problem.code for problem in document.problems] == ["yaml-syntax"]


def test_a_file_with_the_private_character_that_stands_in_is_refused_by_the_parser_in_c(parser: str) -> None:
    document = parse("[a?, \ue000]")

    assert document.value == (None if parser == "in C" else ["a?", "\ue000"])


def test_a_file_with_a_tag_that_holds_a_question_mark_is_refused() -> None:
    assert {problem.code for problem in parse("[!a? b, c?]").problems} <= {"yaml-syntax", "tag-refused"}
    assert parse("[!a? b, c?]").problems


def test_example_queries_may_stand_in_brackets() -> None:
    topic = "name: Hours\nexample_queries: [When are you open?, Do you have parking?]\n"

    assert told({"agent.yaml": "name: A\n", "topics/hours.yaml": topic}) == []
