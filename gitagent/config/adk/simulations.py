"""Simulations: what tests of an ADK project say that no conversation could have. The ADK takes it, so we warn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gitagent.config.documents import Document, Path
from gitagent.config.headers import is_header_value, is_sip_name
from gitagent.config.problems import Problem, Severity
from gitagent.config.suggestions import shortened


def check_simulation(document: Document) -> Iterator[Problem]:
    """The problems of a test beyond its model."""
    test = document.value if isinstance(document.value, dict) else {}
    at = test.get("simulated_at")
    if isinstance(at, str) and at and not _is_time(at):
        hint = "Write it in ISO 8601, such as 2026-03-02T09:00:00Z."
        yield _warning(document, "bad-time", f"'{shortened(at)}' is no time", ("simulated_at",), hint=hint)
    headers = test.get("sip_headers")
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if not is_sip_name(name):
            message, hint = (
                f"'{shortened(name)}' cannot name a SIP header",
                "Use letters, digits and -, without spaces.",
            )
            yield _warning(document, "bad-header", message, ("sip_headers", name), hint=hint, on_key=True)
        if isinstance(value, str) and not is_header_value(value):
            message = f"the value of '{shortened(name)}' has a line break or a control character"
            yield _warning(document, "bad-header", message, ("sip_headers", name), hint="Write the value in one line.")
    assertions = test.get("prompt_assertions")
    for number, text in enumerate(assertions if isinstance(assertions, list) else ()):
        if isinstance(text, str) and not text.strip():
            hint = "Say in a sentence what the agent should say or do."
            yield _warning(document, "empty", "the assertion is empty", ("prompt_assertions", number), hint=hint)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _warning(document: Document, code: str, message: str, at: Path, *, hint: str, on_key: bool = False) -> Problem:
    return document.problem(code, message, at=at, on_key=on_key, hint=hint, severity=Severity.WARNING)
