"""Writing YAML: always the same text, and read back as the same value by both parsers and by PyYAML's rules of old."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gitagent.config import yaml

ODD_TEXTS = [
    "yes",
    "null",
    "1e3",
    "0x1",
    "+44",
    "2020-01-01",
    "12:30",
    "<<",
    "=",
    "",
    "~",
    "---",
    "...",
    "- a",
    "? a",
    "a: b",
]
ODD_TEXTS += [
    "a #b",
    "1_0",
    ".inf",
    " a",
    "a ",
    "\n",
    "a\n b\n",
    " a\nb\n",
    "a\n\nb\n",
    "a \nb\n",
    "{a",
    "[a",
    "*a",
    "&a",
    "!a",
    "%a",
    "@a",
    "a:",
]
TEXTS = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.text("abc:# \n-'\"?!&*{}[]|>%@`,.0123x_~\t\r\x85\u2028\ufeff\x00é", max_size=10)
    | st.sampled_from(ODD_TEXTS)
)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS, inside, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_back_by_the_parser_in_c(value: object) -> None:
    assert repr(yaml.load(yaml.dump(value).encode())) == repr(value)


@given(VALUES)
def test_what_is_written_is_read_back_by_ruamels_own_parser(value: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "_c_parser", lambda: None)

        assert repr(yaml.load(yaml.dump(value).encode())) == repr(value)


@given(TEXTS)
def test_a_text_stays_a_text_for_readers_of_yaml_1_1(text: str) -> None:
    reader: Any = YAML(typ="safe", pure=True)
    reader.version = (1, 1)

    assert reader.load(yaml.dump({"key": text})) == {"key": text}


def test_a_state_is_written_as_a_person_would() -> None:
    value = {
        "format": 1,
        "pipeline": ["sandbox", "pre-release", "live"],
        "name": "Zoë's café 😀",
        "n": "+447700900000",
        "date": "2024-01-01",
        "note": "first\n\nlast\n",
        "ragged": "first \nlast",
        "numbers": [{"number": "+1", "sip_headers": {"X-A": "b c"}}, [1, [2]], [], {}],
        "none": None,
        "yes": True,
        "speed": 1.5,
        "nothing": {},
        "level": float("-inf"),
        "other": float("nan"),
    }

    assert (
        yaml.dump(value)
        == """\
format: 1
pipeline:
  - sandbox
  - pre-release
  - live
name: "Zoë's café 😀"
"n": "+447700900000"
date: "2024-01-01"
note: |
  first

  last
ragged: "first \\nlast"
numbers:
  - number: "+1"
    sip_headers:
      X-A: b c
  - - 1
    - - 2
  - []
  - {}
none: null
"yes": true
speed: 1.5
nothing: {}
level: -.inf
other: .nan
"""
    )


@pytest.mark.parametrize(
    ("value", "text"), [(None, "null\n"), ("x", "x\n"), ([], "[]\n"), ({}, "{}\n"), ((1, 2), "- 1\n- 2\n")]
)
def test_any_value_can_be_the_whole_text(value: object, text: str) -> None:
    assert yaml.dump(value) == text


def test_a_long_key_is_marked_as_one() -> None:
    value = {"k" * 2000: {"a": 1}}

    text = yaml.dump(value)

    assert text == "? " + "k" * 2000 + "\n:\n  a: 1\n"
    assert yaml.load(text.encode()) == value


def test_what_has_no_form_in_yaml_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes has no YAML form"):
        yaml.dump({"a": b"x"})
