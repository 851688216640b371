"""Models in general: any pydantic model's complaints, in the words of a person who edits files."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from support.checking import files, lines

from gitagent.config import yaml
from gitagent.config.inspection import Inspection
from gitagent.config.models import check_model


def _lower(text: str) -> str:
    if text != text.lower():
        raise PydanticCustomError("not-lower", "only small letters", {"hint": "Write it small."})
    return text


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("not even")
    return number


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    size: int = Field(alias="Size")


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    parts: list[Part] | None = None
    either: str | bool | float = ""
    odd: bytes | None = None
    sets: set[int] | frozenset[int] | None = None
    lower: Annotated[str, AfterValidator(_lower)] = ""
    words: dict[Annotated[str, AfterValidator(_lower)], str] | None = None
    even: Annotated[int, AfterValidator(_even)] = 0
    lines: list[str] = []


def told(text: str, model: type[BaseModel] = Whole) -> list[str]:
    inspection = Inspection(files({"a.yaml": text}))
    document = inspection.document("a.yaml")
    assert document is not None
    checked = check_model(document, model, inspection)
    assert (checked is None) == bool(inspection.problems)
    return [line.replace("a.yaml:", "", 1) for line in lines(inspection.problems)]


def test_what_fits_comes_back_as_the_model() -> None:
    inspection = Inspection({})

    checked = check_model(yaml.parse(b"parts: [{Size: 3}]\neither: true\n", "a.yaml"), Whole, inspection)

    assert checked == Whole(parts=[Part(Size=3)], either=True)
    assert inspection.problems == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("either: [1]", "1:9: bad-value: 'either' must be a text or true or false or a number, not a list"),
        ("either:", "1:8: bad-value: 'either' must be a text or true or false or a number, not nothing"),
        (
            "parts: x",
            "1:8: not-list: 'parts' must be a list, not the text 'x'"
            " -> Write each item in a line of its own that begins with '- '.",
        ),
        (
            "parts: [{Size: x}]",
            "1:16: not-number: 'Size' must be a whole number, not the text 'x' -> Write a whole number.",
        ),
        ("parts: [{size: 1, Size: 1}]", "1:10: unknown-key: 'size' is not known here -> Did you mean 'Size'?"),
        ("parts: [{}]", "1:9: missing-key: 'Size' is missing -> Add a line 'Size: …'."),
        ("odd: 5", "1:6: bad-value: 'odd': input should be a valid bytes"),
        ("sets: x", "1:7: bad-value: 'sets': input should be a valid set"),
        ("lower: Abc", "1:8: not-lower: only small letters -> Write it small."),
        ("words: {Abc: x}", "1:9: not-lower: only small letters -> Write it small."),
        ("even: 3", "1:7: bad-value: 'even': not even"),
        (
            "lines: [a, 5]",
            "1:12: not-text: an item of 'lines' must be a text, but 5 without quotes is the number 5"
            ' -> Put it in quotes: "5"',
        ),
        (
            "words: {a: {}}",
            "1:12: not-text: 'a' must be a text, not a mapping"
            " -> Put a text that begins with a brace or bracket, or that holds ': ', in quotes.",
        ),
        (
            "words: {a: {}, b: x, c: y}\nodd: 1",
            "1:12: not-text: 'a' must be a text, not a mapping"
            " -> Put a text that begins with a brace or bracket, or that holds ': ', in quotes.",
        ),
    ],
)
def test_a_complaint_is_in_plain_words(text: str, expected: str) -> None:
    assert told(text)[0] == expected


def test_all_complaints_of_a_file_come_at_once_in_order() -> None:
    assert [line.split(": ")[0] for line in told("zzz: 1\neven: x\nlower: A\nparts: [{}, 1, {Size: 1, x: 1}]\n")] == [
        "1:1",
        "2:7",
        "3:8",
        "4:9",
        "4:13",
        "4:26",
    ]


def test_a_great_many_complaints_are_not_all_put_into_words() -> None:
    assert len(told("lines: [" + "1," * 2000 + "]")) == 501


def test_an_empty_file_may_be_all_that_a_model_needs_to_complain_of() -> None:
    assert told("") == ["1:1: empty: the file is empty"]


class Anything(BaseModel):
    top: Any = None


def test_a_key_may_be_meant_inside_a_mapping_of_models() -> None:
    class Outer(BaseModel):
        inner: dict[str, Part] | None = None

    assert told("inner: {a: {Size: 1, Sizes: 2}}", Outer) == [
        "1:22: unknown-key: 'Sizes' is not known here -> Did you mean 'Size'?"
    ]
    assert told("top: {a: 1}", Anything) == []


def test_a_file_is_read_once_and_its_problems_are_told_once() -> None:
    inspection = Inspection(files({"a.yaml": "a: 1\na: 2\n", "p.md": b"a\0"}))

    assert inspection.document("a.yaml") is inspection.document("a.yaml")
    assert inspection.text("p.md") == inspection.text("p.md") == "a\0"
    assert inspection.document("missing.yaml") is None
    assert inspection.text("missing.md") is None
    assert inspection.read == {"a.yaml", "missing.yaml", "p.md", "missing.md"}
    assert lines(inspection.problems) == [
        "a.yaml:2:1: duplicate-key: the key 'a' is given twice, first in line 1 -> Keep one of the two.",
        "p.md:1:2: bad-character: the character U+0000 has no place in a text -> Remove it.",
    ]
