"""The agent's lock: one writer at a time, and what its holder's death leaves."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, Built
from support.refusing import Refusal, refusal

from gitagent.git import locks
from gitagent.git.locks import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def _take(path: Path, *, longest_wait: float = 0.02) -> list[str]:
    """Take the lock and let it go; whether the holder before had died."""
    seen: list[str] = []
    with locked(path, after_crash=lambda: seen.append("crashed"), longest_wait=longest_wait):
        seen.append(path.read_text())
    seen.append(path.read_text())
    return seen


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """The lock as another process holds it."""
    path.parent.mkdir(exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(file, fcntl.LOCK_EX)
    yield
    os.close(file)


@contextmanager
def _disk_full() -> Iterator[None]:
    """No file may grow: what a full disk is like, for root too."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def test_a_lock_marks_its_holder_and_is_left_clean(tmp_path: Path) -> None:
    assert _take(tmp_path / "gitagent/lock") == ["!", ""]
    assert _take(tmp_path / "gitagent/lock") == ["!", ""]


def test_the_mark_of_a_dead_holder_is_found_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("!")
    assert _take(tmp_path / "lock") == ["crashed", "!", ""]
    assert _take(tmp_path / "lock") == ["!", ""]


def test_an_exception_leaves_no_mark(tmp_path: Path) -> None:
    def fail() -> None:
        with locked(tmp_path / "lock", after_crash=lambda: None):
            raise KeyError("no")

    with pytest.raises(KeyError):
        fail()
    assert _take(tmp_path / "lock") == ["!", ""]


def test_a_lock_that_stays_held_is_given_up(tmp_path: Path) -> None:
    with _held(tmp_path / "lock"):
        assert refusal(lambda: _take(tmp_path / "lock")) == Refusal(
            "AgentBusy",
            "agent-busy",
            "another command has been writing to this agent for over 0 seconds",
            "Wait for it to end, or end it, then try again.",
        )
    assert _take(tmp_path / "lock") == ["!", ""]


def test_a_lock_that_becomes_free_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _held(tmp_path / "lock"):
        file = os.open(tmp_path / "lock", os.O_RDWR)
        os.close(file)
        waits = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            fcntl.flock(holder, fcntl.LOCK_UN)

        holder = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT)
        fcntl.flock(holder, fcntl.LOCK_EX)
        monkeypatch.setattr("gitagent.git.locks.time.sleep", wait)
        assert _take(tmp_path / "other", longest_wait=10) == ["!", ""]
        os.close(holder)
    assert len(waits) == 1


@pytest.mark.parametrize("verb", ["save", "promote", "restore", "set_rules"])
def test_every_verb_waits_its_turn(build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    built = build().publish("two\n").edit("three\n")
    monkeypatch.setattr(locks, "LONGEST_WAIT", 0.02)
    calls: dict[str, Callable[[], object]] = {
        "save": built.save,
        "promote": lambda: built.promote("pre-release"),
        "restore": lambda: built.restore("v1"),
        "set_rules": lambda: built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=True),
    }
    with _held(built.path / ".git/gitagent/lock"):
        assert refusal(calls[verb]).code == "agent-busy"
    calls[verb]()
    built.reopen()
    assert built.agent.notices == ()


def test_looking_does_not_wait_for_the_lock(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").edit("three\n")
    with _held(built.path / ".git/gitagent/lock"):
        assert built.reopen().status().draft == built.agent.draft()
        assert str(built.agent.plan_promote("pre-release").to_version.number) == "v2"


def test_a_folder_that_cannot_hold_the_lock_is_reported(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    assert refusal(lambda: _take(tmp_path / "lock")) == Refusal(
        "RepositoryUnreadable",
        "repository-unreadable",
        f"cannot write to {tmp_path}: Is a directory",
        "Check that the repository belongs to you and that the disk is neither full nor read-only.",
    )


def test_a_file_system_without_locks_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("gitagent.git.locks.fcntl.flock", refuse)
    assert refusal(lambda: _take(tmp_path / "lock")) == Refusal(
        "RepositoryUnreadable", "repository-unreadable", f"cannot lock {tmp_path / 'lock'}: No locks available", None
    )


def test_a_full_disk_refuses_before_anything_is_changed(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").edit("three\n")
    before = built.git("for-each-ref")
    with _disk_full():
        assert refusal(built.save) == Refusal(
            "StorageFailed",
            "storage-failed",
            f"cannot write to {built.path / '.git/gitagent/lock'}: File too large",
            "Check that the disk is neither full nor read-only; nothing was changed.",
        )
    assert built.git("for-each-ref") == before
    built.save()
    assert built.history() == ["init v1", "publish sandbox v2", "save v3"]


def test_a_command_in_a_hook_of_the_one_that_writes_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(locks.WRITING, str(tmp_path / "gitagent/lock"))
    (tmp_path / "gitagent").mkdir()
    with _held(tmp_path / "gitagent/lock"):
        assert refusal(lambda: _take(tmp_path / "gitagent/lock", longest_wait=600)) == Refusal(
            "AgentBusy",
            "agent-busy-here",
            "a command of gitagent is writing to this agent, and waits for the git hook that runs this one",
            "In a hook, only read: gitagent status, gitagent validate, gitagent versions.",
        )
    assert _take(tmp_path / "gitagent/lock", longest_wait=600) == ["!", ""]


def test_a_hook_may_write_to_another_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(locks.WRITING, str(tmp_path / "other/lock"))
    with _held(tmp_path / "lock"):
        assert refusal(lambda: _take(tmp_path / "lock")).code == "agent-busy"
