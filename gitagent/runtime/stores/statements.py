"""Statements: what both stores ask of their database, in SQL that both take, and calls as rows.

A `?` stands for a value; nothing that comes from outside is ever part of a statement.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gitagent.errors import GitagentError
from gitagent.runtime.records import from_values, to_values
from gitagent.runtime.records import micros as micros_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from gitagent.names import EnvironmentName, VersionNumber
    from gitagent.runtime.cursors import Cursor
    from gitagent.runtime.records import Call, Filter, Write
    from gitagent.runtime.tallies import Key, Tally

Values = tuple[Any, ...]
Statement = tuple[str, Values]
_FIELDS = (
    "call_id",
    "agent",
    "version",
    "commit",
    "began_at",
    "environment",
    "number",
    "caller",
    "direction",
    "sip_headers",
    "ended_at",
    "outcome",
    "success",
    "duration",
    "score",
    "attributes",
)
_COLUMNS = tuple("commit_id" if field == "commit" else field for field in _FIELDS)
_TEXTS = ("sip_headers", "attributes")
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM gitagent_calls"
INSERT = (
    f"INSERT INTO gitagent_calls ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
    " ON CONFLICT (call_id) DO NOTHING"
)
UPDATE = (
    "UPDATE gitagent_calls SET ended_at = ?, outcome = ?, success = ?, duration = ?, score = ?, attributes = ?"
    " WHERE call_id = ?"
)
COUNT = (
    "INSERT INTO gitagent_tallies (agent, kind, version, environment, value, count, total) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (agent, kind, version, environment, value) DO UPDATE"
    " SET count = gitagent_tallies.count + excluded.count, total = gitagent_tallies.total + excluded.total"
)


def to_row(call: Call) -> Values:
    """A call as INSERT takes it."""
    values = to_values(call)
    values["success"] = None if call.success is None else int(call.success)
    for field in _TEXTS:
        held = values[field]
        values[field] = json.dumps(held, ensure_ascii=False, separators=(",", ":")) if held else "{}"
    return tuple([values[field] for field in _FIELDS])


def from_row(row: Sequence[Any]) -> Call:
    """The call of a row."""
    values = dict(zip(_FIELDS, row, strict=True))
    values["success"] = None if values["success"] is None else bool(values["success"])
    for field in _TEXTS:
        values[field] = json.loads(values[field])
    return from_values(values)


def changed_row(call: Call) -> Values:
    """A call as UPDATE takes it."""
    row = dict(zip(_FIELDS, to_row(call), strict=True))
    return tuple(
        row[field] for field in ("ended_at", "outcome", "success", "duration", "score", "attributes", "call_id")
    )


def tally_row(key: Key, tally: Tally) -> Values:
    """A difference as COUNT takes it."""
    return (*key, *tally)


def select(call_ids: Sequence[str]) -> Statement:
    """The calls of these ids, in their order."""
    return f"{_SELECT} WHERE call_id IN ({', '.join('?' * len(call_ids))}) ORDER BY call_id", tuple(call_ids)


def find(wanted: Filter, limit: int, after: Cursor | None) -> Statement:
    """The newest calls that are so. Each single condition has an index that holds them in this order."""
    conditions: dict[str, Any] = {
        "agent = ?": wanted.agent,
        "version = ?": None if wanted.version is None else wanted.version.number,
        "environment = ?": None if wanted.environment is None else str(wanted.environment),
        "number = ?": None if wanted.number is None else str(wanted.number),
        "outcome = ?": wanted.outcome,
        "began_at >= ?": None if wanted.since is None else micros_of(wanted.since),
        "began_at < ?": None if wanted.until is None else micros_of(wanted.until),
    }
    given = {condition: value for condition, value in conditions.items() if value is not None}
    values = [*given.values()]
    texts = [*given]
    if after is not None:
        texts.append("(began_at, call_id) < (?, ?)")
        values += after
    where = f" WHERE {' AND '.join(texts)}" if texts else ""
    return f"{_SELECT}{where} ORDER BY began_at DESC, call_id DESC LIMIT ?", (*values, limit)


def tallies(agent: str, kind: str, version: VersionNumber, environment: EnvironmentName | None) -> Statement:
    """The tallies of one kind: value, count, total."""
    where, values = _in_environment(environment)
    return (
        "SELECT value, SUM(count), SUM(total) FROM gitagent_tallies"
        f" WHERE agent = ? AND kind = ? AND version = ?{where} GROUP BY value",
        (agent, kind, version.number, *values),
    )


def versions(agent: str, kind: str, environment: EnvironmentName | None) -> Statement:
    """The versions that were counted."""
    where, values = _in_environment(environment)
    return (
        f"SELECT DISTINCT version FROM gitagent_tallies WHERE agent = ? AND kind = ?{where} ORDER BY version DESC",
        (agent, kind, *values),
    )


def prune(before: datetime, agent: str | None, open_too: bool, limit: int) -> Statement:
    """Remove the oldest calls that began before."""
    texts, values = ["began_at < ?"], [micros_of(before)]
    if not open_too:
        texts.append("ended_at IS NOT NULL")
    own = [] if agent is None else [agent]
    texts += ["agent = ?"] * len(own)
    return (
        "DELETE FROM gitagent_calls WHERE call_id IN (SELECT call_id FROM gitagent_calls"
        f" WHERE {' AND '.join(texts)} ORDER BY began_at LIMIT ?)",
        (*values, *own, limit),
    )


def applied(
    writes: Iterable[Write], known: dict[str, Call]
) -> tuple[list[Call | GitagentError], dict[str, tuple[Call | None, Call]]]:
    """What each write came to, and the calls that change: what each was (None where it is new), and what it becomes."""
    results: list[Call | GitagentError] = []
    changes: dict[str, tuple[Call | None, Call]] = {}
    for write in writes:
        was, now = changes.get(write.call_id, (known.get(write.call_id),) * 2)
        try:
            becomes = write.apply(now)
        except GitagentError as refusal:
            results.append(refusal)
            continue
        changes[write.call_id] = (was, becomes)
        results.append(becomes)
    return results, {id_: (was, becomes) for id_, (was, becomes) in changes.items() if was != becomes}


def _in_environment(environment: EnvironmentName | None) -> tuple[str, Values]:
    return ("", ()) if environment is None else (" AND environment = ?", (str(environment),))
