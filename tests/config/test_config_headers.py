"""Headers: the names and values that SIP and HTTP allow."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitagent.config.headers import is_core_sip_name, is_header_value, is_http_name, is_sip_name

SIP = string.ascii_letters + string.digits + "-.!%*_+`'~"
HTTP = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"


@pytest.mark.parametrize("name", ["X-Queue", "x", "Diversion", "P-Asserted-Identity", "X_1.2", "a" * 200])
def test_a_token_names_a_header(name: str) -> None:
    assert is_sip_name(name)
    assert is_http_name(name)


@pytest.mark.parametrize("name", ["", "X Queue", "X:", "X\n", "é", "a/b", "(x)", "a" * 201, "X-Queue "])
def test_what_is_no_token_names_no_header(name: str) -> None:
    assert not is_sip_name(name)
    assert not is_http_name(name)


@given(st.characters())
def test_the_characters_of_a_name_are_those_of_the_standards(char: str) -> None:
    assert is_sip_name(char) == (char in SIP)
    assert is_http_name(char) == (char in HTTP)


@pytest.mark.parametrize("value", ["", "front desk", "a\tb", "sip:x@y;z=1", "é", "${env:X}"])
def test_a_value_is_one_line(value: str) -> None:
    assert is_header_value(value)


@pytest.mark.parametrize("name", ["From", "FROM", "to", "Call-ID", "call-id", "CSeq", "Record-Route", "f", "V"])
def test_the_headers_of_the_call_itself_are_known_in_any_case(name: str) -> None:
    assert is_core_sip_name(name)


@pytest.mark.parametrize("name", ["X-From", "Froms", "", "s", "k", "x", "Diversion", "User-to-User"])
def test_other_headers_are_anybodys(name: str) -> None:
    assert not is_core_sip_name(name)


@pytest.mark.parametrize(
    "value", ["a\nb", "a\r\nX-Evil: 1", "\0", "a\x7f", "\x1b[0m", "a\x0b", "a\x85b", "a\u2028b", "\udcff"]
)
def test_a_value_with_a_line_break_or_a_control_character_is_none(value: str) -> None:
    assert not is_header_value(value)
