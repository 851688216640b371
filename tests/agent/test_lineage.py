"""Which version main has come to, what the next one follows, and which files wait for somebody's decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, START, Built
from support.forging import plumb
from support.refusing import Refusal, refusal

from gitagent.agent import lineage, lines, unresolved
from gitagent.agent.store import REMOTE, Store
from gitagent.agent.versions import commit_message, version_made_by
from gitagent.git.repository import Repository
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable


def _store(built: Built, *, shared: bool = False) -> Store:
    """What a new process would see; a shared agent's draft may be on the line of an older version."""
    if shared:
        built.git("config", REMOTE, "origin")
    return Store(Repository.discover(built.path))


def _commit_of(built: Built, name: str) -> str:
    return built.git("rev-parse", f"{name}^{{commit}}").strip()


def _made(built: Built, *parents: str, message: str = "by hand\n") -> str:
    """A commit with the files of v1, made by git, that main is put on."""
    above = [word for parent in parents for word in ("-p", parent)]
    commit = plumb(built.path, "commit-tree", "v1^{tree}", *above, "-F", "-", given=message)
    built.git("update-ref", "refs/heads/main", commit)
    return commit


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """v1, v2 and v3, each saved on the one before it."""
    return build().save("two\n").save("three\n")


# The line


def test_the_line_of_an_agent_that_is_not_shared_is_the_newest_version(built: Built) -> None:
    built.git("update-ref", "refs/heads/main", "v1^{}")
    assert str(lineage.line(_store(built))) == "v3"


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_the_line_of_a_shared_agent_is_where_its_main_stands(built: Built, version: str) -> None:
    built.git("update-ref", "refs/heads/main", f"{version}^{{}}")
    assert str(lineage.line(_store(built, shared=True))) == version


def test_plain_commits_leave_the_line_where_it_is(built: Built) -> None:
    _made(built, _made(built, "v2^{commit}"))
    assert str(lineage.line(_store(built, shared=True))) == "v2"


@pytest.mark.parametrize(("merged", "line"), [("v2", "v2"), ("v3", "v3")])
def test_a_merge_by_git_brings_the_line_as_far_as_its_second_parent(built: Built, merged: str, line: str) -> None:
    mine = _made(built, "v1^{commit}")
    _made(built, mine, f"{merged}^{{commit}}", message=f"Merge {merged}\n")
    assert str(lineage.line(_store(built, shared=True))) == line


@pytest.mark.parametrize("claim", ["v2", "v3", "v99"])
def test_a_commit_that_only_claims_to_be_a_version_does_not_move_the_line(built: Built, claim: str) -> None:
    _made(built, "v1^{commit}", message=commit_message(VersionNumber.parse(claim), None, None))
    assert str(lineage.line(_store(built, shared=True))) == "v1"


def test_without_a_main_or_with_one_of_its_own_history_the_line_is_the_newest_version(built: Built) -> None:
    store = _store(built, shared=True)
    _made(built)
    assert str(lineage.line(store)) == "v3"
    built.git("update-ref", "-d", "refs/heads/main")
    assert str(lineage.line(store)) == "v3"


def test_main_is_taken_to_be_on_the_newest_version_where_it_is_gone(built: Built) -> None:
    store = _store(built)
    mine = _made(built, "v1^{commit}")
    assert lineage.main_of(store) == mine
    built.git("update-ref", "-d", "refs/heads/main")
    assert lineage.main_of(store) == _commit_of(built, "v3")


# What the next version follows


def test_the_first_version_follows_main_as_it_stands(built: Built) -> None:
    store = _store(built)
    assert lineage.parents(store, first=True) == (_commit_of(built, "v3"),)
    built.git("update-ref", "-d", "refs/heads/main")
    assert lineage.parents(store, first=True) == ()


@pytest.mark.parametrize("main", ["v1", "v3"])
def test_a_version_follows_the_newest_where_main_brings_nothing(built: Built, main: str) -> None:
    built.git("update-ref", "refs/heads/main", f"{main}^{{}}")
    assert lineage.parents(_store(built), first=False) == (_commit_of(built, "v3"),)


def test_a_version_follows_the_newest_where_there_is_no_main(built: Built) -> None:
    built.git("update-ref", "-d", "refs/heads/main")
    assert lineage.parents(_store(built), first=False) == (_commit_of(built, "v3"),)


def test_a_version_follows_plain_commits_that_were_made_on_the_newest(built: Built) -> None:
    mine = _made(built, _made(built, "v3^{commit}"))
    assert lineage.parents(_store(built), first=False) == (mine,)


@pytest.mark.parametrize("merges", [False, True])
def test_a_version_has_the_newest_first_and_takes_along_a_main_that_left_it(built: Built, merges: bool) -> None:
    mine = _made(built, "v1^{commit}")
    if merges:
        mine = _made(built, mine, "v3^{commit}")
    assert lineage.parents(_store(built), first=False) == (_commit_of(built, "v3"), mine)


def test_a_main_of_its_own_history_is_taken_along_too(built: Built) -> None:
    mine = _made(built)
    assert lineage.parents(_store(built), first=False) == (_commit_of(built, "v3"), mine)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Gitagent-Version: v2 and more\n",
        "Gitagent-Version: v02\n",
        "Gitagent-Version: 2\n",
        "Gitagent-Version: V2\n",
        "Gitagent-Version: v2\n\nSigned-off-by: Ada\n",
        "see Gitagent-Version: v2\n",
        "v2\n",
    ],
)
def test_only_the_last_line_of_a_message_says_that_a_commit_is_a_version(message: str) -> None:
    assert version_made_by(message) is None


def test_the_message_of_a_version_says_which_it_is_whatever_its_words_are() -> None:
    number = VersionNumber.parse("v12")
    for name, message in [(None, None), ("Name", None), (None, "why"), ("v3", "Gitagent-Version: v3")]:
        assert version_made_by(commit_message(number, name, message)) == number


# What others saved comes into the draft


def test_a_commit_that_main_holds_already_brings_nothing(built: Built) -> None:
    built.edit("mine\n")
    assert lines.bring(_store(built), _commit_of(built, "v2"), actor=ADA, at=START) == lines.Brought()
    assert (built.path / "notes.md").read_text() == "mine\n"


def test_commits_on_both_sides_name_the_remote_to_pull_from(built: Built) -> None:
    theirs = _made(built, "v3^{commit}", message="theirs\n")
    _made(built, "v3^{commit}", message="ours\n")
    expected = Refusal(
        "RuleBroken",
        "main-diverged",
        "main has commits of its own, and others have saved versions meanwhile",
        "Bring the two together with git: git pull --no-rebase origin main",
    )
    store = _store(built, shared=True)
    assert refusal(lambda: lines.bring(store, theirs, actor=ADA, at=START)) == expected
    assert (built.path / "notes.md").read_text() == "three\n"


def test_what_is_brought_is_the_draft_and_the_line_of_main(built: Built) -> None:
    newest = _commit_of(built, "v3")
    built.edit("one\n").git("update-ref", "refs/heads/main", "v1^{}")
    store = _store(built, shared=True)
    brought = lines.bring(store, newest, actor=ADA, at=START)
    assert ([(each.path, str(each.kind)) for each in brought.changes], brought.conflicts, brought.kept) == (
        [("notes.md", "modified")],
        (),
        None,
    )
    assert (built.path / "notes.md").read_text() == "three\n"
    assert str(lineage.line(store)) == "v3"


def test_both_sides_are_named_by_the_version_or_by_main(built: Built) -> None:
    store = _store(built)
    base, theirs, ours = (
        store.repository.entries(store.repository.commit(_commit_of(built, each)).tree) for each in ("v1", "v2", "v3")
    )
    for newest, label in (("v2", ">>>>>>> v2\n"), (_made(built, "v2^{commit}"), ">>>>>>> main of the shared remote\n")):
        entries, conflicts = lines.merged(store, _commit_of(built, newest), base, ours, theirs)
        assert conflicts == ("notes.md",)
        text = store.repository.blob(entries["notes.md"][1]).decode()
        assert text.startswith("<<<<<<< your draft\n")
        assert text.endswith(label)


# Files that somebody has to decide on

MARKS = "<<<<<<< your draft\nmine\n=======\ntheirs\n>>>>>>> v2\n"


def test_nothing_is_unresolved_where_no_sync_left_anything(built: Built) -> None:
    built.edit(MARKS)
    store = _store(built)
    assert unresolved.unresolved(store) == ()
    unresolved.refuse_unresolved(store)


def test_a_file_is_unresolved_for_as_long_as_its_marks_stand(built: Built) -> None:
    store = _store(built)
    store.folder.mkdir(exist_ok=True)
    built.edit(MARKS).edit(MARKS, "other.md").edit("x", "picture.theirs.png")
    unresolved.remember(store, ["notes.md", "other.md", "gone.md"])
    assert unresolved.unresolved(store) == ("notes.md", "other.md")
    refused = refusal(lambda: unresolved.refuse_unresolved(store))
    assert (refused.code, refused.message) == (
        "draft-conflicted",
        "both sides of a merge, yours and others', still stand in notes.md and other.md",
    )
    built.edit("decided\n")
    refused = refusal(lambda: unresolved.refuse_unresolved(store))
    assert refused.message == "both sides of a merge, yours and others', still stand in other.md"
    (built.path / "other.md").unlink()
    unresolved.refuse_unresolved(store)


def test_files_of_an_earlier_sync_stay_in_mind_unless_they_were_decided(built: Built) -> None:
    store = _store(built)
    store.folder.mkdir(exist_ok=True)
    built.edit(MARKS).edit(MARKS, "b.md").edit("x", "c.md")
    unresolved.remember(store, ["notes.md", "c.md"])
    unresolved.remember(store, ["b.md"])
    assert (store.folder / unresolved.CONFLICTS).read_text() == '["b.md", "notes.md"]'


@pytest.mark.parametrize("content", [b"{", b"5", b"\xff"])
def test_a_list_that_cannot_be_read_is_no_empty_one(built: Built, content: bytes) -> None:
    store = _store(built)
    store.folder.mkdir(exist_ok=True)
    (store.folder / unresolved.CONFLICTS).write_bytes(content)
    refused = refusal(lambda: unresolved.unresolved(store))
    assert (refused.kind, refused.hint) == ("StorageFailed", "Remove it; no version depends on it.")
    assert str(store.folder / unresolved.CONFLICTS) in refused.message


def test_a_list_that_cannot_be_written_is_a_failure_of_the_storage(built: Built) -> None:
    store = _store(built)
    store.folder.mkdir(exist_ok=True)
    (store.folder / unresolved.CONFLICTS).symlink_to(store.folder / "nowhere" / "conflicts")
    refused = refusal(lambda: unresolved.remember(store, ["notes.md"]))
    assert (refused.kind, refused.message) == (
        "StorageFailed",
        f"cannot write {store.folder / unresolved.CONFLICTS}: No such file or directory",
    )


def test_five_files_that_hold_both_sides_are_named_and_more_are_counted(built: Built) -> None:
    names = [f"{letter}.md" for letter in "abcdefg"]
    for name in names:
        built.edit(MARKS, name)
    unresolved.remember(Store(Repository.discover(built.path)), names)
    refused = refusal(lambda: unresolved.refuse_unresolved(Store(Repository.discover(built.path))))
    assert refused.message.endswith(" still stand in a.md, b.md, c.md, d.md, e.md and 2 more")
