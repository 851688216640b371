"""Patterns: regular expressions that must compile."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from gitagent.config.documents import Document, Path
from gitagent.config.native.values import text_at
from gitagent.config.problems import Problem

_LONGEST = 2000


def check_pattern(document: Document, at: Path) -> Iterator[Problem]:
    """A problem where the text at `at` is not a regular expression."""
    pattern = text_at(document, at)
    if pattern is None:
        return
    if len(pattern) > _LONGEST:
        message = f"the regular expression is longer than {_LONGEST} characters"
        yield document.problem("bad-pattern", message, at=at, hint="Split it into several.")
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        reason = error.msg if isinstance(error, re.error) else "it is too large"
        message = f"not a regular expression: {reason}"
        hint = "Use 'contains' for plain text; a backslash needs single quotes or none in YAML."
        yield document.problem("bad-pattern", message, at=at, hint=hint)
