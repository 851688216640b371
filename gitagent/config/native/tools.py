"""Tools: the request that a tool makes, and the arguments that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from gitagent.config.documents import Document
from gitagent.config.headers import is_header_value, is_http_name
from gitagent.config.native.parameters import check_parameters
from gitagent.config.native.references import references_in_document
from gitagent.config.native.values import pairs_at, text_at
from gitagent.config.problems import Problem
from gitagent.config.suggestions import shortened

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_tool(document: Document, variables: Sequence[str] | None) -> Iterator[Problem]:
    """The problems of a tool beyond its model."""
    name = text_at(document, ("name",))
    if name is not None and _NAME.fullmatch(name) is None:
        message = f"'{shortened(name)}' cannot name a tool"
        hint = f"Use at most 64 letters, digits, _ and -, such as {_suggested(name)}."
        yield document.problem("bad-tool-name", message, at=("name",), hint=hint)
    yield from check_parameters(document)
    arguments = [key for _, key, _ in pairs_at(document, ("parameters", "properties"))]
    known = None if variables is None else [*variables, *arguments]
    yield from references_in_document(document, ("request",), known)
    yield from _check_url(document)
    for at, header, value in pairs_at(document, ("request", "headers")):
        if not is_http_name(header):
            message = f"'{shortened(header)}' cannot name an HTTP header"
            hint = "Use letters, digits and - without spaces."
            yield document.problem("bad-header", message, at=at, on_key=True, hint=hint)
        if isinstance(value, str) and not is_header_value(value):
            message = f"the value of '{shortened(header)}' has a line break or a control character"
            yield document.problem("bad-header", message, at=at, hint="Write the value in one line.")


def _suggested(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:64] or "find_booking"


def _check_url(document: Document) -> Iterator[Problem]:
    at = ("request", "url")
    url = text_at(document, at)
    if url is None or url.startswith("${"):
        return
    if not _is_web_address(url):
        message = f"'{shortened(url)}' is not an address of the web"
        yield document.problem("bad-url", message, at=at, hint="Begin with https:// and the name of the server.")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"\s", url)
