"""Plain scalars are read as ruamel.yaml reads them, which is the oracle here, save for dates and endless numbers."""

from __future__ import annotations

import math

import pytest
from ruamel.yaml import YAML

from gitagent.config.scalars import is_plain_text, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("true", True),
        ("FALSE", False),
        ("yes", "yes"),
        ("no", "no"),
        ("nil", "nil"),
        ("0", 0),
        ("007", 7),
        ("+447700900000", 447700900000),
        ("-12", -12),
        ("1_000", 1000),
        ("0x1F", 31),
        ("-0o17", -15),
        ("0b101", 5),
        ("0x", "0x"),
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1.5e-3", 0.0015),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("+44 20", "+44 20"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        (".", "."),
        ("2024-01-01", "2024-01-01"),
        ("12:30", "12:30"),
    ],
)
def test_a_plain_scalar_has_one_value(text: str, value: object) -> None:
    resolved = resolve(text)

    assert resolved == value
    assert type(resolved) is type(value)


def test_not_a_number_is_a_number() -> None:
    value = resolve(".NaN")

    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "text", ["null", "True", "12", "007", "1_0", "0x1f", "0o7", "1.5", "1e3", "-.5", ".inf", "abc", "+1x"]
)
def test_the_values_are_those_of_ruamel(text: str) -> None:
    expected = YAML(typ="safe", pure=True).load(f"value: {text}")["value"]

    assert resolve(text) == expected


def test_a_number_without_end_stays_text() -> None:
    assert resolve("9" * 1000) == int("9" * 1000)
    assert resolve("9" * 1001) == "9" * 1001


@pytest.mark.parametrize("text", ["plain", "two words", "v7", "+44 20", "a_b", "nothing", "yesterday"])
def test_text_that_nobody_takes_for_something_else_is_plain(text: str) -> None:
    assert is_plain_text(text)


@pytest.mark.parametrize(
    "text", ["yes", "NO", "on", "y", "2024-01-01", "12:30", "1:30:15.5", "12", "1.2.3", "=", "<<", "null"]
)
def test_text_that_an_older_reader_takes_for_something_else_is_not_plain(text: str) -> None:
    assert not is_plain_text(text)
