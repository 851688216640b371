"""Texts: bytes read as UTF-8, within the size that a configuration file may have."""

from __future__ import annotations

import codecs
import re

from gitagent.config.documents import Lines
from gitagent.config.problems import Problem

LARGEST = 1024 * 1024
"""The largest configuration file that is read, in bytes."""

_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)


def decode(data: bytes, path: str) -> tuple[str, Problem | None]:
    """The text without its byte order mark; or an empty text and what is wrong with it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "", Problem(path, 1, 1, "not-utf-8", "the file is in UTF-16", "Save it in UTF-8.")
    try:
        return data.decode("utf-8").removeprefix("\ufeff"), None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        line, column = Lines(before).place(len(before))
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        return "", Problem(path, line, column, "not-utf-8", message, "Save the file in UTF-8.")


def conflict(text: str, path: str) -> Problem | None:
    """The problem of a text that still holds the marks of a merge that was not finished."""
    if (match := _CONFLICT.search(text)) is None:
        return None
    hint = "Keep what is right of both sides, and remove the lines of '<<<<<<<', '=======' and '>>>>>>>'."
    line, column = Lines(text).place(match.start())
    return Problem(path, line, column, "merge-conflict", "a merge was not finished here", hint)


def too_large(path: str, size: int) -> Problem:
    """The problem of a configuration file that is larger than what is read."""
    return Problem(
        path,
        0,
        0,
        "too-large",
        f"{size / LARGEST:.1f} MiB; a configuration file has at most 1 MiB",
        "Move data that the agent does not need out of its configuration.",
    )
