"""`gitagent doctor`: what it says, that it asks, and that it changes nothing that nobody agreed to."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from support.building import START, Built
from support.commandline import Cli, Ran
from support.forging import forge
from support.terminals import on_a_terminal

from gitagent.agent import verification

LEDGER = "refs/heads/gitagent/ledger"
SOUND = Ran(0, "Nothing is wrong.\n")


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "A_MOMENT", 0)


@pytest.fixture(autouse=True)
def _history(agent: Built) -> None:
    """v2 in the sandbox and in pre-release: three events."""
    agent.publish("two\n").promote("pre-release")


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below the agent's folder, git's own included."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def hurt(agent: Built) -> None:
    """Take a tag away, and leave an old lock."""
    agent.git("tag", "-d", "v1")
    lock = agent.path / ".git/index.lock"
    lock.touch()
    os.utime(lock, (START.timestamp(), START.timestamp()))


def days(text: str) -> str:
    """A text without the age of a lock, which goes by the system's own clock."""
    return re.sub(r"\d+ (days?|hours?|minutes?)", "<age>", text)


def told(record: str, state: str) -> str:
    return (
        f".git/index.lock: lock-left-over: the lock .git/index.lock has stood there for <age> ({state})\n"
        "    Remove it: the process that made it is gone.\n"
        "    rm .git/index.lock\n"
        f"tags/v1: tag-missing: the tag v1 is missing ({state})\n"
        f"    Put it back to {record[:12]}.\n"
        "    git update-ref refs/tags/v1 <commit>\n"
    )


def test_a_sound_agent_is_said_to_be_sound(cli: Cli) -> None:
    assert cli("doctor") == SOUND
    assert cli("doctor", "--yes") == SOUND
    assert cli("doctor", "--dry-run") == Ran(0, "Nothing is wrong.\nNothing was changed (--dry-run).\n")


def test_a_dry_run_tells_everything_and_changes_nothing(agent: Built, cli: Cli) -> None:
    record = agent.git("rev-parse", "v1")
    hurt(agent)
    before = everything(agent.path)
    ran = cli("doctor", "--dry-run")
    assert everything(agent.path) == before
    assert ran.code == 1
    assert days(ran.out) == (
        told(record, "gitagent can repair it") + "2 for gitagent to repair.\nNothing was changed (--dry-run).\n"
    )


def test_it_says_what_it_will_do_and_asks(agent: Built, cli: Cli) -> None:
    record = agent.git("rev-parse", "v1")
    hurt(agent)
    ran = cli("doctor", typed="y\n", environ={"COLUMNS": "200"})
    assert (ran.code, days(ran.err)) == (
        0,
        told(record, "gitagent can repair it") + "Repair these 2? [y/N] "
        "note: v1 is in step with the ledger again (promote pre-release v2).\n",
    )
    assert days(ran.out) == (
        ".git/index.lock: lock-left-over: the lock .git/index.lock has stood there for <age> (repaired)\n"
        "tags/v1: tag-missing: the tag v1 is missing (repaired)\n"
        "Everything is repaired.\n"
    )
    assert cli("doctor") == SOUND
    assert cli("verify").code == 0
    agent.edit("three\n")
    assert cli("save").code == 0


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_declining_changes_nothing(answer: str, agent: Built, cli: Cli) -> None:
    hurt(agent)
    before = everything(agent.path)
    ran = cli("doctor", typed=answer)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.endswith("Not confirmed: nothing was changed.\n")
    assert everything(agent.path) == before


def test_nobody_to_ask_is_refused_and_changes_nothing(agent: Built, cli: Cli) -> None:
    hurt(agent)
    before = everything(agent.path)
    assert cli("doctor") == Ran(
        3,
        "",
        "error: confirmation is needed: Repair these 2?\n"
        "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n",
    )
    assert everything(agent.path) == before


def test_with_yes_it_still_says_first_what_it_will_do(agent: Built, cli: Cli) -> None:
    agent.git("branch", "-f", "sandbox", "v1^{commit}")
    stands = agent.git("rev-parse", "sandbox")[:12]
    ran = cli("doctor", "--yes")
    assert ran.code == 0
    assert ran.err == (
        f"sandbox: branch-moved: sandbox serves v2, and its branch is at {stands} (gitagent can repair it)\n"
        "    Put it back on v2; what it was moved to is kept in gitagent drafts.\n"
        "    git update-ref refs/heads/sandbox <commit>\n"
        f"note: sandbox had been moved by hand to {stands[:10]}; the ledger's word was restored.\n"
    )
    assert ran.out.endswith("(repaired)\nEverything is repaired.\n")
    assert "sandbox moved by hand" in cli("drafts").out


def test_a_lost_ledger_is_put_back_with_all_that_follows_from_it(agent: Built, cli: Cli) -> None:
    agent.git("branch", "-D", "gitagent/ledger")
    agent.git("branch", "-D", "pre-release")
    assert cli("status").code == 3
    ran = cli("doctor", typed="yes\n")
    assert ran.code == 0, ran
    assert "Repair it? [y/N]" in ran.err
    assert ran.out == (
        "gitagent/ledger: ledger-lost: the ledger's branch gitagent/ledger is lost (repaired)\n"
        "pre-release: branch-missing: pre-release serves v2, and its branch is missing (repaired)\n"
        "Everything is repaired.\n"
    )
    assert cli("verify").code == cli("status").code == 0


def test_what_it_cannot_repair_is_told_without_a_question(agent: Built, cli: Cli) -> None:
    agent.git("update-index", "--skip-worktree", "notes.md")
    agent.git("tag", "V3")
    assert cli("doctor") == Ran(
        1,
        "notes.md: file-hidden: git was told not to look at notes.md (skip-worktree), so what is edited there is in "
        "no version (for you to do)\n"
        "    Let git look at it again.\n"
        "    git update-index --no-skip-worktree -- notes.md\n"
        "tags/V3: tag-look-alike: the tag V3 looks like a version's and is none (warning)\n"
        "    Rename it: git tag old-V3 V3 && git tag -d V3\n"
        "1 for you to do, 1 warning.\n",
    )


def test_a_warning_alone_is_no_failure(agent: Built, cli: Cli) -> None:
    agent.git("tag", "V3")
    ran = cli("doctor")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "1 warning.")


def test_what_is_left_after_repairing_is_told(agent: Built, cli: Cli) -> None:
    hurt(agent)
    forge(agent.path, author="Grace Hopper")
    ran = cli("doctor", "--yes")
    assert ran.code == 1
    assert ran.out.splitlines()[-1] == "2 repaired, 1 for you to do."
    assert "rule-actor: ledger commit <commit> is not written by" in ran.out


def test_a_repair_that_fails_is_told_with_its_reason(agent: Built, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from gitagent.git.leftovers import Leftover

    hurt(agent)
    monkeypatch.setattr(Leftover, "remove", lambda _: False)
    ran = cli("doctor", "--yes")
    assert ran.code == 1
    assert "(failed: .git/index.lock was taken by somebody else meanwhile)" in ran.out
    assert ran.out.endswith("1 repaired, 1 for gitagent to repair.\n")


def test_programs_read_what_is_wrong(agent: Built, cli: Cli) -> None:
    assert cli.json("doctor") == {
        "format": "gitagent.doctor/1",
        "dry_run": False,
        "sound": True,
        "repaired": [],
        "left": [],
        "notices": [],
    }
    tag = agent.git("rev-parse", "v1")
    agent.git("tag", "-d", "v1")
    record = {
        "code": "tag-missing",
        "severity": "error",
        "place": "refs/tags/v1",
        "wrong": "the tag v1 is missing",
        "remedy": f"Put it back to {tag[:12]}.",
        "command": "git update-ref refs/tags/v1 <commit>",
        "automatic": True,
        "failure": None,
    }
    ran = cli("doctor", "--dry-run", "--json")
    assert (ran.code, ran.err) == (1, "")
    (left,) = json.loads(ran.out)["left"]
    assert left == record
    done = cli.json("doctor", "--yes")
    assert (done["sound"], done["left"], done["repaired"][0]["code"]) == (True, [], "tag-missing")
    assert done["notices"] == ["v1 is in step with the ledger again (promote pre-release v2)."]


def test_json_is_no_yes(agent: Built, cli: Cli) -> None:
    agent.git("tag", "-d", "v1")
    ran = cli("doctor", "--json")
    assert ran.code == 3
    assert json.loads(ran.out)["error"]["code"] == "confirmation-needed"


def test_a_folder_that_is_no_agent_is_refused(cli: Cli) -> None:
    ran = cli("doctor", "-C", "..")
    assert (ran.code, ran.out) == (3, "")


def test_a_terminal_shows_the_result_alone(agent: Built) -> None:
    code, screen = on_a_terminal(agent.path, "doctor")
    assert code == 0, screen
    assert "Nothing is wrong." in screen
