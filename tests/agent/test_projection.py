"""What follows from the ledger: which refs are out of step with it, how they are moved, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, START, Built, git
from support.forging import forge, plumb, remove_object
from support.refusing import refusal

from gitagent.agent import kept, replay
from gitagent.agent.files import draft_files, stored_files, tree_files
from gitagent.agent.ledger import Ledger
from gitagent.agent.projection import Projection, branch_ref
from gitagent.agent.states import VersionRecord, format_record, parse_record, parse_state
from gitagent.agent.store import REMOTE, Store
from gitagent.agent.versions import read_version, tag_message, tag_ref
from gitagent.config.files import FileKind
from gitagent.errors import LedgerInvalid, LedgerMoved, ObjectMissing
from gitagent.git import refs as git_refs
from gitagent.git.repository import Repository
from gitagent.names import EnvironmentName, VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable

V1, V2, V3, V9 = (VersionNumber(number) for number in (1, 2, 3, 9))
LIVE = EnvironmentName.parse("live")
NOTHING = "1" * 40


def _store(built: Built) -> Store:
    return Store(Repository.discover(built.path))


def _id(built: Built, name: str) -> str:
    return built.git("rev-parse", name).strip()


def _out_of_step(store: Store) -> list[str]:
    return [ref for ref, _, _ in store.projection.out_of_step()]


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """v2 in pre-release and live, v3 in sandbox; v1 was never served."""
    return build().publish("two\n").promote("pre-release", "live").publish("three\n")


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_refs, "LONGEST_WAIT_FOR_GIT", 0.02)


# What is out of step


def test_nothing_is_out_of_step_after_any_operation(built: Built) -> None:
    assert _out_of_step(_store(built)) == []


def test_each_ref_is_told_with_where_it_belongs_and_where_it_stands(built: Built) -> None:
    v1, v2, v3 = (_id(built, f"v{number}^{{}}") for number in (1, 2, 3))
    tag = _id(built, "v2")
    for ref, to in (("refs/tags/v2", v1), ("refs/heads/live", v1), ("refs/heads/main", v2)):
        built.git("update-ref", ref, to)
    assert list(_store(built).projection.out_of_step()) == [
        ("refs/tags/v2", tag, v1),
        ("refs/heads/live", v2, v1),
        ("refs/heads/main", v3, v2),
    ]


def test_the_tag_of_a_version_that_nothing_serves_is_looked_at_when_it_is_doubted(built: Built) -> None:
    built.git("tag", "-d", "v1")
    store = _store(built)
    assert _out_of_step(store) == []
    store.projection.doubted.add(V1)
    assert _out_of_step(store) == ["refs/tags/v1"]


def test_a_main_with_commits_of_its_own_is_in_step(built: Built) -> None:
    for parent in ("v3", "v1"):
        commit = plumb(built.path, "commit-tree", "v1^{tree}", "-p", f"{parent}^{{}}", given="by hand\n")
        built.git("update-ref", "refs/heads/main", commit)
        assert _out_of_step(_store(built)) == []


def test_a_main_that_is_behind_is_out_of_step_unless_a_sync_has_to_bring_it(built: Built) -> None:
    built.git("update-ref", "refs/heads/main", "v2^{}")
    assert _out_of_step(_store(built)) == ["refs/heads/main"]
    built.git("config", REMOTE, "origin")
    assert _out_of_step(_store(built)) == []
    built.git("update-ref", "-d", "refs/heads/main")
    assert _out_of_step(_store(built)) == ["refs/heads/main"]


# Moving


def test_moving_main_takes_gits_index_along_and_leaves_the_files(built: Built) -> None:
    built.edit("mine\n")
    _store(built).projection.move_main(_id(built, "v2^{}"))
    assert (_id(built, "main"), _id(built, ":notes.md")) == (_id(built, "v2^{}"), _id(built, "v2:notes.md"))
    assert (built.path / "notes.md").read_text() == "mine\n"


def test_main_that_is_there_already_is_not_touched(built: Built) -> None:
    built.edit("staged\n").git("add", "notes.md")
    staged = _id(built, ":notes.md")
    _store(built).projection.move_main(_id(built, "main"))
    assert _id(built, ":notes.md") == staged


def test_a_ref_that_moved_meanwhile_is_not_overwritten(built: Built) -> None:
    v1, v2 = _id(built, "v1^{}"), _id(built, "v2^{}")
    with pytest.raises(LedgerMoved):
        _store(built).projection.move(branch_ref(LIVE), v1, _id(built, "v3^{}"), "test", None)
    assert _id(built, "live") == v2


def test_no_ref_is_put_on_an_object_that_is_missing(built: Built) -> None:
    tag = _id(built, "v2")
    with pytest.raises(ObjectMissing, match="what refs/tags/v2 points at, 1111111111, is missing"):
        _store(built).projection.move("refs/tags/v2", NOTHING, tag, "test", None)
    assert _id(built, "v2") == tag


def test_a_deleted_tag_that_cannot_be_made_again_stays_deleted_and_is_told(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.git("tag", "-d", "v2")
    store = _store(built)
    real = store.repository.has
    monkeypatch.setattr(store.repository, "has", lambda id_: id_ != store.ledger.record(V2).tag and real(id_))
    store.projection.settle()
    assert [notice.partition(": ")[0] for notice in store.notices] == ["v2 is out of step with the ledger"]
    assert built.git("tag").split() == ["v1", "v3"]


# Settling


def test_settling_says_what_was_moved_by_hand_once(built: Built) -> None:
    v1, v2 = _id(built, "v1^{}"), _id(built, "v2^{}")
    store = _store(built)
    for _ in range(2):
        built.git("update-ref", "refs/heads/live", v1)
        store.projection.settle()
        assert _id(built, "live") == v2
    assert store.notices == [f"live had been moved by hand to {v1[:10]}; the ledger's word was restored."]


def test_what_follows_a_ledger_that_went_on_is_moved_without_a_word(built: Built) -> None:
    store = _store(built)
    was = store.ledger.state()
    built.promote("pre-release")
    built.git("update-ref", "refs/heads/pre-release", "v2^{}")
    built.git("update-ref", "refs/heads/live", "v1^{}")
    store.projection.settle(was)
    assert (_id(built, "pre-release"), _id(built, "live")) == (_id(built, "v3^{}"), _id(built, "v2^{}"))
    assert [notice.split(" ", 1)[0] for notice in store.notices] == ["live"]


@pytest.mark.usefixtures("_impatient")
def test_what_cannot_be_moved_is_told_once_and_not_tried_again_by_the_next_event(built: Built) -> None:
    built.git("update-ref", "refs/heads/live", "v1^{}")
    lock = built.path / ".git/refs/heads/live.lock"
    lock.touch()
    agent = built.reopen()
    assert len(agent.notices) == 1
    assert agent.notices[0].startswith("live is out of step with the ledger: ")
    built.publish("four\n")
    assert len(agent.notices) == 1
    assert built.serving()["sandbox"] == "v4"
    lock.unlink()
    built.reopen()
    assert _id(built, "live") == _id(built, "v2^{}")


@pytest.mark.usefixtures("_impatient")
def test_an_event_that_was_recorded_stands_where_a_ref_is_locked(built: Built) -> None:
    lock = built.path / ".git/refs/heads/sandbox.lock"
    lock.touch()
    built.publish("four\n")
    (notice,) = built.agent.notices
    assert notice.startswith("It is done, and the ledger says so, but ")
    assert (built.serving()["sandbox"], _id(built, "sandbox")) == ("v4", _id(built, "v3^{}"))
    lock.unlink()
    assert built.reopen().notices == ("sandbox is in step with the ledger again (publish sandbox v3 -> v4).",)


def test_a_plain_commit_that_comes_between_is_taken_along_by_the_next_version(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = plumb(built.path, "commit-tree", "v3^{tree}", "-p", "v3^{}", given="by hand\n")
    real = Projection.move

    def move(self: Projection, *arguments: Any) -> None:
        built.git("update-ref", "refs/heads/main", mine)
        real(self, *arguments)

    monkeypatch.setattr(Projection, "move", move)
    built.publish("four\n")
    monkeypatch.undo()
    assert (built.agent.notices, _id(built, "main"), _id(built, "sandbox")) == ((), mine, _id(built, "v4^{}"))
    built.save("five\n")
    assert built.git("show", "-s", "--format=%P", "v5^{}").split() == [_id(built, "v4^{}"), mine]


def test_an_interrupted_restore_that_cannot_be_finished_is_told_and_the_rest_is_settled(built: Built) -> None:
    store = _store(built)
    note = kept.Overwriting(_id(built, "v3^{tree}"), NOTHING, "v2", "v3", "restore v2")
    kept.write_note(store.folder / "overwriting", note._asdict())
    built.git("branch", "-D", "live")
    store.projection.settle()
    assert store.notices[0].startswith("restore v2 was interrupted and cannot be finished: ")
    assert store.notices[1:] == ["live is in step with the ledger again (publish sandbox v2 -> v3)."]
    assert (built.path / "notes.md").read_text() == "three\n"


def test_an_interrupted_restore_is_left_alone_where_another_branch_is_checked_out(built: Built) -> None:
    store = _store(built)
    note = kept.Overwriting(_id(built, "v3^{tree}"), _id(built, "v2^{tree}"), "v2", "v3", "restore v2")
    kept.write_note(store.folder / "overwriting", note._asdict())
    assert store.projection.interrupted() == note
    built.git("switch", "-q", "-c", "mine")
    assert store.projection.interrupted() is None


# Versions, and the ledger that has them


def test_a_version_that_was_never_made_is_not_found(built: Built) -> None:
    refused = refusal(lambda: _store(built).version(V9))
    assert (refused.kind, refused.message, refused.hint) == (
        "VersionNotFound",
        "there is no version v9",
        "The newest is v3: gitagent versions",
    )


def test_a_version_whose_tag_object_is_gone_is_told_from_one_never_made(built: Built) -> None:
    remove_object(built.path, "v2")
    store = _store(built)
    with pytest.raises(ObjectMissing, match="the tag object of v2 is missing"):
        read_version(store.repository, store.ledger, V2)


def test_a_deleted_tag_is_put_back_while_writing_too(built: Built) -> None:
    store, tag = _store(built), _id(built, "v1")
    built.git("tag", "-d", "v1")
    with store.writing():
        assert store.version(V1).number == V1
    assert _id(built, "v1") == tag


@pytest.mark.parametrize("name", ["Version 2", "2", "v2", None])
def test_the_name_of_a_version_is_told_from_having_none(build: Callable[..., Built], name: str | None) -> None:
    built = build().save("two\n", name=name, message="why\n\nand how")
    version = _store(built).version(V2)
    assert (version.name, version.message, version.actor) == (name, "why\n\nand how", ADA)


def test_a_tag_says_the_number_where_there_is_no_name() -> None:
    assert (tag_message(V2, None, None), tag_message(V2, "Name", "why")) == ("Version 2\n", "Name\n\nwhy\n")
    assert (tag_ref(V2), branch_ref(LIVE)) == ("refs/tags/v2", "refs/heads/live")


def test_an_event_that_made_no_version_has_no_tag_to_write(built: Built) -> None:
    built.agent.set_rules("live", requires_number=True, actor=ADA, at=START)
    store = _store(built)
    with pytest.raises(LedgerInvalid, match="rules live requires-number on made no version"):
        store.write_tag(store.ledger.last_event())


def test_an_earlier_ledger_commit_says_what_was_true_then(built: Built) -> None:
    ledger = _store(built).ledger
    state, record = ledger.newest_at(_id(built, "gitagent/ledger~1"))
    assert (state.last_version, record.commit) == (V2, _id(built, "v2^{}"))
    assert ledger.environment_at(_id(built, "gitagent/ledger~2"), LIVE).version is None
    assert ledger.environment_at(ledger.tip(), LIVE).version == V2


def test_a_state_is_read_again_when_somebody_else_wrote(built: Built) -> None:
    ledger = _store(built).ledger
    before = ledger.state()
    assert ledger.state() is before
    built.save("four\n")
    assert (before.last_version, ledger.state().last_version) == (V3, VersionNumber(4))


def test_the_ledger_is_moved_only_from_where_it_was_planned_on(built: Built) -> None:
    ledger = _store(built).ledger
    tip, before = ledger.tip(), _id(built, "gitagent/ledger~1")
    with pytest.raises(LedgerMoved):
        ledger.move(before, expected=before, why="test")
    assert ledger.tip() == tip


def test_a_folder_that_is_only_a_repository_has_no_ledger(built: Built) -> None:
    path = built.path.parent / "plain"
    git(built.path.parent, "init", "-q", str(path))
    ledger = Ledger(Repository.discover(path))
    assert not ledger.exists
    assert refusal(ledger.tip).hint == "Make it one with: gitagent init"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "state.yaml is missing"),
        ("[]", "it is not a mapping"),
        ('{"format": 2}', "its format is 2; this gitagent reads 1"),
        ("{}", "format"),
    ],
)
def test_a_state_that_cannot_be_read_says_why(built: Built, content: str | None, said: str) -> None:
    forge(built.path, files={"state.yaml": content})
    refused = refusal(_store(built).ledger.state)
    assert (refused.kind, refused.message) == ("LedgerInvalid", f"the ledger's state cannot be read: {said}")
    with pytest.raises(LedgerInvalid):
        replay.snapshot(_store(built).repository, _id(built, "gitagent/ledger"))


@pytest.mark.parametrize("field", ["commit", "tag"])
def test_a_record_that_names_no_object_is_refused_and_a_good_one_comes_back(field: str) -> None:
    record = VersionRecord(NOTHING, "2" * 40, (LIVE,))
    assert parse_record(format_record(record)) == record
    broken = format_record(record).replace(f'"{field}": "'.encode(), f'"{field}": "x'.encode())
    with pytest.raises(LedgerInvalid, match=r"'x\d+' is not the id of an object"):
        parse_record(broken)


def test_a_state_without_its_environments_file_names_it() -> None:
    top = b'{"format": 1, "pipeline": ["live"], "last_version": "v1", "last_published": null}'

    def read(path: str) -> bytes:
        if path == "state.yaml":
            return top
        raise KeyError(f"{path} is missing")

    with pytest.raises(LedgerInvalid, match=r"environments/live\.yaml cannot be read: environments/live\.yaml is mis"):
        parse_state(read)


def test_what_cannot_be_read_of_a_ledger_commit_is_taken_from_the_one_before(built: Built) -> None:
    repository = _store(built).repository
    before = replay.snapshot(repository, _id(built, "gitagent/ledger~1"))
    broken = repository.commit(forge(built.path, files={"state.yaml": "[]"}, text="not an event\n"))
    after = replay.unchecked(repository, broken, before)
    assert after is not None
    assert (after.seq, after.id, after.state, after.commit) == (before.seq + 1, "", before.state, broken.id)
    assert replay.unchecked(repository, broken, None) is None


def test_a_ledger_commit_of_which_only_the_words_are_wrong_keeps_its_state(built: Built) -> None:
    repository = _store(built).repository
    state = _store(built).ledger.state()
    after = replay.unchecked(repository, repository.commit(forge(built.path, text="no event\n")), None)
    assert after is not None
    assert (after.seq, after.id, after.state) == (1, "", state)


# Files


def test_files_of_a_version_and_of_the_draft_are_the_same_things(build: Callable[..., Built]) -> None:
    built = build()
    (built.path / "run.sh").write_text("echo\n")
    (built.path / "run.sh").chmod(0o755)
    (built.path / "link").symlink_to("notes.md")
    store = _store(built.save())
    stored, drafted = tree_files(store.repository, _id(built, "v2^{tree}")), draft_files(store.working_tree)
    expected: dict[str, Any] = {
        "link": (FileKind.LINK, 8, b"notes.md"),
        "notes.md": (FileKind.FILE, 4, b"one\n"),
        "run.sh": (FileKind.EXECUTABLE, 5, b"echo\n"),
    }
    for files in (stored, drafted):
        assert {path: (file.kind, file.size, file.read()) for path, file in files.items()} == expected
        assert len(files) == 3
    assert stored.entries == drafted.entries


def test_a_submodule_is_a_file_without_contents(built: Built) -> None:
    store = _store(built)
    file = stored_files(store.repository, {"sub": (0o160000, _id(built, "v1^{}"))})["sub"]
    assert (file.kind, file.size, file.read()) == (FileKind.SUBMODULE, 0, b"")
