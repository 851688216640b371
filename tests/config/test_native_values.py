"""Values: what a document holds at a place, whatever else stands there instead."""

from __future__ import annotations

import pytest

from gitagent.config import yaml
from gitagent.config.documents import Path
from gitagent.config.native.values import items_at, pairs_at, text_at, texts_in, value_at

DOCUMENT = yaml.parse(b"a: {b: [x, {c: y}, 5], d: ''}\ne:\nf: true\n", "a.yaml")


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ((), {"a": {"b": ["x", {"c": "y"}, 5], "d": ""}, "e": None, "f": True}),
        (("a", "b", 0), "x"),
        (("a", "b", 1, "c"), "y"),
        (("a", "b", 2), 5),
        (("a", "b", 3), None),
        (("a", "b", "c"), None),
        (("a", 0), None),
        (("a", "b", 0, "deeper"), None),
        (("e",), None),
        (("nothing",), None),
    ],
)
def test_a_value_is_there_or_it_is_none(at: Path, value: object) -> None:
    assert value_at(DOCUMENT, at) == value


@pytest.mark.parametrize(
    ("at", "text"),
    [(("a", "b", 0), "x"), (("a", "d"), None), (("a", "b", 2), None), (("e",), None), (("f",), None)],
)
def test_a_text_is_there_if_it_is_one_and_holds_something(at: Path, text: str | None) -> None:
    assert text_at(DOCUMENT, at) == text


def test_items_come_with_their_places() -> None:
    assert list(items_at(DOCUMENT, ("a", "b"))) == [
        (("a", "b", 0), "x"),
        (("a", "b", 1), {"c": "y"}),
        (("a", "b", 2), 5),
    ]


@pytest.mark.parametrize("at", [("a",), ("e",), ("f",), ("nothing",)])
def test_what_is_no_list_has_no_items(at: Path) -> None:
    assert list(items_at(DOCUMENT, at)) == []


def test_pairs_come_with_their_places() -> None:
    assert list(pairs_at(DOCUMENT, ("a", "b", 1))) == [(("a", "b", 1, "c"), "c", "y")]


@pytest.mark.parametrize("at", [("a", "b"), ("e",), ("f",), ("nothing",)])
def test_what_is_no_mapping_has_no_pairs(at: Path) -> None:
    assert list(pairs_at(DOCUMENT, at)) == []


def test_texts_are_found_at_any_depth() -> None:
    assert list(texts_in(DOCUMENT, ())) == [
        (("a", "b", 0), "x"),
        (("a", "b", 1, "c"), "y"),
        (("a", "d"), ""),
    ]
    assert list(texts_in(DOCUMENT, ("a", "b", 0))) == [(("a", "b", 0), "x")]
    assert list(texts_in(DOCUMENT, ("f",))) == []
