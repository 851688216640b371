"""What happens in the moments between two steps of an operation, each moment met on purpose."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pygit2
import pytest
from support.building import Built, git

from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.errors import StorageFailed
from gitagent.git import worktree
from gitagent.git.locks import abandoned
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture(params=[LEDGER, MAIN])
def commit_meanwhile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Let a plain commit be made once: just after the ledger has moved, or in the last moment before main is."""
    real = Repository.move_ref

    def arrange(path: Path) -> None:
        waiting = [path]

        def move_ref(self: Repository, name: str, **how: object) -> None:
            if name == request.param == MAIN and waiting:
                commit_by_hand(waiting.pop())
            real(self, name, **how)  # type: ignore[arg-type]  # passed on as it came
            if name == request.param == LEDGER and waiting:
                commit_by_hand(waiting.pop())

        monkeypatch.setattr(Repository, "move_ref", move_ref)

    return arrange


def commit_by_hand(path: Path) -> None:
    (path / "by-hand.md").write_text("by hand\n")
    git(path, "add", "by-hand.md")
    git(path, "commit", "-q", "-m", "By hand", "--", "by-hand.md")


def test_a_plain_commit_between_ledger_and_main_stays_and_is_taken_along_by_the_next_version(
    build: Callable[..., Built], commit_meanwhile: Callable[[Path], None]
) -> None:
    built = build()
    commit_meanwhile(built.path)
    built.save("two\n")
    assert built.agent.notices == ()
    assert built.git("log", "-1", "--format=%s", "main") == "By hand\n"
    built.save("three\n")
    assert sorted(built.git("log", "--format=%s", "v3").splitlines()) == ["By hand", "v1", "v2", "v3"]
    assert built.git("rev-parse", "main", "v3^1") == built.git("rev-parse", "v3^{commit}", "v2^{commit}")


def test_a_plain_commit_between_ledger_and_main_keeps_its_index(
    build: Callable[..., Built], commit_meanwhile: Callable[[Path], None]
) -> None:
    built = build()
    commit_meanwhile(built.path)
    built.save("two\n")
    assert built.git("diff", "--cached", "--name-only") == ""
    assert built.git("status", "--porcelain") == " M notes.md\n"


def test_a_lock_is_abandoned_only_when_its_holder_died(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not abandoned(lock)
    lock.write_text("")
    assert not abandoned(lock)
    lock.write_text("!")
    assert abandoned(lock)
    with lock.open() as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        assert not abandoned(lock)


def test_looking_clears_away_what_a_killed_command_left(build: Callable[..., Built]) -> None:
    built = build()
    (built.path / ".git/gitagent/lock").write_text("!")
    (built.path / ".git/refs/gitagent/drafts").mkdir(parents=True)
    names = [
        "objects/tmp_object_git2_1",
        "refs/heads/live.lock",
        "refs/gitagent/drafts/01ARZ3NDEKTSV4RRFFQ69G5FAV.lock",
    ]
    left = [built.path / ".git" / name for name in names]
    for path in left:
        path.touch()
    assert built.reopen().notices == ()
    assert [path.exists() for path in left] == [False] * 3


def test_a_lock_taken_anew_while_the_old_one_is_cleared_is_left_to_its_holder(
    build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build()
    lock = built.path / ".git/index.lock"
    lock.touch()

    def taken_anew(_: float) -> None:
        other = lock.with_name("other")
        other.touch()
        other.replace(lock)

    monkeypatch.setattr("time.sleep", taken_anew)
    Repository.discover(built.path).clear_stale_locks(iter(()))
    assert lock.exists()


def test_a_file_that_changes_while_it_is_read_is_read_again() -> None:
    answers = iter([pygit2.GitError("file changed before we could read it"), None])

    def read() -> str:
        if (error := next(answers)) is not None:
            raise error
        return "read"

    assert worktree._steadily(read) == "read"


def test_a_file_that_never_stands_still_ends_in_a_message(
    build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(*_: object) -> None:
        raise pygit2.GitError("error reading file for hashing: ")

    built = build()
    monkeypatch.setattr(pygit2.Index, "diff_to_workdir", changing)
    with pytest.raises(StorageFailed, match=r"^cannot read the draft: error reading file for hashing: $"):
        built.agent.status()


def test_an_empty_git_repository_is_filled_with_the_files_of_a_template(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    assert Built(path, files={"notes.md": "one\n"}).git("show", "v1:notes.md") == "one\n"


def test_a_git_repository_whose_making_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    (path / ".git/objects").mkdir(parents=True)
    (path / ".git/config.lock").touch()
    assert Built(path, files={"notes.md": "one\n"}).git("show", "v1:notes.md") == "one\n"
