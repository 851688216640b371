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
_SHAPES = (
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY"),
    ("an AWS access key", r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("a GitHub token", r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{50})"),
    ("a GitLab token", r"(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}"),
    ("an API key", r"(?<![A-Za-z0-9])[sr]k[-_](?:live_|test_|proj-|ant-)?[A-Za-z0-9_-]{20}"),
    ("a Slack token", r"(?<![A-Za-z0-9])xox[abposr]-[A-Za-z0-9-]{10}"),
    ("a Google API key", r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}"),
    ("a JSON Web Token", r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,200}\.eyJ[A-Za-z0-9_-]{10,2000}\."),
    ("a bearer token", r"(?i:(?<![a-z0-9])bearer )[ ]*[A-Za-z0-9._~+/-]{20}"),
    ("a password in an address", r"[a-z][a-z0-9+.-]{1,12}://[^\s/:@${}]{1,64}:(?!\$\{)[^\s/@${}]{3,64}@"),
)
# A shape can only be where one of these is: a quick look that spares the slow one.
_TRACE = re.compile(
    r"PRIVATE KEY|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|[sr]k[-_]|xox|AIza|eyJ|(?i:bearer )|://[^\s/]*@"
)
_KEY = re.compile(
    r"(?:^|[_.-])(?:(?:api|access|auth|client|private|secret|signing|account)[_-]?(?:key|token|secret)"
    r"|password|passwd|secret|token|credential|authorization)s?$",
    re.IGNORECASE,
)
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_.~!@#%^&*-]{12,512}")
_LEAST_BITS = 3.0  # for each character: words have less, keys made at random more


@cache
def _shape() -> re.Pattern[str]:
    return re.compile("|".join(f"({pattern})" for _, pattern in _SHAPES))


def secrets_in_text(text: str, path: str) -> list[Problem]:
    """The problems of a text of any form that holds what looks like a secret."""
    if _TRACE.search(text) is None:
        return []
    lines = Lines(text)
    return [
        Problem(path, *lines.place(match.start()), "secret", f"this looks like {_sort(match)}", _HINT)
        for match in _shape().finditer(text)
    ]


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


def _sort(match: re.Match[str]) -> str:
    return _SHAPES[(match.lastindex or 1) - 1][0]


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
