"""Documents: lines and columns of everything that a file holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitagent.config import yaml
from gitagent.config.documents import WHOLE, Document, Lines


@pytest.mark.parametrize(
    ("text", "index", "place"),
    [
        ("", 0, (1, 1)),
        ("abc", 0, (1, 1)),
        ("abc", 2, (1, 3)),
        ("abc", 3, (1, 4)),
        ("a\nb", 1, (1, 2)),
        ("a\nb", 2, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\rb", 2, (2, 1)),
        ("a\n\nb", 2, (2, 1)),
        ("a\n", 2, (2, 1)),
        ("é€😀x", 3, (1, 4)),
        ("a\x85b\u2028c", 4, (1, 5)),
        ("abc", 99, (1, 4)),
        ("abc", -1, (1, 1)),
    ],
)
def test_a_character_has_a_place(text: str, index: int, place: tuple[int, int]) -> None:
    assert Lines(text).place(index) == place


@given(st.text("a\n\r", max_size=20))
def test_places_lead_back_to_their_characters(text: str) -> None:
    lines = Lines(text)
    starts = [0]
    for index in range(len(text)):
        ends = text[index] == "\n" or (text[index] == "\r" and text[index + 1 : index + 2] != "\n")
        if ends:
            starts.append(index + 1)

    for index in range(len(text) + 1):
        line, column = lines.place(index)
        assert starts[line - 1] + column - 1 == index


def test_a_document_that_could_not_be_read_has_one_place() -> None:
    document = Document("a.yaml", "", None, False, ())

    assert document.root == WHOLE
    assert document.place(("a", 1)) == (1, 1)
    assert document.find(("a",), "x") == (1, 1)
    assert document.source(("a",)) is None


@given(
    st.recursive(
        st.integers(0, 9) | st.sampled_from(["x", "y z"]),
        lambda inside: (
            st.lists(inside, min_size=1, max_size=3)
            | st.dictionaries(st.sampled_from("abc"), inside, min_size=1, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_every_value_begins_at_its_place(value: object) -> None:
    text = yaml.dump(value)
    document = yaml.parse(text.encode(), "a.yaml")
    rows = text.split("\n")

    def walk(inside: object, at: tuple[str | int, ...]) -> None:
        line, column = document.place(at)
        written = rows[line - 1][column - 1 :]
        if isinstance(inside, dict):
            assert written.startswith(f"{next(iter(inside))}:")
            for key, item in inside.items():
                key_line, key_column = document.place((*at, key), on_key=True)
                assert rows[key_line - 1][key_column - 1 :].startswith(f"{key}:")
                walk(item, (*at, key))
        elif isinstance(inside, list):
            assert written.startswith("-")
            for number, item in enumerate(inside):
                walk(item, (*at, number))
        else:
            assert written.startswith(str(inside))

    walk(value, ())
