"""Findings: what a check of a whole repository has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.config.problems import Severity

if TYPE_CHECKING:
    from gitagent.errors import GitagentError

FETCH = "Fetch it from a clone that has it; git fsck lists what else is missing."


class Finding(NamedTuple):
    """What breaks a rule (an error), or is worth knowing (a warning): where, its stable code, and what to type next.

    It is about a `ref`, or about the ledger's `commit` that is, or should be, event number `seq`.
    """

    code: str
    message: str
    hint: str | None = None
    ref: str | None = None
    commit: str | None = None
    seq: int | None = None
    severity: Severity = Severity.ERROR

    @property
    def place(self) -> str:
        """Where it is, in a few words."""
        if self.ref is not None:
            return self.ref.removeprefix("refs/heads/").removeprefix("refs/")
        return f"gitagent/ledger:{self.seq}"


def finding(
    error: GitagentError, *, ref: str | None = None, commit: str | None = None, seq: int | None = None
) -> Finding:
    """A refusal, or a failure to read, as a finding."""
    return Finding(error.code, error.message, error.hint, ref, commit, seq)
