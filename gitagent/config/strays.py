"""Strays: files that gitagent reads nothing from, but that a version holds all the same, secrets included."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache

from gitagent.config.documents import Lines
from gitagent.config.files import File, FileKind
from gitagent.config.problems import Problem, Severity
from gitagent.config.secrets import secrets_in_text
from gitagent.config.suggestions import shortened
from gitagent.config.texts import LARGEST
from gitagent.config.yaml import check

_SYNTAX = (".yaml", ".yml", ".json")
_SETTINGS = (".env", ".ini", ".cfg", ".toml", ".properties")
# Not even read: recordings and pictures are what makes an agent's folder large.
_BINARY = (
    *(".wav", ".mp3", ".ogg", ".opus", ".flac", ".m4a", ".aac", ".mp4", ".webm"),
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".pdf", ".zip", ".gz", ".woff", ".woff2", ".ttf", ".otf"),
)
_BINARY_WITHIN = 8000  # git's own measure: a NUL among the first bytes
_SHORTEST = 6
_LINE = (
    r"^[ \t]*+(?:export[ \t]++)?([A-Za-z_][\w.-]{0,100}+)[ \t]*+[=:][ \t]*+"
    r"(?:\"([^\"\r\n]{0,512})\"|'([^'\r\n]{0,512})'|([^\s\"'#;][^\s#;]{0,512})[ \t]*+(?:[#;].*)?\r?$)"
)
_KEY = (
    r"(?:^|[_.-])(?:api|access|auth|client|private|secret|signing|account|encryption|session|service|master|jwt)"
    r"[_.-]?(?:keys?(?:[_.-]base)?|tokens?|secrets?)$"
    r"|(?:password|passwd|passphrase)s?$|(?:^|[_.-])(?:secret|token|credential|authorization|pass|pwd)s?$"
)
_HARMLESS = (
    r"[$<{\[%(].*|.*(?:\$\{|\{\{|%\(|://).*"  # a reference, an array, an address
    r"|.*(?:example|your|placeholder|change[-_.]?me|x{3}|\*{3}|\.{3}|dummy|sample|todo|replace|insert|redacted).*"
    r"|required|optional|default|disabled|enabled|string|password|passwd|secret|[-+0-9._]+"
    r"|[~.]{0,2}/[a-z0-9_./-]+|[\w./-]+\.(?:json|pem|key|crt|p12|txt|toml|ya?ml)"
)


def check_stray(file: File, path: str) -> list[Problem]:
    """The problems of a file that is no part of the configuration: its syntax, if YAML or JSON, and secrets in it."""
    if file.kind not in (FileKind.FILE, FileKind.EXECUTABLE) or path.lower().endswith(_BINARY):
        return []
    has_syntax = path.endswith(_SYNTAX)
    if file.size > LARGEST:
        message = f"{file.size / LARGEST:.1f} MiB, too large to be checked"
        return [Problem(path, 0, 0, "not-checked", message, severity=Severity.WARNING)] if has_syntax else []
    data = file.read()
    return [*(check(data, path) if has_syntax else ()), *_secrets(data, path)]


def _secrets(data: bytes, path: str) -> Iterator[Problem]:
    text = _text(data)
    if text is None:
        return
    shown = shortened(path)
    hint = (
        f"Name {shown} in .gitignore (git rm --cached {shown} where git knows it already), or write ${{env:NAME}} "
        "instead; a secret that was saved once must be replaced."
    )
    told = secrets_in_text(text, path, hint=hint)
    yield from told
    name = path.rpartition("/")[2].lower()
    if not (name.endswith(_SETTINGS) or name.startswith(".env.")):
        return
    lines, taken = Lines(text), {problem.line for problem in told}
    for match in _compiled(_LINE, re.MULTILINE).finditer(text):
        key = match[1]
        line, column = lines.place(match.start(1))
        if line not in taken and _is_secret(key, match[2] or match[3] or match[4] or ""):
            yield Problem(path, line, column, "secret", f"the value of '{shortened(key)}' looks like a secret", hint)


def _is_secret(key: str, value: str) -> bool:
    return (
        len(value) >= _SHORTEST
        and not any(map(str.isspace, value))
        and _compiled(_KEY, re.IGNORECASE).search(key) is not None
        and _compiled(_HARMLESS, re.IGNORECASE).fullmatch(value) is None
    )


def _text(data: bytes) -> str | None:
    """The file as a text, whatever its encoding; None where it is none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # what PowerShell's > writes
        return data.decode("utf-16", "replace")
    return None if b"\0" in data[:_BINARY_WITHIN] else data.decode("utf-8", "replace").removeprefix("\ufeff")


@cache
def _compiled(pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(pattern, flags)
