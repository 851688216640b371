"""Scenarios: agents as they stand before an operation, and the operation that dies."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from support.building import ADA, GRACE, START, Built, git
from support.testing import FILES as SUITES

from gitagent import Agent
from gitagent.config.files import MemoryFile
from gitagent.names import PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LATER = START + timedelta(days=1)
FILES = {"notes.md": "one\n", "greeting.txt": "hello\n", "topics/hours.md": "noon to ten\n", "topics/old.md": "gone\n"}
LEDGER = ".git/refs/heads/gitagent/ledger"
NOTE = ".git/gitagent/overwriting"
SHARED = ".git/shared.git"


class Scenario(NamedTuple):
    """`prepare` makes an agent in a folder; `act` is the operation on it, done by a process that dies.

    Where no agent was `begun` before, the operation may also have come to nothing.
    """

    name: str
    prepare: Callable[[Path], object]
    act: Callable[[Path], object]
    begun: bool = True


class Sequel(NamedTuple):
    """The agent is opened again, and that process dies, too.

    The operation `of` died just after the file `turning_point` was in its place: from there on it is completed.
    """

    name: str
    of: Scenario
    turning_point: str


def settled(path: Path) -> Built:
    """An agent that has been through the pipeline twice: every environment serves v3 and served v2 before."""
    built = Built(path, files=FILES)
    built.publish("two\n").promote("pre-release", "live")
    (path / "topics/old.md").unlink()
    return built.publish("three\n").promote("pre-release", "live")


def edited(path: Path) -> Built:
    """With a draft that changes a file, adds two and deletes one."""
    built = settled(path).edit("edited\n").edit("new\n", "topics/new.md").edit("deep\n", "a/b/c.md")
    (path / "greeting.txt").unlink()
    return built


def shared(path: Path) -> Built:
    """With a shared remote, inside git's own folder so that a copy of the one is a copy of both."""
    built = edited(path)
    built.git("init", "-q", "--bare", SHARED)
    built.agent.share(SHARED)
    return built


def open_again(path: Path) -> None:
    """What every command does first."""
    Agent.open(path)


def _with_plain_commits(path: Path) -> None:
    built = settled(path).edit("by hand\n")
    for number in range(2):
        built.edit(f"{number}\n", "plain.md").git("add", "--all")
        built.git("commit", "-q", "-m", f"Plain commit {number}")
    built.edit("edited since\n")


def _ahead(path: Path) -> None:
    settled(path).publish("four\n").promote("pre-release")


def _shared_ahead(path: Path) -> None:
    shared(path).publish().promote("pre-release")


def _waiting(path: Path) -> None:
    """A save waits for its number, the draft was edited since, and somebody else saved meanwhile."""
    _behind(path)
    agent = Agent.open(path)
    agent.save_pending(actor=ADA, at=START)
    (path / "notes.md").write_text("edited since\n")


def _behind(path: Path) -> None:
    """Somebody else saved: a file that the draft leaves alone was changed, one deleted and one added."""
    built = shared(path)
    colleague = Agent.clone(str(path / SHARED), path.with_name(f"{path.name}-colleague"))
    (colleague.path / "greeting.txt").rename(colleague.path / "greetings.txt")
    (colleague.path / "topics/hours.md").write_text("one to two\n")
    colleague.publish(actor=ADA, at=START)
    (path / "greeting.txt").write_text(FILES["greeting.txt"])
    built.edit("mine\n", "mine.md")


def _with_ignored_files(path: Path) -> None:
    edited(path).edit("ignored.log\n", ".gitignore").edit("kept\n", "ignored.log")


def _by_git(path: Path) -> None:
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    (path / "notes.md").write_text("one\n")
    git(path, "add", ".")
    git(path, "commit", "-q", "-m", "By hand")
    (path / "notes.md").write_text("two\n")


def _nothing(_: Path) -> None:
    pass


def _with_kept_draft(path: Path) -> None:
    edited(path).restore("v2")


def _init(path: Path) -> None:
    Agent.init(path, actor=ADA, at=LATER, files={name: MemoryFile(text.encode()) for name, text in FILES.items()})


def _take_over(path: Path) -> None:
    Agent.init(path, actor=ADA, at=LATER)


def _save(path: Path) -> None:
    Agent.open(path).save(actor=ADA, at=LATER, name="a name", message="why")


def _publish(path: Path) -> None:
    Agent.open(path).publish(actor=ADA, at=LATER)


def _publish_saved(path: Path) -> None:
    Agent.open(path).publish("v2", actor=ADA, at=LATER)


def _promote(path: Path) -> None:
    Agent.open(path).promote("live", actor=ADA, at=LATER)


def _roll_back(path: Path) -> None:
    Agent.open(path).rollback("live", actor=ADA, at=LATER)


def _restore(path: Path) -> None:
    Agent.open(path).restore("v1", actor=ADA, at=LATER)


def _discard(path: Path) -> None:
    Agent.open(path).discard(actor=ADA, at=LATER)


def _assign_number(path: Path) -> None:
    Agent.open(path).assign_number(
        PhoneNumber.stored("+442079460018"), "live", actor=ADA, at=LATER, sip_headers={"X-Environment": "live"}
    )


def _approve(path: Path) -> None:
    Agent.open(path).approve("v2", "live", actor=GRACE, at=LATER)


def _with_suites(path: Path) -> None:
    Built(path, files=SUITES).publish()


def _test(path: Path) -> None:
    agent = Agent.open(path)
    found = agent.candidate("v1").result(responder="embedded", seconds=0.1)
    agent.record_result(found, actor=ADA, at=LATER)


def _grant(path: Path) -> None:
    Agent.open(path).grant("admin", ADA.email, actor=ADA, at=LATER)


def _sync(path: Path) -> None:
    Agent.open(path).sync(actor=ADA, at=LATER)


def _drop_draft(path: Path) -> None:
    agent = Agent.open(path)
    agent.drop_draft(agent.drafts()[0].id)


SAVE = Scenario("save", edited, _save)
PUBLISH = Scenario("publish", edited, _publish)
PROMOTE = Scenario("promote", _ahead, _promote)
ROLLBACK = Scenario("rollback", settled, _roll_back)
RESTORE = Scenario("restore", _with_ignored_files, _restore)
MAIN_OPERATIONS = (SAVE, PUBLISH, PROMOTE, ROLLBACK, RESTORE)
OTHER_OPERATIONS = (
    Scenario("save-after-plain-commits", _with_plain_commits, _save),
    Scenario("publish-saved", edited, _publish_saved),
    Scenario("restore-unedited", settled, _restore),
    Scenario("discard", edited, _discard),
    Scenario("assign-number", settled, _assign_number),
    Scenario("drop-draft", _with_kept_draft, _drop_draft),
    Scenario("shared-save", shared, _save),
    Scenario("shared-publish", shared, _publish),
    Scenario("shared-promote", _shared_ahead, _promote),
    Scenario("sync", _behind, _sync),
    Scenario("sync-pending", _waiting, _sync),
    Scenario("take-over", _by_git, _take_over, begun=False),
    Scenario("init", _nothing, _init, begun=False),
)
RARE_OPERATIONS = (
    Scenario("approve", settled, _approve),
    Scenario("grant", settled, _grant),
    Scenario("test", _with_suites, _test),
    Scenario("shared-approve", shared, _approve),
)
"""They write as those above do."""
SEQUELS = (
    Sequel("settle-save", SAVE, LEDGER),
    Sequel("settle-promote", PROMOTE, LEDGER),
    Sequel("settle-restore", RESTORE, NOTE),
)
SCENARIOS = {each.name: each for each in (*MAIN_OPERATIONS, *OTHER_OPERATIONS, *RARE_OPERATIONS)}
