"""Records: how the agent's values look in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.agent.records import Record as Record
from gitagent.agent.records import actor_record as actor_record
from gitagent.agent.records import event_record as event_record
from gitagent.agent.records import text_or_none as text_or_none
from gitagent.cli.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitagent import (
        Approval,
        AssignedNumber,
        Change,
        Draft,
        Environment,
        KeptDraft,
        Move,
        Sharing,
        Status,
        Version,
    )
    from gitagent.agent.results import Result
    from gitagent.agent.trials import Gate
    from gitagent.config.problems import Problem


def version_record(version: Version) -> Record:
    """A version: number, name, message, commit, who made it and when, and whether its tag is signed."""
    return {
        "version": str(version.number),
        "name": version.name,
        "message": version.message,
        "commit": version.commit,
        "actor": actor_record(version.actor),
        "at": iso(version.at),
        "signed": version.signed,
    }


def number_record(number: AssignedNumber) -> Record:
    """A phone number, its environment and its SIP headers."""
    return {
        "number": str(number.number),
        "environment": str(number.environment),
        "sip_headers": dict(number.sip_headers),
    }


def environment_record(environment: Environment) -> Record:
    """An environment: what it serves since when and by whom, its numbers and its rules."""
    return {
        "environment": str(environment.name),
        "version": text_or_none(environment.version),
        "version_name": environment.version_name,
        "commit": environment.commit,
        "since": iso(environment.since) if environment.since else None,
        "by": actor_record(environment.by),
        "requires_number": environment.requires_number,
        "approvals": environment.approvals,
        "requires_signature": environment.requires_signature,
        "tests": environment.tests,
        "not_worse": environment.not_worse,
        "numbers": [number_record(number) for number in environment.numbers],
    }


def approval_record(approval: Approval) -> Record:
    """How far a version is approved for an environment."""
    return {
        "version": str(approval.version),
        "environment": str(approval.environment),
        "approved": list(approval.by),
        "required": approval.required,
    }


def change_records(changes: Iterable[Change]) -> list[Record]:
    """Changed files."""
    return [{"path": change.path, "change": str(change.kind)} for change in changes]


def draft_record(draft: Draft) -> Record:
    """The draft's state."""
    return {
        "label": draft.label,
        "base": text_or_none(draft.base),
        "edited": draft.edited,
        "branch": draft.branch,
        "unfinished": draft.unfinished,
        "changes": change_records(draft.changes),
    }


def kept_record(kept: KeptDraft) -> Record:
    """A kept draft."""
    return {
        "id": str(kept.id),
        "at": iso(kept.at),
        "actor": actor_record(kept.actor),
        "reason": kept.reason,
        "base": text_or_none(kept.base),
        "commit": kept.commit,
    }


def status_record(status: Status) -> Record:
    """The whole status."""
    return {
        "agent": status.name,
        "path": str(status.path),
        "draft": draft_record(status.draft) if status.draft else None,
        "environments": [environment_record(environment) for environment in status.environments],
        "last_version": str(status.last_version),
        "last_published": text_or_none(status.last_published),
        "unpublished": status.unpublished,
        "line": str(status.line),
        "pending": status.pending,
        "shared": sharing_record(status.sharing) if status.sharing else None,
        "ahead": [
            {"environment": str(each.environment), "of": str(each.of), "versions": each.versions}
            for each in status.ahead
        ],
    }


def sharing_record(sharing: Sharing) -> Record:
    """The shared remote, and when it was last looked at."""
    return {
        "remote": sharing.remote,
        "url": sharing.url,
        "fetched": iso(sharing.fetched) if sharing.fetched else None,
    }


def move_record(move: Move) -> Record:
    """A move of an environment, planned or done; `new` when publishing makes the version."""
    return {
        "operation": str(move.operation),
        "environment": str(move.environment),
        "from": str(move.from_version.number) if move.from_version else None,
        "to": str(move.to_version.number),
        "name": move.to_version.name,
        "new": move.new,
        "unchanged": {str(each.name): text_or_none(each.version) for each in move.unchanged},
        "numbers": [number_record(number) for number in move.numbers],
        "approved": list(move.approved),
        "tests": _gate_record(move.gate) if move.gate else None,
        "warnings": [problem_record(problem) for problem in move.problems],
    }


def result_record(result: Result) -> Record:
    """What came of running the suites of a tree."""
    return {**result._asdict(), "failing": list(result.failing), "skipping": list(result.skipping)}


def _gate_record(gate: Gate) -> Record:
    """What an environment that asks for tests finds: the newest result, and what is missing."""
    return {
        "tree": gate.tree,
        "result": result_record(gate.result) if gate.result else None,
        "lacks": {"code": gate.short.code, "message": gate.short.message} if gate.short else None,
    }


def problem_record(problem: Problem) -> Record:
    """A problem of the configuration."""
    return {
        "path": problem.path,
        "line": problem.line or 1,
        "column": problem.column or 1,
        "severity": str(problem.severity),
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }
