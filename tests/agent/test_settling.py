"""What was moved by hand, or left half done, is put back as the ledger has it; plain commits on main are welcome."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, START, Built, git
from support.refusing import Refusal, refusal

from gitagent import Actor, Agent, KeptDraft
from gitagent.git import refs as git_refs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """v1 and v2 in sandbox and pre-release, v2 in live; v3 published last."""
    return build().publish("two\n").promote("pre-release", "live").publish("three\n")


def _refs(built: Built, *, drafts: bool = False) -> str:
    refs = built.git("for-each-ref", "--format=%(refname) %(objectname)")
    return "\n".join(line for line in refs.splitlines() if drafts or "gitagent/drafts/" not in line)


def _kept(built: Built) -> list[tuple[str, Actor]]:
    return [(draft.reason, draft.actor) for draft in built.agent.drafts()]


def test_an_agent_in_step_has_nothing_to_say(built: Built) -> None:
    before = _refs(built, drafts=True)
    assert built.reopen().notices == ()
    assert _refs(built, drafts=True) == before


AGAIN = "is in step with the ledger again (publish sandbox v2 -> v3)."


@pytest.mark.parametrize(
    ("command", "notice"),
    [
        (["branch", "-D", "live"], f"live {AGAIN}"),
        (["branch", "-D", "sandbox"], f"sandbox {AGAIN}"),
        (["branch", "-f", "sandbox", "v2"], f"sandbox {AGAIN}"),
        (["tag", "-d", "v3"], f"v3 {AGAIN}"),
        (["tag", "-d", "v2"], f"v2 {AGAIN}"),
        (["reset", "-q", "--hard", "v1"], f"main {AGAIN}"),
        (["reset", "-q", "--soft", "v2"], f"main {AGAIN}"),
        (["update-ref", "-d", "refs/heads/main"], f"main {AGAIN}"),
    ],
)
def test_a_ref_that_was_deleted_or_reset_comes_back(built: Built, command: list[str], notice: str) -> None:
    before = _refs(built)
    built.git(*command)
    assert built.reopen().notices == (notice,)
    assert _refs(built, drafts=True) == before
    assert built.reopen().notices == ()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("live", ["branch", "-f", "live", "v1"]),
        ("live", ["branch", "-f", "live", "main"]),
        ("pre-release", ["update-ref", "refs/heads/pre-release", "gitagent/ledger"]),
        ("v2", ["tag", "-f", "v2", "v1^{commit}"]),
        ("v2", ["tag", "-f", "-a", "-m", "mine", "v2", "v1^{commit}"]),
    ],
)
def test_a_ref_that_was_moved_comes_back_and_its_commit_is_kept(built: Built, name: str, command: list[str]) -> None:
    before = _refs(built)
    built.git(*command)
    ref = f"refs/tags/{name}" if name == "v2" else f"refs/heads/{name}"
    moved_to = built.git("rev-parse", ref).strip()
    built.reopen()
    assert built.agent.notices == (
        f"{name} had been moved by hand to {moved_to[:10]}; the ledger's word was restored.",
    )
    assert _refs(built) == before
    assert _kept(built) == [(f"{name} moved by hand", ADA)]
    assert built.git("rev-parse", f"{built.agent.drafts()[0].commit}^") == built.git(
        "rev-parse", f"{moved_to}^{{commit}}"
    )


def test_a_tag_moved_to_what_is_no_commit_comes_back_too(built: Built) -> None:
    before = _refs(built)
    built.git("tag", "-f", "v2", "HEAD:notes.md")
    assert len(built.reopen().notices) == 1
    assert _refs(built, drafts=True) == before


def test_a_commit_by_an_impossible_person_is_kept_as_by_nobody(built: Built) -> None:
    built.git("-c", "user.email=a b", "commit", "-q", "--allow-empty", "-m", "odd")
    built.git("branch", "-f", "live", "HEAD")
    built.reopen()
    assert _kept(built) == [("live moved by hand", Actor("unknown", "unknown"))]


def test_a_branch_of_an_environment_that_serves_nothing_is_taken_away(build: Callable[..., Built]) -> None:
    built = build()
    built.git("branch", "live", "v1")
    assert len(built.reopen().notices) == 1
    assert built.git("branch", "--list", "live") == ""
    assert _kept(built) == [("live moved by hand", ADA)]


def test_a_branch_made_symbolic_becomes_an_environments_own_again(built: Built) -> None:
    before = built.git("rev-parse", "live")
    built.git("symbolic-ref", "refs/heads/live", "refs/heads/main")
    built.reopen()
    assert (built.git("rev-parse", "live"), built.git("rev-parse", "main")) != (before, before)
    assert built.git("rev-parse", "live") == before


def test_a_deleted_tag_whose_object_was_pruned_is_made_again_to_the_byte(build: Callable[..., Built]) -> None:
    built = build().edit("two\n").save(name="second", message="why\n\n# not a comment")
    before = built.git("cat-file", "tag", "v2")
    built.git("tag", "-d", "v2")
    built.git("prune", "--expire=now")
    assert built.reopen().notices == ("v2 is in step with the ledger again (save v2 second).",)
    assert built.git("cat-file", "tag", "v2") == before
    assert str(built.agent.version("v2").name) == "second"


def test_a_pruned_tag_of_an_old_version_is_made_again_when_it_is_asked_for(built: Built) -> None:
    before = built.git("cat-file", "tag", "v1")
    built.git("tag", "-d", "v1")
    built.git("prune", "--expire=now")
    built.git("gc", "-q", "--prune=now")
    assert built.reopen().notices == ()
    assert [str(each.number) for each in built.agent.versions()] == ["v3", "v2", "v1"]
    assert built.agent.notices == (f"v1 {AGAIN}",)
    assert built.git("cat-file", "tag", "v1") == before


def test_a_moved_tag_of_an_old_version_is_put_right_when_it_is_asked_for(built: Built) -> None:
    before = built.git("rev-parse", "v1").strip()
    moved = built.git("rev-parse", "v3^{}").strip()
    built.git("tag", "-f", "v1", "v3^{}")
    assert built.agent.version("v1").number.number == 1
    assert built.agent.notices == (f"v1 had been moved by hand to {moved[:10]}; the ledger's word was restored.",)
    assert built.git("rev-parse", "v1").strip() == before
    built.publish(selector="v1")
    built.git("tag", "-d", "v2")
    built.rollback("live", "v2") if built.serving()["live"] != "v2" else built.publish(selector="v2")
    assert built.git("cat-file", "-t", "v2") == "tag\n"


def test_packing_and_collecting_changes_nothing(built: Built) -> None:
    before = [each.number for each in built.agent.versions()]
    built.git("pack-refs", "--all", "--prune")
    built.git("gc", "-q", "--prune=now")
    assert built.reopen().notices == ()
    assert [each.number for each in built.agent.versions()] == before
    built.publish("four\n").promote("pre-release").rollback("pre-release")
    assert built.serving() == {"sandbox": "v4", "pre-release": "v2", "live": "v2"}


# main


def test_plain_commits_on_main_are_taken_along(built: Built) -> None:
    built.edit("by hand\n")
    built.git("commit", "-q", "-am", "by hand")
    by_hand = built.git("rev-parse", "main").strip()
    assert built.reopen().notices == ()
    built.publish("four\n")
    assert built.git("rev-list", "--first-parent", "v3..v4").split() == [
        built.git("rev-parse", "v4^{commit}").strip(),
        by_hand,
    ]


def test_plain_commits_alone_make_a_version_without_another_edit(built: Built) -> None:
    built.edit("by hand\n")
    built.git("commit", "-q", "-am", "by hand")
    assert built.agent.draft().label == "Draft edited since v3"
    built.publish()
    assert built.git("show", "v4:notes.md") == "by hand\n"
    assert built.git("log", "--format=%s", "v3..v4").splitlines() == ["v4", "by hand"]


def test_an_amended_version_is_taken_along_beside_the_real_one(built: Built) -> None:
    built.edit("amended\n")
    built.git("commit", "-q", "--amend", "-am", "amended")
    amended = built.git("rev-parse", "main").strip()
    assert built.reopen().notices == ()
    built.save()
    assert built.git("rev-parse", "v4^1", "v4^2").split() == [built.git("rev-parse", "v3^{commit}").strip(), amended]
    assert built.git("show", "v4:notes.md") == "amended\n"
    assert built.git("rev-parse", "main") == built.git("rev-parse", "v4^{commit}")


def test_a_main_that_went_another_way_is_taken_along(built: Built) -> None:
    built.git("reset", "-q", "--hard", "v1")
    built.edit("elsewhere\n", "other.md")
    built.git("add", ".")
    built.git("commit", "-q", "-m", "elsewhere")
    built.reopen().save(actor=ADA, at=built.clock())
    assert built.git("log", "--format=%s", "--first-parent", "main").splitlines() == ["v4", "v3", "v2", "v1"]
    assert built.git("ls-tree", "--name-only", "v4").split() == ["notes.md", "other.md"]


def test_a_merge_of_main_is_a_version_whose_first_parents_lead_back(built: Built) -> None:
    built.git("switch", "-q", "-c", "feature", "v1")
    built.edit("feature\n", "feature.md")
    built.git("add", ".")
    built.git("commit", "-q", "-m", "feature")
    built.git("merge", "-q", "-m", "merge main", "main")
    built.git("branch", "-f", "main", "feature")
    built.git("switch", "-q", "main")
    built.reopen().save(actor=ADA, at=built.clock())
    assert built.git("log", "--format=%s", "--first-parent", "main").splitlines() == ["v4", "v3", "v2", "v1"]


def test_a_reset_of_main_leaves_the_files_as_an_edited_draft(built: Built) -> None:
    built.git("reset", "-q", "--hard", "v1")
    built.reopen()
    assert built.agent.draft().label == "Draft edited since v3"
    assert (built.path / "notes.md").read_text() == "one\n"
    assert built.git("status", "--porcelain") == " M notes.md\n"


def test_a_main_whose_commit_is_missing_is_reported(built: Built) -> None:
    (built.path / ".git/refs/heads/main").write_text("1" * 40 + "\n")
    failed = refusal(built.reopen)
    assert (failed.kind, failed.hint) == ("ObjectMissing", "See what is missing: git fsck")


# The ledger and foreign tags


def test_a_foreign_tag_at_the_next_number_refuses_a_version(built: Built) -> None:
    built.git("tag", "v4")
    before = _refs(built)
    expected = Refusal(
        "LedgerInvalid",
        "tag-unknown",
        "tag v4 exists, but the ledger does not know it",
        "Either the ledger was moved back (git reflog gitagent/ledger shows where it stood) "
        "or the tag is not gitagent's (git tag -d v4 removes it).",
    )
    assert refusal(lambda: built.publish("four\n")) == expected
    assert refusal(lambda: built.save("four\n")) == expected
    assert refusal(built.agent.plan_save) == expected
    assert _refs(built) == before
    built.promote("pre-release")
    built.git("tag", "-d", "v4")
    built.publish()
    assert built.serving() == {"sandbox": "v4", "pre-release": "v3", "live": "v2"}


def test_a_ledger_moved_back_cannot_number_a_version_twice(built: Built) -> None:
    built.git("branch", "-f", "gitagent/ledger", "gitagent/ledger~1")
    built.reopen()
    assert built.serving() == {"sandbox": "v2", "pre-release": "v2", "live": "v2"}
    assert refusal(lambda: built.save("four\n")).code == "tag-unknown"


def test_a_deleted_ledger_is_missed(built: Built) -> None:
    built.git("branch", "-D", "gitagent/ledger")
    assert refusal(built.reopen) == Refusal(
        "AgentNotFound",
        "ledger-missing",
        f"the agent in {built.path} has lost its ledger, the branch gitagent/ledger",
        "Let gitagent look for it: gitagent doctor; or fetch the branch from a clone.",
    )


def test_a_clone_without_the_ledger_says_how_to_get_it(built: Built, tmp_path: Path) -> None:
    copy = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(built.path), str(copy))
    expected = Refusal(
        "AgentNotFound",
        "ledger-missing",
        f"{copy} is a clone of an agent, still without its ledger, the branch gitagent/ledger",
        "Join it: gitagent sync",
    )
    for attempt in (lambda: Agent.open(copy), lambda: Agent.init(copy, actor=ADA, at=built.clock())):
        assert refusal(attempt) == expected
    assert [str(each.version) for each in Agent.join(copy).environments()] == ["v3", "v2", "v2"]
    assert git(copy, "rev-parse", "live") == built.git("rev-parse", "live")


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        (["v1.0"], "made"),
        (["v1"], "made"),
        (["v1"], "v1\n\nGitagent-Version: v1"),
        (["-a", "v1", "-m", "Version 1"], "made"),
        (["-a", "v1", "-m", "Version 1"], "Gitagent-Version: v2"),
        (["-a", "v1.0", "-m", "Version 1"], "Gitagent-Version: v1.0"),
        (["-a", "v2", "-m", "x", "HEAD^{tree}"], "Gitagent-Version: v2"),
    ],
)
def test_the_tags_of_others_are_no_sign_of_a_lost_ledger(tag: list[str], message: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", message)
    git(tmp_path, "tag", *tag)
    found = refusal(lambda: Agent.open(tmp_path))
    assert (found.code, found.hint) == ("agent-not-found", "Make it one with: gitagent init")


def test_a_ledger_that_is_something_else_is_refused(built: Built) -> None:
    built.git("branch", "-f", "gitagent/ledger", "main")
    assert refusal(built.reopen) == Refusal(
        "LedgerInvalid",
        "ledger-invalid",
        "the ledger's state cannot be read: state.yaml is missing",
        "Look at it with: git show gitagent/ledger:state.yaml",
    )


def test_a_repository_without_a_ledger_is_no_agent_yet(tmp_path: Path, built: Built) -> None:
    shutil.rmtree(built.path / ".git/refs/tags")
    built.git("branch", "-D", "gitagent/ledger")
    assert refusal(built.reopen) == Refusal(
        "AgentNotFound",
        "agent-not-found",
        f"{built.path} is a git repository, but no agent yet",
        "Make it one with: gitagent init",
    )


# What cannot be put right at once


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_refs, "LONGEST_WAIT_FOR_GIT", 0.02)


@pytest.mark.usefixtures("_impatient")
def test_a_branch_locked_by_git_is_moved_by_the_next_command(built: Built) -> None:
    lock = built.path / ".git/refs/heads/pre-release.lock"
    lock.touch()
    built.promote("pre-release")
    assert built.agent.notices == (
        "It is done, and the ledger says so, but refs/heads/pre-release is locked by another git process. "
        "The next command brings it into step.",
    )
    assert built.serving()["pre-release"] == "v3"
    assert built.git("rev-parse", "pre-release") == built.git("rev-parse", "v2^{commit}")
    lock.unlink()
    assert built.reopen().notices == ("pre-release is in step with the ledger again (promote pre-release v2 -> v3).",)
    assert built.git("rev-parse", "pre-release") == built.git("rev-parse", "v3^{commit}")


@pytest.mark.usefixtures("_impatient")
def test_an_index_locked_by_git_is_written_by_the_next_command(built: Built) -> None:
    lock = built.path / ".git/index.lock"
    lock.touch()
    built.publish("four\n")
    assert built.agent.notices == (
        "It is done, and the ledger says so, but git's index is locked by another git process. "
        "The next command brings it into step.",
    )
    assert built.history()[-1] == "publish sandbox v3 -> v4"
    lock.unlink()
    assert built.reopen().notices == ("main is in step with the ledger again (publish sandbox v3 -> v4).",)
    assert built.git("status", "--porcelain") == ""


@pytest.mark.usefixtures("_impatient")
def test_looking_goes_on_while_something_cannot_be_put_right(built: Built) -> None:
    built.git("branch", "-D", "live")
    built.git("branch", "live/x")
    reason = "cannot write refs/heads/live: cannot lock ref 'refs/heads/live', there are refs beneath that folder"
    notices = (f"live is out of step with the ledger: {reason}.",)
    assert built.reopen().notices == notices
    assert built.serving()["live"] == "v2"
    built.promote("pre-release")
    assert built.agent.notices == notices
    built.git("branch", "-D", "live/x")
    assert built.reopen().notices == ("live is in step with the ledger again (promote pre-release v2 -> v3).",)


def test_what_somebody_moved_is_kept_once_however_often_it_cannot_be_put_right(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.git("branch", "-f", "live", "v1")
    monkeypatch.setattr(git_refs, "LONGEST_WAIT_FOR_GIT", 0.0)
    lock = built.path / ".git/refs/heads/live.lock"
    lock.touch()
    for _ in range(3):
        assert built.reopen().notices[0].startswith("live is out of step with the ledger: refs/heads/live is locked")
    assert built.agent.drafts() == ()
    lock.unlink()
    built.reopen()
    assert [draft.reason for draft in built.agent.drafts()] == ["live moved by hand"]


def test_the_branch_that_somebody_stands_on_is_not_taken_away(build: Callable[..., Built]) -> None:
    built = build()
    built.git("switch", "-q", "-c", "live")
    built.edit("two\n").git("commit", "-q", "-am", "by hand")
    words = "The branch live was made by hand, and live serves nothing. Leave it: git switch main"
    assert built.reopen().notices == (words,)
    assert built.git("log", "-1", "--format=%s") == "by hand\n"
    assert built.git("status", "--porcelain") == ""
    built.git("switch", "-q", "main")
    assert built.reopen().notices[0].startswith("live had been moved by hand to ")
    assert [draft.reason for draft in built.agent.drafts()] == ["live moved by hand"]


def test_a_branch_below_an_environment_refuses_its_first_version(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").promote("pre-release")
    for pack in (False, True):
        built.git("branch", "live/fix-greeting")
        if pack:
            built.git("pack-refs", "--all", "--prune")
        assert refusal(lambda: built.promote("live")) == Refusal(
            "RuleBroken",
            "name-taken",
            "a branch live/fix-greeting exists, and gitagent needs live",
            "Rename it: git branch -m live/fix-greeting old-live/fix-greeting",
        )
        built.git("branch", "-D", "live/fix-greeting")
    built.promote("live")


def test_a_tag_below_the_next_version_refuses_it(build: Callable[..., Built]) -> None:
    built = build().edit("two\n")
    built.git("tag", "v2/x")
    assert refusal(built.save).code == "name-taken"
    assert built.history() == ["init v1"]


def test_a_ledger_that_was_cut_off_says_so(built: Built, tmp_path: Path) -> None:
    for depth, whole in ((1, False), (99, True)):
        clone = tmp_path / f"clone-{depth}"
        source = f"file://{built.path}"
        git(tmp_path, "clone", "-q", "--depth", str(depth), "--no-single-branch", source, str(clone))
        git(clone, "branch", "-q", "gitagent/ledger", "origin/gitagent/ledger")
        agent = Agent.open(clone)
        if whole:
            assert [event.seq for event in agent.history()] == [5, 4, 3, 2, 1]
        else:
            refused = refusal(lambda agent=agent: list(agent.history()))  # type: ignore[misc]  # this round's
            assert (refused.code, refused.hint) == ("object-missing", "Get it: git fetch --unshallow")
            assert refusal(lambda agent=agent: agent.serving_at("live", START)).code == "object-missing"  # type: ignore[misc]  # same


def test_stale_locks_of_a_process_that_died_are_cleared(built: Built) -> None:
    (built.path / ".git/gitagent/lock").write_text("!")
    left = [built.path / f".git/{name}.lock" for name in ("refs/heads/main", "refs/tags/v4", "index", "HEAD")]
    for path in left:
        path.touch()
    built.publish("four\n")
    assert [path.exists() for path in left] == [False] * 4
    assert built.agent.notices == ()


# Where there is no working tree, or another


def test_a_bare_clone_of_everything_can_be_looked_at_and_moved(built: Built, tmp_path: Path) -> None:
    built.git("clone", "-q", "--mirror", ".", "../bare.git")
    bare = Agent.open(tmp_path / "bare.git")
    assert bare.status().draft is None
    assert bare.name == "bare.git"
    assert bare.promote("pre-release", actor=ADA, at=START).version.number.number == 3
    expected = Refusal("RuleBroken", "no-draft", f"{bare.path} is bare and has no draft", "Work in a clone of it.")
    assert refusal(bare.draft) == expected
    assert refusal(lambda: bare.save(actor=ADA, at=START)) == expected
    assert refusal(lambda: bare.restore("v1", actor=ADA, at=START)) == expected
    assert refusal(lambda: bare.files("draft")) == expected


def test_main_is_moved_back_in_a_bare_clone_too(built: Built, tmp_path: Path) -> None:
    built.git("clone", "-q", "--mirror", ".", "../bare.git")
    bare = tmp_path / "bare.git"
    built.git("--git-dir", str(bare), "update-ref", "refs/heads/main", "v1^{commit}")
    assert Agent.open(bare).notices == (f"main {AGAIN}",)


def test_main_is_moved_back_while_head_is_elsewhere_without_touching_the_index(built: Built) -> None:
    built.git("switch", "-q", "-c", "elsewhere", "v1")
    built.git("branch", "-f", "main", "v1")
    assert built.reopen().notices == (f"main {AGAIN}",)
    assert built.git("status", "--porcelain") == ""
    assert built.git("rev-parse", "main") == built.git("rev-parse", "v3^{commit}")


def test_an_interrupted_restore_is_finished_in_the_drafts_own_working_tree_alone(built: Built, tmp_path: Path) -> None:
    built.git("worktree", "add", "-q", "-b", "other", "../linked")
    note = built.path / ".git/gitagent/overwriting"
    was, tree = built.git("rev-parse", "v3^{tree}", "v1^{tree}").split()
    note.write_text(f'{{"was": "{was}", "tree": "{tree}", "base": "v1", "last_version": "v3", "reason": "restore v1"}}')
    assert Agent.open(tmp_path / "linked").notices == ()
    assert (tmp_path / "linked/notes.md").read_text() == "three\n"
    built.edit("edited\n")
    notices = built.reopen().notices
    assert (built.path / "notes.md").read_text() == "one\n"
    assert not note.exists()
    kept = built.agent.drafts()
    assert notices == (
        "Finished what had been interrupted: restore v1. notes.md had been edited since, and is kept: "
        f"gitagent restore {kept[0].id}",
    )
    assert kept == (KeptDraft(kept[0].id, kept[0].commit, kept[0].at, ADA, "restore v1, interrupted", None),)
    assert built.git("show", f"{kept[0].commit}:notes.md") == "edited\n"


def test_an_interrupted_restore_that_was_done_already_keeps_nothing(built: Built) -> None:
    tree = built.git("rev-parse", "v3^{tree}").strip()
    note = built.path / ".git/gitagent/overwriting"
    note.write_text(f'{{"was": "{tree}", "tree": "{tree}", "base": null, "last_version": "v3", "reason": "discard"}}')
    assert built.reopen().notices == ("Finished what had been interrupted: discard.",)
    assert built.agent.drafts() == ()
    assert built.agent.draft().label == "Draft"


def test_a_note_that_cannot_be_read_is_named(built: Built) -> None:
    note = built.path / ".git/gitagent/overwriting"
    note.write_text("{")
    failed = refusal(built.reopen)
    assert (failed.kind, failed.hint) == ("StorageFailed", "Remove it; no version depends on it.")
    assert failed.message.startswith(f"{note} cannot be read: ")
