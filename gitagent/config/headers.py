"""Headers: the names and values that SIP (RFC 3261) and HTTP (RFC 9110) allow."""

from __future__ import annotations

import re

from gitagent.names import is_header_value, is_sip_name

__all__ = ["is_core_sip_name", "is_header_value", "is_http_name", "is_sip_name"]

_HTTP_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")
_CORE_SIP = re.compile(
    r"authorization|call-id|contact|content-length|content-type|cseq|from|max-forwards"
    r"|proxy-authorization|record-route|route|to|via"
    r"|[cfilmtv]",  # the short forms, RFC 3261 section 7.3.3; k and s, Supported and Subject, are free
    re.IGNORECASE,
)


def is_core_sip_name(text: str) -> bool:
    """Whether a SIP header of that name is the call's own, in whatever case it is written."""
    return _CORE_SIP.fullmatch(text) is not None


def is_http_name(text: str) -> bool:
    """Whether a text can name an HTTP header: a token of RFC 9110."""
    return _HTTP_NAME.fullmatch(text) is not None
