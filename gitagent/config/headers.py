"""Headers: the names and values that SIP (RFC 3261) and HTTP (RFC 9110) allow."""

from __future__ import annotations

import re

_SIP_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,200}")
_HTTP_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def is_sip_name(text: str) -> bool:
    """Whether a text can name a SIP header: a token of RFC 3261."""
    return _SIP_NAME.fullmatch(text) is not None


def is_http_name(text: str) -> bool:
    """Whether a text can name an HTTP header: a token of RFC 9110."""
    return _HTTP_NAME.fullmatch(text) is not None


def is_header_value(text: str) -> bool:
    """Whether a text can be a header's value: one line without control characters."""
    return _FORBIDDEN.search(text) is None
