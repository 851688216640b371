"""What programs read: one object a run, its format first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.building import Built
from support.commandline import Cli

ADA = {"name": "Ada Lovelace", "email": "ada@example.com"}
AUTUMN = {
    "version": "v2",
    "name": "Autumn",
    "message": "Soup",
    "commit": "<commit>",
    "actor": ADA,
    "at": "2026-03-02T09:03:00+00:00",
    "signed": False,
}


@pytest.fixture
def published(agent: Built, cli: Cli) -> Cli:
    """v1 and v2 "Autumn" published, one after the other."""
    agent.publish().edit("two\n")
    assert cli("publish", "--name", "Autumn", "-m", "Soup").code == 0
    return cli


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


def test_the_format_comes_first_and_names_the_command(cli: Cli) -> None:
    for words, name in (
        (["status"], "status"),
        (["versions"], "versions"),
        (["show", "v1"], "show"),
        (["history"], "history"),
        (["at", "live", "--when", "now"], "at"),
        (["environments"], "environments"),
        (["numbers"], "numbers"),
        (["numbers", "list"], "numbers"),
        (["drafts"], "drafts"),
        (["validate"], "validate"),
        (["verify"], "verify"),
        (["doctor"], "doctor"),
        (["compare"], "compare"),
        (["schema"], "schema"),
        (["completion", "bash"], "completion"),
    ):
        record = cli.json(*words)
        assert next(iter(record.items())) == ("format", f"gitagent.{name}/1")


def test_status(published: Cli, agent: Built) -> None:
    agent.edit("three\n")
    record = published.json("status")
    assert record["draft"] == {
        "label": "Draft edited since v2",
        "base": "v2",
        "edited": True,
        "branch": "main",
        "unfinished": None,
        "changes": [{"path": "notes.md", "change": "modified"}],
    }
    assert (record["agent"], record["path"]) == ("agent", "<tmp>/agent")
    assert (record["last_version"], record["last_published"], record["unpublished"]) == ("v2", "v2", True)
    assert record["ahead"] == [{"environment": "sandbox", "of": "pre-release", "versions": 2}]
    assert record["next"] == ["gitagent compare", "gitagent publish", "gitagent promote pre-release"]
    assert record["environments"][0] == {
        "environment": "sandbox",
        "version": "v2",
        "version_name": "Autumn",
        "commit": "<commit>",
        "since": "2026-03-02T09:03:00+00:00",
        "by": ADA,
        "requires_number": False,
        "approvals": 0,
        "requires_signature": False,
        "tests": 0,
        "not_worse": False,
        "numbers": [],
    }
    assert record["environments"][2] == {
        "environment": "live",
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


def test_versions(published: Cli) -> None:
    record = published.json("versions", "--limit", "1")
    assert record == {
        "format": "gitagent.versions/1",
        "versions": [{**AUTUMN, "environments": ["sandbox"]}],
        "more": True,
    }
    assert published.json("versions")["more"] is False


def test_show(published: Cli) -> None:
    record = published.json("show", "sandbox")
    assert record == {
        "format": "gitagent.show/1",
        **AUTUMN,
        "environments": ["sandbox"],
        "approvals": [],
        "result": None,
        "changes": ["notes.md: +1 -1 lines"],
        "files": [{"path": "notes.md", "size": 4, "id": "<commit>"}],
    }
    assert published.json("show", "v1", "notes.md") == {
        "format": "gitagent.show/1",
        "path": "notes.md",
        "content": "one\n",
    }


def test_save_and_its_plan(cli: Cli, agent: Built) -> None:
    agent.edit("two\n")
    assert cli.json("save", "--dry-run") == {
        "format": "gitagent.save/1",
        "dry_run": True,
        "version": "v2",
        "changes": [{"path": "notes.md", "change": "modified"}],
    }
    record = cli.json("save", "--name", "Autumn", "-m", "Soup")
    assert record == {
        "format": "gitagent.save/1",
        "dry_run": False,
        **AUTUMN,
        "base": "v1",
        "event": {
            **EVENT,
            "seq": 2,
            "operation": "save",
            "to": "v2",
            "name": "Autumn",
            "message": "Soup",
            "at": "2026-03-02T09:03:00+00:00",
        },
    }


def test_a_move_and_its_plan(published: Cli) -> None:
    move: dict[str, Any] = {
        "operation": "promote",
        "environment": "pre-release",
        "from": None,
        "to": "v2",
        "name": "Autumn",
        "new": False,
        "unchanged": {"sandbox": "v2", "live": None},
        "numbers": [],
        "approved": [],
        "tests": None,
        "warnings": [],
    }
    assert published.json("promote", "pre-release", "--dry-run") == {
        "format": "gitagent.promote/1",
        "dry_run": True,
        **move,
    }
    record = published.json("promote", "pre-release", "-y", "-m", "Tried")
    event = record.pop("event")
    assert record == {"format": "gitagent.promote/1", "dry_run": False, **move}
    assert event == {
        **EVENT,
        "seq": 4,
        "operation": "promote",
        "environment": "pre-release",
        "to": "v2",
        "message": "Tried",
        "at": "2026-03-02T09:05:00+00:00",
    }


def test_publish_and_rollback(published: Cli, agent: Built) -> None:
    agent.edit("three\n")
    record = published.json("publish")
    assert (record["from"], record["to"], record["new"]) == ("v2", "v3", True)
    record = published.json("rollback", "sandbox", "-y")
    assert (record["operation"], record["from"], record["to"]) == ("rollback", "v3", "v2")


def test_history(published: Cli) -> None:
    record = published.json("history", "--limit", "1")
    assert record == {
        "format": "gitagent.history/1",
        "events": [
            {
                **EVENT,
                "seq": 3,
                "operation": "publish",
                "environment": "sandbox",
                "from": "v1",
                "to": "v2",
                "name": "Autumn",
                "message": "Soup",
                "at": "2026-03-02T09:03:00+00:00",
            }
        ],
        "more": True,
    }


def test_at(published: Cli) -> None:
    assert published.json("at", "sandbox", "--when", "2026-03-02T09:03:30") == {
        "format": "gitagent.at/1",
        "environment": "sandbox",
        "when": "2026-03-02T09:03:30+00:00",
        "version": AUTUMN,
        "since": "2026-03-02T09:03:00+00:00",
        "until": None,
    }
    assert published.json("at", "live", "--when", "2026-03-02T09:03:30")["version"] is None


def test_restore_discard_and_drafts(published: Cli, agent: Built) -> None:
    agent.edit("three\n")
    plan = published.json("restore", "v1", "--dry-run")
    assert plan == {
        "format": "gitagent.restore/1",
        "dry_run": True,
        "target": "v1",
        "draft_edited": True,
        "changes": [{"path": "notes.md", "change": "modified"}],
    }
    record = published.json("restore", "v1", "-y")
    kept = {
        "id": "<ULID>",
        "at": "2026-03-02T09:05:00+00:00",
        "actor": ADA,
        "reason": "restore v1",
        "base": "v2",
        "commit": "<commit>",
    }
    assert record == {
        "format": "gitagent.restore/1",
        "dry_run": False,
        "target": "v1",
        "version": "v1",
        "kept": kept,
        "changes": [{"path": "notes.md", "change": "modified"}],
    }
    assert published.json("discard")["kept"] is None
    assert published.json("drafts")["drafts"] == [kept]
    shown = published.json("drafts", "show", agent.reopen().drafts()[0].id)
    assert shown == {"format": "gitagent.drafts-show/1", "draft": kept, "changes": ["notes.md: +1 -1 lines"]}


def test_dropping_a_draft(cli: Cli, agent: Built) -> None:
    agent.edit("two\n").restore("v1")
    kept = agent.reopen().drafts()[0].id
    assert cli.json("drafts", "drop", kept, "--dry-run")["dry_run"] is True
    assert cli.json("drafts", "drop", kept, "-y")["draft"]["id"] == "<ULID>"


def test_numbers_and_rules(cli: Cli) -> None:
    record = cli.json("numbers", "assign", "+442079460018", "-e", "live", "--sip-header", "X-Queue=a=b")
    assert record["event"]["number"] == "+442079460018"
    assert record["format"] == "gitagent.numbers-assign/1"
    assigned = {"number": "+442079460018", "environment": "live", "sip_headers": {"X-Queue": "a=b"}}
    assert cli.json("numbers")["numbers"] == [{**assigned, "national": "020 7946 0018"}]
    record = cli.json("environments", "set", "live", "--requires-number")
    assert record["format"] == "gitagent.environments-set/1"
    assert record["environment"]["requires_number"] is True
    assert record["environment"]["numbers"] == [assigned]
    assert record["event"]["detail"] == "requires-number on"
    record = cli.json("numbers", "release", "+442079460018", "-y")
    assert (record["format"], record["event"]["operation"]) == ("gitagent.numbers-release/1", "release-number")


def test_compare(cli: Cli, agent: Built) -> None:
    agent.edit("two\n")
    record = cli.json("compare")
    assert (record["old"], record["new"], record["differs"]) == ("v1", "draft", True)
    assert [file["path"] for file in record["files"]] == ["notes.md"]
    ran = cli("compare", "--json", "--exit-code")
    assert (ran.code, json.loads(ran.out)["differs"]) == (1, True)


def test_validate(cli: Cli, agent: Built) -> None:
    assert cli.json("validate") == {
        "format": "gitagent.validate/1",
        "selector": "draft",
        "valid": True,
        "errors": 0,
        "warnings": 0,
        "problems": [],
    }
    agent.edit("a: 1\na: 2\n", "x.yaml")
    ran = cli("validate", "--format", "json")
    record: Any = json.loads(ran.out)
    assert (ran.code, record["valid"], record["errors"]) == (1, False, 1)
    assert record["problems"][0]["path"] == "x.yaml"


def test_text_beyond_ascii_is_written_as_it_is(cli: Cli, agent: Built) -> None:
    agent.edit("two\n")
    ran = cli("save", "--json", "--name", "Menü 菜单")
    assert '"name": "Menü 菜单"' in ran.out
