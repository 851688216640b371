"""Secrets: values that look like passwords, keys and tokens, which belong in no version."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from gitagent.config.documents import Document, Lines
from gitagent.config.problems import Problem
from gitagent.config.suggestions import shortened

_HINT = "Write ${env:NAME} instead and set NAME where the agent runs; a secret that was saved once must be replaced."
# Each shape with the texts that it begins with: these are searched for, which is fast, and the expression is only
# held against what follows them.
_SHAPES = (
    ("a private key", ("-----BEGIN ",), r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY"),
    ("an AWS access key", ("AKIA", "ASIA"), r"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])"),
    (
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})",
    ),
    ("a GitLab token", ("glpat-",), r"(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}"),
    (
        "an API key",
        ("sk-", "sk_", "rk-", "rk_"),
        r"(?<![A-Za-z0-9])[sr]k[-_](?=[A-Za-z_-]{0,60}[0-9])(?:live_|test_|proj-|ant-)?[A-Za-z0-9_-]{20}",
    ),
    ("a Slack token", ("xox",), r"(?<![A-Za-z0-9])xox[abposr]-[A-Za-z0-9-]{10}"),
    ("a Google API key", ("AIza",), r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}"),
    ("a JSON Web Token", ("eyJ",), r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10,2000}\."),
    (
        "a bearer token",
        ("Bearer ", "bearer ", "BEARER "),
        r"(?<![A-Za-z0-9])(?i:bearer) ++(?=[A-Za-z._~+/-]{0,60}[0-9])[A-Za-z0-9._~+/-]{20}",
    ),
    (
        "a password in an address",
        ("://",),
        r"(?<=[a-z0-9])://[^\s/:@${}]{1,64}:(?!(?:password|passwd|pass|secret|token)@)[^\s/@${}<>]{3,64}@",
    ),
)
_SCHEME = "abcdefghijklmnopqrstuvwxyz0123456789+.-"
_MADE_UP = re.compile(r"example|your|x{4}|placeholder|\.\.\.", re.IGNORECASE)
_KEY = re.compile(
    r"(?:^|[_.-])(?:(?:api|access|auth|client|private|secret|signing|account)[_-]?(?:key|token|secret)"
    r"|password|passwd|secret|token|credential|authorization)s?$",
    re.IGNORECASE,
)
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_.~!@#%^&*-]{12,512}")
_LEAST_BITS = 3.0  # for each character: words have less, keys made at random more


def secrets_in_text(text: str, path: str, *, hint: str = _HINT) -> list[Problem]:
    """The problems of a text of any form that holds what looks like a secret."""
    found = sorted(_shaped(text))
    lines, problems, after = Lines(text), [], 0
    for start, end, sort in found:
        if start >= after:  # otherwise it is part of the one before: a token after the word bearer
            problems.append(Problem(path, *lines.place(start), "secret", f"this looks like {sort}", hint))
            after = end
    return problems


def secrets_in_document(document: Document) -> list[Problem]:
    """The problems of a configuration file that holds what looks like a secret, by its shape or its key."""
    problems = secrets_in_text(document.text, document.path)
    places = {(problem.line, problem.column) for problem in problems}
    lines = {line for line, _ in places}
    for key, value, container in _pairs(document.value):
        if _KEY.search(key) and _looks_random(value):
            spot = document.spots[id(container)][key]
            line, column = document.lines.place(spot.start)
            if line not in lines:
                message = f"the value of '{shortened(key)}' looks like a secret"
                problems.append(Problem(document.path, line, column, "secret", message, _HINT))
    return problems


def _shaped(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each text that has the shape of a secret begins and ends, and what it is."""
    for sort, beginnings, pattern in _SHAPES:
        for beginning in beginnings:
            at = text.find(beginning)
            while at >= 0:
                match = _compiled(pattern).match(text, at)
                if match is not None and _MADE_UP.search(match[0]) is None:
                    yield at - _scheme_before(text, at) if beginning == "://" else at, match.end(), sort
                at = text.find(beginning, at + 1 if match is None else match.end())


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _scheme_before(text: str, at: int) -> int:
    before = text[max(0, at - 13) : at]
    return len(before) - len(before.rstrip(_SCHEME))


def _pairs(value: object) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Each key with a text, once, however often an alias repeats it."""
    seen: set[int] = set()
    waiting: list[object] = [value]
    while waiting:
        inside = waiting.pop()
        if id(inside) in seen:
            continue
        if isinstance(inside, dict):
            seen.add(id(inside))
            yield from ((key, text, inside) for key, text in inside.items() if isinstance(text, str))
            waiting.extend(inside.values())
        elif isinstance(inside, list):
            seen.add(id(inside))
            waiting.extend(inside)


def _looks_random(text: str) -> bool:
    if _OPAQUE.fullmatch(text) is None or not (any(map(str.isdigit, text)) and any(map(str.isalpha, text))):
        return False
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) >= _LEAST_BITS
