"""What time it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gitagent.cli import clock
from gitagent.errors import InvalidName


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@1767225600 +0000", "2026-01-01T00:00:00+00:00"),
        ("1767225600 +0100", "2026-01-01T01:00:00+01:00"),
        ("1767225600 -0330", "2025-12-31T20:30:00-03:30"),
        ("@1767225600", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01 00:00:00", "2026-01-01T00:00:00+00:00"),
        ("Thu, 01 Jan 2026 01:00:00 +0100", "2026-01-01T00:00:00+00:00"),
        (" @1767225600 +0000 ", "2026-01-01T00:00:00+00:00"),
    ],
)
def test_the_committer_date_sets_the_clock_in_gits_own_forms(
    text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(clock.VARIABLE, text)
    assert clock.now().isoformat() == expected


@pytest.mark.parametrize("text", ["tomorrow", "@x +0000", "2026-99-01", "@1 +9999", "\udcff"])
def test_a_committer_date_that_is_no_time_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(clock.VARIABLE, text)
    with pytest.raises(InvalidName) as refused:
        clock.now()
    assert refused.value.code == "invalid-time"


@pytest.mark.parametrize("text", [None, "", "  "])
def test_without_a_committer_date_it_is_now_to_the_second(text: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(clock.VARIABLE, raising=False)
    if text is not None:
        monkeypatch.setenv(clock.VARIABLE, text)
    before = datetime.now(UTC).replace(microsecond=0)
    found = clock.now()
    assert before <= found <= datetime.now(UTC)
    assert found.microsecond == 0
