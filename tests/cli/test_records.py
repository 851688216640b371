"""Every JSON record as a whole: what each command prints in the states that are typical for it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from support.building import Built
from support.commandline import Cli

UNEDITED = {"label": "Draft", "edited": False, "branch": "main", "unfinished": None, "changes": []}
ADA = {"name": "Ada Lovelace", "email": "ada@example.com"}


def fresh(agent: Built, cli: Cli) -> None:
    """v1, served nowhere."""


def edited(agent: Built, cli: Cli) -> None:
    agent.publish().edit("two\n")


def moved(agent: Built, cli: Cli) -> None:
    """v2 "Autumn" served by sandbox and pre-release, v1 by live."""
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn").promote("pre-release")


def numbered(agent: Built, cli: Cli) -> None:
    agent.publish()
    assert cli("numbers", "assign", "+442079460018", "-e", "live").code == 0


def kept(agent: Built, cli: Cli) -> None:
    """One kept draft, the draft itself the same as v1."""
    agent.publish().edit("two\n")
    assert cli("discard", "--yes").code == 0


def broken(agent: Built, cli: Cli) -> None:
    agent.edit("{", "agent.json").edit("a: [\n", "topics.yaml")


EVENT = {
    "id": "<ULID>",
    "environment": None,
    "from": None,
    "to": None,
    "name": None,
    "number": None,
    "tree": None,
    "detail": None,
    "forced": None,
    "message": None,
    "actor": ADA,
    "commit": "<commit>",
}
IDLE: dict[str, Any] = {
    "version": None,
    "version_name": None,
    "commit": None,
    "since": None,
    "by": None,
    "requires_number": False,
    "approvals": 0,
    "requires_signature": False,
    "tests": 0,
    "not_worse": False,
    "numbers": [],
}
SERVING = {**IDLE, "version": "v1", "commit": "<commit>", "by": ADA}
MODIFIED = [{"path": "notes.md", "change": "modified"}]
KEPT = {
    "id": "<ULID>",
    "at": "2026-03-02T09:03:00+00:00",
    "actor": ADA,
    "reason": "discard",
    "base": "v1",
    "commit": "<commit>",
}

State = Callable[[Built, Cli], None]

RECORDS: list[tuple[State, str, int, dict[str, Any]]] = [
    (
        fresh,
        "init ../other --template restaurant",
        0,
        {
            "format": "gitagent.init/1",
            "dry_run": False,
            "agent": "Lantern House reservations",
            "path": "<tmp>/other",
            "pipeline": ["sandbox", "pre-release", "live"],
            "version": "v1",
            "name": None,
            "message": None,
            "commit": "<commit>",
            "actor": ADA,
            "at": "2026-03-02T09:02:00+00:00",
            "signed": False,
        },
    ),
    (
        fresh,
        "init ../other --template restaurant --dry-run",
        0,
        {
            "format": "gitagent.init/1",
            "dry_run": True,
            "agent": "Lantern House reservations",
            "path": "<tmp>/other",
            "pipeline": ["sandbox", "pre-release", "live"],
            "version": "v1",
            "files": 16,
            "warnings": [],
        },
    ),
    (
        fresh,
        "status",
        0,
        {
            "format": "gitagent.status/1",
            "agent": "agent",
            "path": "<tmp>/agent",
            "draft": {
                "label": "Draft",
                "base": "v1",
                "edited": False,
                "branch": "main",
                "unfinished": None,
                "changes": [],
            },
            "environments": [
                {**IDLE, "environment": "sandbox"},
                {**IDLE, "environment": "pre-release"},
                {**IDLE, "environment": "live"},
            ],
            "last_version": "v1",
            "last_published": None,
            "unpublished": True,
            "line": "v1",
            "pending": 0,
            "shared": None,
            "ahead": [],
            "next": ["gitagent publish v1"],
        },
    ),
    (
        moved,
        "status",
        0,
        {
            "format": "gitagent.status/1",
            "agent": "agent",
            "path": "<tmp>/agent",
            "draft": {
                "label": "Draft",
                "base": "v2",
                "edited": False,
                "branch": "main",
                "unfinished": None,
                "changes": [],
            },
            "environments": [
                {
                    **SERVING,
                    "environment": "sandbox",
                    "version": "v2",
                    "version_name": "Autumn",
                    "since": "2026-03-02T09:05:00+00:00",
                },
                {
                    **SERVING,
                    "environment": "pre-release",
                    "version": "v2",
                    "version_name": "Autumn",
                    "since": "2026-03-02T09:06:00+00:00",
                },
                {**SERVING, "environment": "live", "since": "2026-03-02T09:04:00+00:00"},
            ],
            "last_version": "v2",
            "last_published": "v2",
            "unpublished": False,
            "line": "v2",
            "pending": 0,
            "shared": None,
            "ahead": [{"environment": "pre-release", "of": "live", "versions": 1}],
            "next": ["gitagent promote live"],
        },
    ),
    (
        fresh,
        "versions",
        0,
        {
            "format": "gitagent.versions/1",
            "versions": [
                {
                    "version": "v1",
                    "name": None,
                    "message": None,
                    "commit": "<commit>",
                    "actor": ADA,
                    "at": "2026-03-02T09:01:00+00:00",
                    "signed": False,
                    "environments": [],
                }
            ],
            "more": False,
        },
    ),
    (
        moved,
        "versions --limit 1",
        0,
        {
            "format": "gitagent.versions/1",
            "versions": [
                {
                    "version": "v2",
                    "name": "Autumn",
                    "message": None,
                    "commit": "<commit>",
                    "actor": ADA,
                    "at": "2026-03-02T09:05:00+00:00",
                    "signed": False,
                    "environments": ["sandbox", "pre-release"],
                }
            ],
            "more": True,
        },
    ),
    (edited, "save --dry-run", 0, {"format": "gitagent.save/1", "dry_run": True, "version": "v2", "changes": MODIFIED}),
    (
        edited,
        "save --name Autumn -m Soup",
        0,
        {
            "format": "gitagent.save/1",
            "dry_run": False,
            "version": "v2",
            "name": "Autumn",
            "message": "Soup",
            "commit": "<commit>",
            "actor": ADA,
            "at": "2026-03-02T09:03:00+00:00",
            "signed": False,
            "base": "v1",
            "event": {
                **EVENT,
                "seq": 3,
                "operation": "save",
                "to": "v2",
                "name": "Autumn",
                "message": "Soup",
                "at": "2026-03-02T09:03:00+00:00",
            },
        },
    ),
    (
        edited,
        "publish --dry-run",
        0,
        {
            "format": "gitagent.publish/1",
            "dry_run": True,
            "operation": "publish",
            "environment": "sandbox",
            "from": "v1",
            "to": "v2",
            "name": None,
            "new": True,
            "unchanged": {"pre-release": None, "live": None},
            "numbers": [],
            "approved": [],
            "tests": None,
            "warnings": [],
        },
    ),
    (
        edited,
        "publish --name Autumn",
        0,
        {
            "format": "gitagent.publish/1",
            "dry_run": False,
            "operation": "publish",
            "environment": "sandbox",
            "from": "v1",
            "to": "v2",
            "name": "Autumn",
            "new": True,
            "unchanged": {"pre-release": None, "live": None},
            "numbers": [],
            "approved": [],
            "tests": None,
            "warnings": [],
            "event": {
                **EVENT,
                "seq": 3,
                "operation": "publish",
                "environment": "sandbox",
                "from": "v1",
                "to": "v2",
                "name": "Autumn",
                "at": "2026-03-02T09:03:00+00:00",
            },
        },
    ),
    (
        moved,
        "promote live --dry-run",
        0,
        {
            "format": "gitagent.promote/1",
            "dry_run": True,
            "operation": "promote",
            "environment": "live",
            "from": "v1",
            "to": "v2",
            "name": "Autumn",
            "new": False,
            "unchanged": {"sandbox": "v2", "pre-release": "v2"},
            "numbers": [],
            "approved": [],
            "tests": None,
            "warnings": [],
        },
    ),
    (
        moved,
        "promote live --yes -m Go",
        0,
        {
            "format": "gitagent.promote/1",
            "dry_run": False,
            "operation": "promote",
            "environment": "live",
            "from": "v1",
            "to": "v2",
            "name": "Autumn",
            "new": False,
            "unchanged": {"sandbox": "v2", "pre-release": "v2"},
            "numbers": [],
            "approved": [],
            "tests": None,
            "warnings": [],
            "event": {
                **EVENT,
                "seq": 7,
                "operation": "promote",
                "environment": "live",
                "from": "v1",
                "to": "v2",
                "message": "Go",
                "at": "2026-03-02T09:07:00+00:00",
            },
        },
    ),
    (
        moved,
        "rollback sandbox --dry-run",
        0,
        {
            "format": "gitagent.rollback/1",
            "dry_run": True,
            "operation": "rollback",
            "environment": "sandbox",
            "from": "v2",
            "to": "v1",
            "name": None,
            "new": False,
            "unchanged": {"pre-release": "v2", "live": "v1"},
            "numbers": [],
            "approved": [],
            "tests": None,
            "warnings": [],
        },
    ),
    (
        moved,
        "rollback sandbox --yes",
        0,
        {
            "format": "gitagent.rollback/1",
            "dry_run": False,
            "operation": "rollback",
            "environment": "sandbox",
            "from": "v2",
            "to": "v1",
            "name": None,
            "new": False,
            "unchanged": {"pre-release": "v2", "live": "v1"},
            "numbers": [],
            "approved": [],
            "tests": None,
            "warnings": [],
            "event": {
                **EVENT,
                "seq": 7,
                "operation": "rollback",
                "environment": "sandbox",
                "from": "v2",
                "to": "v1",
                "at": "2026-03-02T09:07:00+00:00",
            },
        },
    ),
    (
        moved,
        "restore v1 --dry-run",
        0,
        {"format": "gitagent.restore/1", "dry_run": True, "target": "v1", "draft_edited": False, "changes": MODIFIED},
    ),
    (
        edited,
        "restore v1 --yes",
        0,
        {
            "format": "gitagent.restore/1",
            "dry_run": False,
            "target": "v1",
            "version": "v1",
            "kept": {**KEPT, "reason": "restore v1"},
            "changes": MODIFIED,
        },
    ),
    (
        edited,
        "discard --dry-run",
        0,
        {"format": "gitagent.discard/1", "dry_run": True, "target": "v1", "draft_edited": True, "changes": MODIFIED},
    ),
    (
        edited,
        "discard --yes",
        0,
        {
            "format": "gitagent.discard/1",
            "dry_run": False,
            "target": "v1",
            "version": "v1",
            "kept": KEPT,
            "changes": MODIFIED,
        },
    ),
    (fresh, "drafts list", 0, {"format": "gitagent.drafts/1", "drafts": []}),
    (kept, "drafts list", 0, {"format": "gitagent.drafts/1", "drafts": [KEPT]}),
    (
        kept,
        "drafts show KEPT",
        0,
        {"format": "gitagent.drafts-show/1", "draft": KEPT, "changes": ["notes.md: +1 -1 lines"]},
    ),
    (
        kept,
        "drafts restore KEPT --dry-run",
        0,
        {
            "format": "gitagent.drafts-restore/1",
            "dry_run": True,
            "target": "draft <ULID>",
            "draft_edited": False,
            "changes": MODIFIED,
        },
    ),
    (
        kept,
        "drafts restore KEPT --yes",
        0,
        {
            "format": "gitagent.drafts-restore/1",
            "dry_run": False,
            "target": "draft <ULID>",
            "version": "v1",
            "kept": None,
            "changes": MODIFIED,
        },
    ),
    (kept, "drafts drop KEPT --dry-run", 0, {"format": "gitagent.drafts-drop/1", "dry_run": True, "draft": KEPT}),
    (kept, "drafts drop KEPT --yes", 0, {"format": "gitagent.drafts-drop/1", "dry_run": False, "draft": KEPT}),
    (
        numbered,
        "environments",
        0,
        {
            "format": "gitagent.environments/1",
            "environments": [
                {**SERVING, "environment": "sandbox", "since": "2026-03-02T09:02:00+00:00"},
                {**IDLE, "environment": "pre-release"},
                {
                    **IDLE,
                    "environment": "live",
                    "numbers": [{"number": "+442079460018", "environment": "live", "sip_headers": {}}],
                },
            ],
        },
    ),
    (
        fresh,
        "environments set live --requires-number --dry-run",
        0,
        {
            "format": "gitagent.environments-set/1",
            "dry_run": True,
            "operation": "rules",
            "environment": "live",
            "number": None,
            "detail": "requires-number on",
        },
    ),
    (
        fresh,
        "environments set live --requires-number",
        0,
        {
            "format": "gitagent.environments-set/1",
            "dry_run": False,
            "environment": {**IDLE, "environment": "live", "requires_number": True},
            "event": {
                **EVENT,
                "seq": 2,
                "operation": "rules",
                "environment": "live",
                "detail": "requires-number on",
                "at": "2026-03-02T09:02:00+00:00",
            },
        },
    ),
    (
        moved,
        "show v2",
        0,
        {
            "format": "gitagent.show/1",
            "version": "v2",
            "name": "Autumn",
            "message": None,
            "commit": "<commit>",
            "actor": ADA,
            "at": "2026-03-02T09:05:00+00:00",
            "signed": False,
            "environments": ["sandbox", "pre-release"],
            "approvals": [],
            "result": None,
            "changes": ["notes.md: +1 -1 lines"],
            "files": [{"path": "notes.md", "size": 4, "id": "<commit>"}],
        },
    ),
    (moved, "show v2 notes.md", 0, {"format": "gitagent.show/1", "path": "notes.md", "content": "two\n"}),
    (
        moved,
        "history --op promote --limit 1",
        0,
        {
            "format": "gitagent.history/1",
            "events": [
                {
                    **EVENT,
                    "seq": 6,
                    "operation": "promote",
                    "environment": "pre-release",
                    "from": "v1",
                    "to": "v2",
                    "at": "2026-03-02T09:06:00+00:00",
                }
            ],
            "more": True,
        },
    ),
    (
        moved,
        "history -e live",
        0,
        {
            "format": "gitagent.history/1",
            "events": [
                {
                    **EVENT,
                    "seq": 4,
                    "operation": "promote",
                    "environment": "live",
                    "to": "v1",
                    "at": "2026-03-02T09:04:00+00:00",
                }
            ],
            "more": False,
        },
    ),
    (fresh, "history --op publish", 0, {"format": "gitagent.history/1", "events": [], "more": False}),
    (
        moved,
        "at live --when now",
        0,
        {
            "format": "gitagent.at/1",
            "environment": "live",
            "when": "2026-03-02T09:07:00+00:00",
            "version": {
                "version": "v1",
                "name": None,
                "message": None,
                "commit": "<commit>",
                "actor": ADA,
                "at": "2026-03-02T09:01:00+00:00",
                "signed": False,
            },
            "since": "2026-03-02T09:04:00+00:00",
            "until": None,
        },
    ),
    (
        moved,
        "compare v1 v2",
        0,
        {
            "format": "gitagent.compare/1",
            "old": "v1",
            "new": "v2",
            "differs": True,
            "summary": "1 file: notes.md (+1 -1 lines)",
            "counts": {
                "files": 1,
                "added": 0,
                "deleted": 0,
                "modified": 1,
                "renamed": 0,
                "lines_added": 1,
                "lines_removed": 1,
            },
            "files": [
                {
                    "path": "notes.md",
                    "kind": "modified",
                    "binary": False,
                    "old": {"path": "notes.md", "type": "file", "id": "<commit>", "size": 4},
                    "new": {"path": "notes.md", "type": "file", "id": "<commit>", "size": 4},
                    "notes": [],
                    "keys": None,
                    "lines_added": 1,
                    "lines_removed": 1,
                    "hunks": [
                        {
                            "old_start": 1,
                            "old_lines": 1,
                            "new_start": 1,
                            "new_lines": 1,
                            "rows": [
                                {
                                    "kind": "changed",
                                    "old": {"number": 1, "text": "one", "spans": []},
                                    "new": {"number": 1, "text": "two", "spans": []},
                                }
                            ],
                        }
                    ],
                }
            ],
        },
    ),
    (
        fresh,
        "compare",
        0,
        {
            "format": "gitagent.compare/1",
            "old": "v1",
            "new": "draft",
            "differs": False,
            "summary": "no differences",
            "counts": {
                "files": 0,
                "added": 0,
                "deleted": 0,
                "modified": 0,
                "renamed": 0,
                "lines_added": 0,
                "lines_removed": 0,
            },
            "files": [],
        },
    ),
    (
        numbered,
        "numbers list",
        0,
        {
            "format": "gitagent.numbers/1",
            "numbers": [
                {"number": "+442079460018", "environment": "live", "sip_headers": {}, "national": "020 7946 0018"}
            ],
        },
    ),
    (fresh, "numbers list", 0, {"format": "gitagent.numbers/1", "numbers": []}),
    (
        fresh,
        "numbers assign +442079460018 -e live --dry-run",
        0,
        {
            "format": "gitagent.numbers-assign/1",
            "dry_run": True,
            "operation": "assign-number",
            "environment": "live",
            "number": "+442079460018",
            "detail": None,
            "sip_headers": {},
            "old_sip_headers": None,
        },
    ),
    (
        fresh,
        "numbers assign +442079460018 -e live --sip-header X-Queue=a",
        0,
        {
            "format": "gitagent.numbers-assign/1",
            "dry_run": False,
            "event": {
                **EVENT,
                "seq": 2,
                "operation": "assign-number",
                "environment": "live",
                "number": "+442079460018",
                "detail": "sip-headers X-Queue=a",
                "at": "2026-03-02T09:02:00+00:00",
            },
            "sip_headers": {"X-Queue": "a"},
            "old_sip_headers": None,
        },
    ),
    (
        numbered,
        "numbers release +442079460018 --dry-run",
        0,
        {
            "format": "gitagent.numbers-release/1",
            "dry_run": True,
            "operation": "release-number",
            "environment": "live",
            "number": "+442079460018",
            "detail": None,
            "sip_headers": {},
            "old_sip_headers": {},
        },
    ),
    (
        numbered,
        "numbers release +442079460018 --yes",
        0,
        {
            "format": "gitagent.numbers-release/1",
            "dry_run": False,
            "event": {
                **EVENT,
                "seq": 4,
                "operation": "release-number",
                "environment": "live",
                "number": "+442079460018",
                "at": "2026-03-02T09:04:00+00:00",
            },
            "sip_headers": {},
            "old_sip_headers": {},
        },
    ),
    (
        fresh,
        "validate",
        0,
        {
            "format": "gitagent.validate/1",
            "selector": "draft",
            "valid": True,
            "errors": 0,
            "warnings": 0,
            "problems": [],
        },
    ),
    (
        fresh,
        "validate v1",
        0,
        {"format": "gitagent.validate/1", "selector": "v1", "valid": True, "errors": 0, "warnings": 0, "problems": []},
    ),
    (
        broken,
        "validate",
        1,
        {
            "format": "gitagent.validate/1",
            "selector": "draft",
            "valid": False,
            "errors": 2,
            "warnings": 0,
            "problems": [
                {
                    "path": "agent.json",
                    "line": 1,
                    "column": 2,
                    "severity": "error",
                    "code": "json-syntax",
                    "message": "expected a key in double quotes, found the end of the file",
                    "hint": None,
                },
                {
                    "path": "topics.yaml",
                    "line": 2,
                    "column": 1,
                    "severity": "error",
                    "code": "yaml-syntax",
                    "message": "did not find expected node content",
                    "hint": "A value is missing, or a bracket or brace before it is not closed.",
                },
            ],
        },
    ),
]


def printed(state: State, line: str, agent: Built, cli: Cli) -> tuple[int, dict[str, Any]]:
    """The exit code and the object that a command prints in a state; KEPT in its line is the kept draft's id."""
    state(agent, cli)
    cli.clock = agent.clock
    ids = [str(draft.id) for draft in agent.reopen().drafts()]
    words = shlex.split(line.replace("KEPT", ids[0]) if ids else line)
    ran = cli(*words, "--json")
    assert ran.err == ""
    record: dict[str, Any] = json.loads(ran.out)
    return ran.code, record


@pytest.mark.parametrize(
    ("state", "line", "code", "record"),
    RECORDS,
    ids=[f"{state.__name__}: {line}" for state, line, _, _ in RECORDS],
)
def test_the_whole_record(state: State, line: str, code: int, record: dict[str, Any], agent: Built, cli: Cli) -> None:
    assert printed(state, line, agent, cli) == (code, record)
