"""Definitions: names that are given in one place and used in another."""

from __future__ import annotations

from support.checking import lines

from gitagent.config import yaml
from gitagent.config.documents import Document
from gitagent.config.native.definitions import Definitions


def topic(name: str, path: str = "topics/a.yaml") -> Document:
    return yaml.parse(f"name: {name}\n".encode(), path)


def defined(*names: str) -> Definitions:
    definitions = Definitions("topic")
    for number, name in enumerate(names):
        assert list(definitions.define(topic(name, f"topics/{number}.yaml"), ("name",))) == []
    return definitions


def test_names_are_kept_as_they_are_written() -> None:
    definitions = defined("Opening hours", "parking")

    assert definitions.known == ["Opening hours", "parking"]
    assert definitions.whole


def test_a_name_is_given_once() -> None:
    definitions = defined("hours")

    problems = list(definitions.define(topic("Hours", "topics/b.yaml"), ("name",)))

    assert lines(problems) == [
        "topics/b.yaml:1:7: duplicate-name: the topic 'Hours' is defined twice, first in topics/0.yaml:1:7"
        " -> Give each a name of its own."
    ]


def test_a_name_that_is_given_twice_is_known_either_way() -> None:
    definitions = defined("hours")
    list(definitions.define(topic("Hours"), ("name",)))

    assert list(definitions.refer(topic("hours"), ("name",))) == []
    assert list(definitions.refer(topic("Hours"), ("name",))) == []


def test_a_name_that_is_known_may_be_used() -> None:
    assert list(defined("hours").refer(topic("hours"), ("name",))) == []


def test_names_are_used_as_they_were_given_capitals_included() -> None:
    assert lines(list(defined("Hours").refer(topic("hours"), ("name",)))) == [
        "topics/a.yaml:1:7: unknown-topic: there is no topic 'hours' -> Did you mean 'Hours'?"
    ]


def test_at_most_ten_names_are_listed() -> None:
    names = [f"{letter}{letter}" for letter in "abcdefghijklm"]

    (problem,) = defined(*names).refer(topic("zzzz"), ("name",))

    assert problem.hint == "There is: " + ", ".join(f"'{name}'" for name in names[:10]) + "."


def test_a_key_may_be_a_name() -> None:
    document = yaml.parse(b"fixtures:\n  hourz: 1\n", "tests/a.yaml")

    assert lines(list(defined("hours").refer(document, ("fixtures", "hourz"), name="hourz"))) == [
        "tests/a.yaml:2:3: unknown-topic: there is no topic 'hourz' -> Did you mean 'hours'?"
    ]


def test_what_has_no_name_makes_every_name_possible() -> None:
    definitions = defined("hours")

    assert list(definitions.define(topic("5"), ("name",))) == []
    assert not definitions.whole
    assert list(definitions.refer(topic("anything"), ("name",))) == []


def test_what_is_no_text_refers_to_nothing() -> None:
    assert list(defined("hours").refer(topic("[1]"), ("name",))) == []
    assert list(defined("hours").refer(topic("''"), ("name",))) == []
