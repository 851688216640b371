"""`gitagent verify`: what it finds, for people and for programs, and that it puts nothing right."""

from __future__ import annotations

import sys
import threading

import pytest
from rich.progress import Progress
from support.building import Built
from support.commandline import Cli, Ran, Stream
from support.forging import forge
from support.terminals import on_a_terminal

from gitagent.agent import verification
from gitagent.cli.progress import working
from gitagent.names import VersionNumber

SOUND = "Checked 3 events and 2 versions: every rule holds.\n"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "A_MOMENT", 0)


@pytest.fixture(autouse=True)
def _history(agent: Built) -> None:
    """v2 in the sandbox and in pre-release: three events."""
    agent.publish("two\n").promote("pre-release")


def test_a_sound_agent_is_said_to_be_sound(cli: Cli) -> None:
    assert cli("verify") == Ran(0, SOUND)


def test_findings_are_told_with_what_to_type_and_nothing_is_put_right(agent: Built, cli: Cli) -> None:
    agent.git("branch", "-f", "sandbox", "v1^{commit}")
    agent.git("tag", "-d", "v1")
    stands = agent.git("rev-parse", "sandbox")[:12]
    told = Ran(
        1,
        "tags/v1: tag-missing: the tag v1 is missing (error)\n"
        "    Bring it back: gitagent show v1\n"
        f"sandbox: branch-moved: sandbox serves v2, and its branch is at {stands} (error)\n"
        "    Any command puts it back: gitagent status\n"
        "Checked 3 events and 2 versions: 2 errors.\n",
    )
    assert cli("verify") == told
    assert cli("verify") == told
    assert cli("status").code == cli("show", "v1").code == 0
    assert cli("verify") == Ran(0, SOUND)


def test_a_warning_alone_is_no_failure(agent: Built, cli: Cli) -> None:
    agent.git("tag", "V3")
    assert cli("verify") == Ran(
        0,
        "tags/V3: tag-look-alike: the tag V3 looks like a version's and is none (warning)\n"
        "    Rename it: git tag old-V3 V3 && git tag -d V3\n"
        "Checked 3 events and 2 versions: 1 warning.\n",
    )


def test_an_event_is_named_by_its_place_in_the_ledger(agent: Built, cli: Cli) -> None:
    commit = forge(agent.path, from_version=VersionNumber(1), from_commit="1" * 40)
    agent.git("tag", "V3")
    ran = cli("verify")
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "gitagent/ledger:3: rule-from: event 3, promote pre-release v1 -> v2: pre-release serves nothing, not v1 "
        "111111111111 (error)",
        f"    See: git show {commit[:12]}",
        "tags/V3: tag-look-alike: the tag V3 looks like a version's and is none (warning)",
        "    Rename it: git tag old-V3 V3 && git tag -d V3",
        "Checked 3 events and 2 versions: 1 error and 1 warning.",
    ]


def test_programs_read_the_findings(agent: Built, cli: Cli) -> None:
    assert cli.json("verify") == {
        "format": "gitagent.verify/1",
        "valid": True,
        "events": 3,
        "versions": 2,
        "signatures": 0,
        "errors": 0,
        "warnings": 0,
        "findings": [],
    }
    forge(agent.path, author="Grace Hopper")
    agent.git("switch", "-q", "-c", "idea")
    ran = cli("verify", "--json")
    assert ran.code == 1
    assert (
        '"valid": false,\n  "events": 3,\n  "versions": 2,\n  "signatures": 0,\n  "errors": 1,\n  "warnings": 1,'
        in ran.out
    )
    assert (
        '"code": "rule-actor",\n      "severity": "error",\n      "ref": null,\n      "commit": "<commit>"' in ran.out
    )
    assert '"seq": 3' in ran.out
    assert (
        '"code": "head-elsewhere",\n      "severity": "warning",\n      "ref": "HEAD",\n      "commit": null' in ran.out
    )


def test_the_api_verifies_too(agent: Built) -> None:
    told: list[tuple[int, int]] = []
    done = agent.agent.verify(lambda *amount: told.append(amount))
    assert (done.events, done.versions, done.findings, done.errors) == (3, 2, (), 0)
    assert told[-1] == (5, 5)


def test_a_folder_that_is_no_agent_is_refused(cli: Cli) -> None:
    ran = cli("verify", "-C", "..")
    assert (ran.code, ran.out) == (3, "")


def test_a_terminal_shows_the_result_alone(agent: Built) -> None:
    code, screen = on_a_terminal(agent.path, "verify")
    assert code == 0, screen
    assert "every rule holds" in screen


def test_the_bar_shows_how_much_of_how_much_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, told = [], threading.Event()

    def update(_: Progress, task: int, *, description: str, completed: int, total: int | None) -> None:
        shown.append((description, completed, total))
        if total:
            told.set()

    monkeypatch.setattr(Progress, "update", update)
    monkeypatch.setattr(sys, "stderr", Stream(terminal=True))
    with working("Checking", patience=0) as tell:
        tell(3, 4)
        assert told.wait(30)
    assert shown[-1] == ("Checking", 3, 4)
