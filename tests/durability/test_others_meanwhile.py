"""What somebody else does while an operation is under way is refused, kept or left alone; it is never lost."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, START, Built, git
from support.refusing import refusal

from gitagent import Agent
from gitagent.agent import draft, kept
from gitagent.errors import Conflict, StorageFailed
from gitagent.git.worktree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _before(monkeypatch: pytest.MonkeyPatch, place: object, name: str, do: Callable[[], object]) -> None:
    """Let something happen just before a function is called, the first time."""
    real, waiting = getattr(place, name), [do]

    def called(*arguments: Any, **named: Any) -> Any:
        if waiting:
            waiting.pop()()
        return real(*arguments, **named)

    monkeypatch.setattr(place, name, called)


def test_a_ledger_that_git_brought_meanwhile_is_not_built_upon(
    build: Callable[..., Built], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build()
    built.git("clone", "-q", "--mirror", ".", str(tmp_path / "theirs"))
    git(tmp_path, "clone", "-q", str(tmp_path / "theirs"), "grace")
    git(tmp_path / "grace", "branch", "-q", "gitagent/ledger", "origin/gitagent/ledger")
    (tmp_path / "grace/notes.md").write_text("grace's\n")
    Agent.open(tmp_path / "grace").save(actor=GRACE, at=START)
    fetch = partial(
        built.git, "fetch", "-q", str(tmp_path / "grace"), "gitagent/ledger:gitagent/ledger", "refs/tags/*:refs/tags/*"
    )
    _before(monkeypatch, draft, "take", fetch)
    refused = refusal(lambda: built.save("ada's\n"))
    assert (refused.kind, refused.code) == ("LedgerMoved", "ledger-moved")
    agent = built.reopen()
    assert [str(event.actor) for event in agent.history()] == [str(GRACE), str(ADA)]
    assert (built.path / "notes.md").read_text() == "ada's\n"
    built.save()
    assert built.git("show", "v2:notes.md") + built.git("show", "v3:notes.md") == "grace's\nada's\n"


def test_of_two_who_make_an_agent_at_once_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notes.md").write_text("one\n")
    make = partial(Agent.init, tmp_path, actor=ADA, at=START, pipeline=["live"])
    _before(monkeypatch, draft, "checked_problems", make)
    assert refusal(make).code == "already-an-agent"
    assert [event.subject for event in Agent.open(tmp_path).history()] == ["init v1"]


def test_many_who_make_an_agent_at_once_make_one(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("one\n")
    git(tmp_path, "init", "-q", "-b", "main")
    refused: list[str] = []

    def make() -> None:
        try:
            Agent.init(tmp_path, actor=ADA, at=START, pipeline=["live"])
        except Conflict as error:
            refused.append(error.code)
        except Exception as error:  # noqa: BLE001 - all that is not expected fails the comparison
            refused.append(getattr(error, "code", repr(error)))

    makers = [threading.Thread(target=make) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert refused == ["already-an-agent"] * 3
    assert [event.subject for event in Agent.open(tmp_path).history()] == ["init v1"]


def test_a_file_that_comes_while_a_folder_is_refused_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agent.yaml").write_text("name: [\n")
    _before(monkeypatch, draft, "checked_problems", partial((tmp_path / "mine.md").write_text, "mine"))
    assert refusal(lambda: Agent.init(tmp_path, actor=ADA, at=START)).code == "invalid-configuration"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agent.yaml", "mine.md"]


@pytest.mark.parametrize("path", ["notes.md", "new.md"])
def test_an_edit_made_while_a_restore_begins_is_kept(
    build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    built = build(files={"notes.md": "one\n"})
    built.edit("new\n", "new.md").save("two\n")
    _before(monkeypatch, kept, "overwrite", partial(built.edit, "an hour of work\n", path))
    refused = refusal(lambda: built.restore("v1"))
    assert (refused.kind, refused.code) == ("DraftEdited", "draft-edited")
    assert (built.path / path).read_text() == "an hour of work\n"
    assert built.reopen().notices == (
        f"Finished what had been interrupted: restore v1. {path} had been edited since, and is kept: "
        f"gitagent restore {built.agent.drafts()[0].id}",
    )
    assert (built.path / "notes.md").read_text() == "one\n"
    assert built.git("show", f"{built.agent.drafts()[0].commit}:{path}") == "an hour of work\n"


def test_a_draft_edited_since_its_publication_was_agreed_to_is_not_published(build: Callable[..., Built]) -> None:
    built = build().edit("agreed\n")
    plan = built.agent.plan_publish(actor=ADA, at=START)
    built.edit("not agreed\n")
    refused = refusal(lambda: built.agent.publish(actor=ADA, at=START, expect=plan))
    assert (refused.kind, refused.code) == ("DraftEdited", "draft-edited")
    assert built.history() == ["init v1"]


def test_who_was_faster_than_the_answer_is_named_and_nothing_is_suggested_for_a_version_nobody_asked_for(
    build: Callable[..., Built],
) -> None:
    built = build().publish("two\n").promote("pre-release").publish("three\n").promote("pre-release")
    plan = built.publish("four\n").agent.plan_promote("pre-release")
    built.agent.rollback("sandbox", to="v2", actor=GRACE, at=START)
    refused = refusal(lambda: built.agent.promote("pre-release", actor=ADA, at=START, expect=plan))
    assert (refused.kind, refused.message) == (
        "EnvironmentMoved",
        "Grace Hopper was faster (rollback sandbox v4 -> v2): pre-release serves v3, which is newer than v2",
    )
    assert refused.hint == "Look at it again: gitagent history --limit 5, then gitagent promote once more."
    unmoved = refusal(lambda: built.agent.promote("pre-release", actor=ADA, at=START))
    assert unmoved.code == "not-forward"


@pytest.fixture
def stuck(build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch) -> Callable[[], Built]:
    """An agent with a restore of v1 that could not write one of its files, and one that can again."""
    built = build(files={"a.md": "one\n", "b.md": "one\n"})
    built.edit("two\n", "a.md").edit("two\n", "b.md").publish().edit("three\n", "b.md").publish()
    real = WorkingTree._write

    def write(self: WorkingTree, path: str, mode: int, id_: str) -> None:
        if path == "b.md":
            raise PermissionError(13, "Permission denied", path)
        real(self, path, mode, id_)

    with monkeypatch.context() as context:
        context.setattr(WorkingTree, "_write", write)
        assert refusal(lambda: built.restore("v1")).kind == "StorageFailed"
        assert (built.path / "a.md").read_text() == "one\n"
        context.undo()
    monkeypatch.setattr(WorkingTree, "_write", write)

    def mended() -> Built:
        monkeypatch.undo()
        return built

    mended.built = built  # type: ignore[attr-defined]  # both states in one fixture
    return mended


def test_a_restore_that_cannot_be_finished_holds_up_the_draft_alone(stuck: Any) -> None:
    built = stuck.built
    built.reopen()
    built.rollback("sandbox")
    assert built.serving()["sandbox"] == "v2"
    assert len(built.agent.notices) == 1
    assert built.agent.notices[0].startswith(
        "restore v1 was interrupted and cannot be finished: cannot write the draft"
    )
    for act in (built.save, built.publish):
        refused = refusal(act)
        assert (refused.kind, refused.code) == ("RuleBroken", "draft-half-overwritten")
    stuck()
    assert built.reopen().notices == ("Finished what had been interrupted: restore v1.",)
    assert (built.path / "b.md").read_text() == "one\n"


def test_another_restore_takes_the_place_of_one_that_cannot_be_finished(stuck: Any) -> None:
    built = stuck.built
    built.agent.restore("v3", actor=ADA, at=START)  # b.md is as v3 has it already
    assert (built.path / "a.md").read_text() == "two\n"
    assert built.reopen().notices == ()
    assert built.agent.draft().label == "Draft"
    assert built.git("show", f"{built.agent.drafts()[0].commit}:a.md") == "one\n"


def test_a_first_version_that_cannot_be_written_leaves_head_and_main_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.md").write_text("one\n")
    git(tmp_path, "init", "-q", "-b", "trunk")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")

    def full(*_: object) -> None:
        raise StorageFailed("the disk is full")

    monkeypatch.setattr(draft, "take", full)
    for detached in (False, True):
        if detached:
            git(tmp_path, "switch", "-q", "--detach")
        head, refs = (tmp_path / ".git/HEAD").read_text(), git(tmp_path, "for-each-ref")
        assert refusal(lambda: Agent.init(tmp_path, actor=ADA, at=START)).kind == "StorageFailed"
        assert ((tmp_path / ".git/HEAD").read_text(), git(tmp_path, "for-each-ref")) == (head, refs)
