"""Migrations: the tables of a store, numbered steps from nothing to what they are now.

A step that was released is never changed; what comes later is a step of its own. Each is carried out with its record
in one transaction. The statements are those that SQLite and PostgreSQL both take.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitagent.errors import CallStoreFailed

Execute = Callable[[str], Any]
Types = dict[str, str]
"""What a store calls the types that the two have different names for: `text` (compared by bytes), `real`, `integer`."""


def calls_and_tallies(execute: Execute, types: Types) -> None:
    """The first tables."""
    text, real, integer = types["text"], types["real"], types["integer"]
    execute(
        f"""CREATE TABLE gitagent_calls (
            call_id {text} PRIMARY KEY,
            agent {text} NOT NULL,
            version INTEGER NOT NULL,
            commit_id {text} NOT NULL,
            began_at {integer} NOT NULL,
            environment {text},
            number {text},
            caller {text},
            direction {text} NOT NULL,
            sip_headers {text} NOT NULL,
            ended_at {integer},
            outcome {text},
            success SMALLINT,
            duration {real},
            score {real},
            attributes {text} NOT NULL
        )"""
    )
    execute("CREATE INDEX gitagent_calls_newest ON gitagent_calls (began_at, call_id)")
    for column in ("version", "environment", "number", "outcome"):
        execute(f"CREATE INDEX gitagent_calls_{column} ON gitagent_calls (agent, {column}, began_at, call_id)")
    execute("CREATE INDEX gitagent_calls_agent ON gitagent_calls (agent, began_at, call_id)")
    execute(
        f"""CREATE TABLE gitagent_tallies (
            agent {text} NOT NULL,
            kind {text} NOT NULL,
            version INTEGER NOT NULL,
            environment {text} NOT NULL,
            value {text} NOT NULL,
            count {integer} NOT NULL,
            total {real} NOT NULL,
            PRIMARY KEY (agent, kind, version, environment, value)
        )"""
    )


MIGRATIONS: tuple[Callable[[Execute, Types], None], ...] = (calls_and_tallies,)


def due(done: set[int]) -> list[tuple[int, Callable[[Execute, Types], None]]]:
    """The steps that are still to be done, with their numbers; refused where a newer gitagent was here."""
    if unknown := sorted(done - set(range(1, len(MIGRATIONS) + 1))):
        raise CallStoreFailed(
            f"the store of calls was made by a newer gitagent (its tables are at step {unknown[-1]})",
            hint="Use that gitagent here, too.",
        )
    return [(number, step) for number, step in enumerate(MIGRATIONS, 1) if number not in done]
