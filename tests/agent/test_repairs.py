"""Repositories are broken on purpose; what is told of it is mended, nothing else is touched, and nothing is lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import ADA, START, Built, git
from support.forging import LEDGER, forge, plumb, remove_object
from support.rules import check_rules
from support.sharing import Team

from gitagent import Agent, Repair, Repaired
from gitagent.agent import repairs, verification
from gitagent.errors import AgentBusy, AgentNotFound
from gitagent.git import leftovers
from gitagent.git.locks import locked

LONG_AGO = START.timestamp()
MAIN = "refs/heads/main"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "A_MOMENT", 0)


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """v3 in the sandbox, v2 in pre-release, nothing live."""
    return build().publish("two\n").promote("pre-release").publish("three\n")


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below the agent's folder, git's own included."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def planned(folder: Path) -> tuple[Repair, ...]:
    """What is told to be wrong. Telling changes nothing."""
    before = everything(folder)
    told = Agent.plan_repairs(folder)
    assert everything(folder) == before
    return told


def told(folder: Path) -> list[tuple[str, str, bool]]:
    return [(each.code, each.place, each.automatic) for each in planned(folder)]


def mended(folder: Path) -> Repaired:
    """Everything is mended that can be; after that, nothing is wrong."""
    done = repaired(folder)
    assert done.failed == ()
    assert planned(folder) == ()
    return done


def repaired(folder: Path) -> Repaired:
    return Agent.repair(planned(folder), folder, at=START)


def is_whole(built: Built) -> None:
    """Every rule holds, and the next version can be saved and shown."""
    assert [each for each in built.reopen().verify().findings if each.code != "signature-unchecked"] == []
    assert built.agent.notices == ()
    built.save("the next\n")
    check_rules(built.path)


def aside(built: Built) -> dict[str, bytes]:
    """What was moved aside, by name."""
    folder = built.path / ".git/gitagent/aside"
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def leave(built: Built, *names: str, content: str = "") -> None:
    """Files that were left in git's folder long ago."""
    for name in names:
        path = built.path / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, (LONG_AGO, LONG_AGO))


# A sound agent


def test_a_sound_agent_needs_nothing(built: Built) -> None:
    assert planned(built.path) == ()
    before = built.git("for-each-ref")
    assert Agent.repair([], built.path, at=START) == Repaired((), (), ())
    assert built.git("for-each-ref") == before
    is_whole(built)


def test_an_edited_draft_is_not_wrong(built: Built) -> None:
    built.edit("edited\n").edit("new\n", "more.md")
    assert planned(built.path) == ()


def test_a_bare_agent_can_be_sound_and_can_be_mended(built: Built, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--mirror", str(built.path), "bare")
    bare = tmp_path / "bare"
    assert planned(bare) == ()
    git(bare, "branch", "-D", "sandbox")
    assert [each.code for each in mended(bare).done] == ["branch-missing"]


def test_a_folder_that_is_no_agent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentNotFound) as caught:
        Agent.plan_repairs(tmp_path)
    assert caught.value.code == "agent-not-found"
    git(tmp_path, "init", "-q", "plain")
    git(tmp_path / "plain", "commit", "-q", "--allow-empty", "-m", "Mine")
    git(tmp_path / "plain", "tag", "v1")
    with pytest.raises(AgentNotFound, match="no agent yet"):
        Agent.plan_repairs(tmp_path / "plain")


def test_a_clone_that_never_joined_has_lost_nothing(tmp_path: Path) -> None:
    team = Team(tmp_path)
    git(tmp_path, "clone", "-q", str(team.remote), "plain")
    with pytest.raises(AgentNotFound) as caught:
        Agent.plan_repairs(tmp_path / "plain")
    assert caught.value.hint == "Join it: gitagent sync"


# What dead processes left

LOCKS = [
    "index.lock",
    "HEAD.lock",
    "config.lock",
    "packed-refs.lock",
    "refs/heads/main.lock",
    "refs/heads/gitagent/ledger.lock",
    "refs/tags/v4.lock",
    "refs/heads/sandbox.lock",
]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_was_left_is_removed(name: str, built: Built) -> None:
    leave(built, name)
    (found,) = planned(built.path)
    assert (found.code, found.place, found.automatic) == ("lock-left-over", f".git/{name}", True)
    assert found.command == f"rm .git/{name}"
    assert found.wrong.startswith(f"the lock .git/{name} has stood there for ")
    assert found.wrong.endswith((" days", " day", " hours", " hour"))
    assert mended(built.path).done == (found,)
    is_whole(built)


def test_all_locks_are_removed_at_once(built: Built) -> None:
    leave(built, *LOCKS)
    assert len(mended(built.path).done) == len(LOCKS)
    is_whole(built)


def test_a_young_lock_is_left_to_the_git_that_may_hold_it(built: Built) -> None:
    (built.path / ".git/index.lock").touch()
    (found,) = planned(built.path)
    assert (found.code, found.automatic, found.command) == ("lock-left-over", False, None)
    assert found.wrong == "the lock .git/index.lock has stood there for 0 seconds"
    assert "wait 10 seconds" in found.remedy
    assert repaired(built.path) == Repaired((), (), ())
    assert (built.path / ".git/index.lock").exists()


def test_a_young_lock_goes_when_the_gitagent_that_took_it_died(built: Built) -> None:
    (built.path / ".git/refs/heads/main.lock").touch()
    (built.path / ".git/objects/tmp_object_git2_a1").touch()
    (built.path / ".git/gitagent/lock").write_text("!")
    assert told(built.path) == [
        ("lock-left-over", ".git/refs/heads/main.lock", True),
        ("file-left-over", ".git/objects/tmp_object_git2_a1", True),
    ]
    mended(built.path)
    is_whole(built)


def test_locks_stay_while_git_runs_here(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    leave(built, "index.lock", "objects/tmp_object_git2_a1")
    with subprocess.Popen(["git", "cat-file", "--batch"], cwd=built.path, stdin=subprocess.PIPE) as running:
        (found,) = planned(built.path)
        assert (found.code, found.automatic) == ("lock-left-over", False)
        assert f"it is running here as process {running.pid}" in found.remedy
        assert repaired(built.path).done == ()
        running.communicate()
    assert len(mended(built.path).done) == 2
    is_whole(built)


def test_a_git_that_runs_elsewhere_is_no_reason(built: Built, tmp_path: Path) -> None:
    leave(built, "index.lock")
    git(tmp_path, "init", "-q", "other")
    with subprocess.Popen(["git", "cat-file", "--batch"], cwd=tmp_path / "other", stdin=subprocess.PIPE) as running:
        assert told(built.path) == [("lock-left-over", ".git/index.lock", True)]
        running.communicate()


def test_a_lock_that_somebody_took_meanwhile_stays(built: Built) -> None:
    leave(built, "index.lock")
    agreed = planned(built.path)
    (built.path / ".git/index.lock").unlink()
    (built.path / ".git/index.lock").touch()
    assert Agent.repair(agreed, built.path, at=START).done == ()
    assert (built.path / ".git/index.lock").exists()


def test_a_file_that_took_the_place_of_another_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "a.lock").touch()
    left = leftovers.Leftover(tmp_path / "a.lock", 99.0, (tmp_path / "a.lock").stat().st_ino + 1)
    assert not left.remove()
    assert (tmp_path / "a.lock").exists()
    (tmp_path / "a.lock").unlink()
    assert left.remove()


def test_half_written_files_are_removed_when_they_are_old(built: Built) -> None:
    names = ("objects/tmp_object_git2_a1", "objects/ab/tmp_obj_x", "objects/pack/tmp_pack_y", "gitagent/base.new")
    leave(built, *names)
    (built.path / ".git/objects/tmp_object_git2_b2").touch()
    (found,) = planned(built.path)
    assert found[:4] == (
        "file-left-over",
        ".git/objects/ab",
        "4 half-written files were left by a command that did not end",
        "Remove them; nothing needs them.",
    )
    mended(built.path)
    assert not any((built.path / ".git" / name).exists() for name in names)
    assert (built.path / ".git/objects/tmp_object_git2_b2").exists()


# Refs


REFS: dict[str, tuple[Callable[[Built], object], str, str]] = {
    "a tag is gone": (lambda built: built.git("tag", "-d", "v1"), "tag-missing", "refs/tags/v1"),
    "the newest tag is gone": (lambda built: built.git("tag", "-d", "v3"), "tag-missing", "refs/tags/v3"),
    "a tag is elsewhere": (lambda built: built.git("tag", "-f", "v1", "v3^{}"), "tag-moved", "refs/tags/v1"),
    "a branch is gone": (lambda built: built.git("branch", "-D", "sandbox"), "branch-missing", "refs/heads/sandbox"),
    "a branch is elsewhere": (
        lambda built: built.git("branch", "-f", "sandbox", "v1"),
        "branch-moved",
        "refs/heads/sandbox",
    ),
    "a branch is too many": (lambda built: built.git("branch", "live", "v1"), "branch-unknown", "refs/heads/live"),
    "main is gone": (lambda built: built.git("update-ref", "-d", MAIN), "main-missing", MAIN),
    "main is behind": (lambda built: built.git("update-ref", MAIN, "v1^{}"), "main-behind", MAIN),
}


@pytest.mark.parametrize("what", REFS)
def test_a_ref_that_is_not_where_the_ledger_has_it_is_put_back(what: str, built: Built) -> None:
    before = built.git("for-each-ref", "refs/heads", "refs/tags")
    break_, code, place = REFS[what]
    break_(built)
    assert told(built.path) == [(code, place, True)]
    assert [each.code for each in mended(built.path).done] == [code]
    assert built.git("for-each-ref", "refs/heads", "refs/tags") == before
    is_whole(built)


@pytest.mark.parametrize("what", [what for what in REFS if REFS[what][1] not in {"branch-unknown"}])
def test_the_git_command_that_is_told_does_the_same(what: str, built: Built) -> None:
    before = built.git("for-each-ref", "refs/heads", "refs/tags")
    REFS[what][0](built)
    (found,) = planned(built.path)
    assert found.command is not None
    built.git(*found.command.split()[1:])
    assert built.git("for-each-ref", "refs/heads", "refs/tags") == before


def test_everything_out_of_place_is_mended_together(built: Built) -> None:
    for what in ("a branch is elsewhere", "a tag is elsewhere", "the newest tag is gone", "main is gone"):
        REFS[what][0](built)
    assert len(mended(built.path).done) == 4
    is_whole(built)


@pytest.mark.parametrize("what", ["a tag is elsewhere", "a branch is elsewhere", "a branch is too many"])
def test_what_a_ref_was_moved_to_is_kept(what: str, built: Built) -> None:
    REFS[what][0](built)
    stands = built.git("rev-parse", f"{REFS[what][2]}^{{commit}}")
    assert "kept in gitagent drafts" in planned(built.path)[0].remedy
    done = mended(built.path)
    assert len(done.notices) == 1
    (draft,) = built.reopen().drafts()
    assert built.git("rev-parse", f"{draft.commit}^") == stands


def test_a_pruned_tag_is_made_again_from_its_event(built: Built) -> None:
    was = built.git("rev-parse", "v2")
    built.git("tag", "-d", "v2")
    built.git("prune", "--expire=now")
    (found,) = planned(built.path)
    assert found.remedy == "Make it again, to the byte, from its event in the ledger."
    mended(built.path)
    assert built.git("rev-parse", "v2") == was
    is_whole(built)


def sign(built: Built) -> str:
    """Put another tag object, such as a signed one, on v3, in the ledger too."""
    signature = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"
    text = plumb(built.path, "cat-file", "tag", "v3") + f"\n\n{signature}"
    id_ = plumb(built.path, "hash-object", "-t", "tag", "-w", "--stdin", given=text)
    record = json.loads(plumb(built.path, "show", f"{LEDGER}:versions/0/v3.yaml")) | {"tag": id_}
    forge(built.path, tag=id_, files={"versions/0/v3.yaml": json.dumps(record, indent=2) + "\n"})
    built.git("update-ref", "refs/tags/v3", id_)
    return id_


def test_a_pruned_tag_that_was_signed_is_fetched_from_the_shared_remote(built: Built, tmp_path: Path) -> None:
    id_ = sign(built)
    assert planned(built.path) == ()
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    built.reopen().share(str(tmp_path / "remote.git"))
    built.git("tag", "-d", "v3")
    built.git("prune", "--expire=now")
    (found,) = planned(built.path)
    assert (found.remedy, found.command) == (
        f"Fetch it from {tmp_path}/remote.git.",
        "git fetch origin refs/tags/v3:refs/tags/v3",
    )
    mended(built.path)
    assert built.git("rev-parse", "v3").strip() == id_
    is_whole(built)


def test_a_pruned_tag_that_is_nowhere_is_told(built: Built) -> None:
    sign(built)
    built.git("tag", "-d", "v3")
    built.git("prune", "--expire=now")
    assert told(built.path) == [("tag-missing", "refs/tags/v3", False), ("object-missing", "refs/tags/v3", False)]
    assert repaired(built.path).done == ()


@pytest.mark.parametrize("gone", ["pre-release", f"{LEDGER}~2"])
def test_a_pruned_tag_that_lacks_what_it_is_made_of_is_told(gone: str, built: Built) -> None:
    remove_object(built.path, "refs/tags/v2")
    (built.path / ".git/refs/tags/v2").unlink()
    remove_object(built.path, gone)
    assert ("tag-missing", "refs/tags/v2", False) in told(built.path)


def test_an_unreachable_remote_fails_that_repair_alone(built: Built, tmp_path: Path) -> None:
    sign(built)
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    built.reopen().share(str(tmp_path / "remote.git"))
    built.git("tag", "-d", "v3")
    built.git("prune", "--expire=now")
    built.git("branch", "-D", "sandbox")
    shutil.rmtree(tmp_path / "remote.git")
    done = repaired(built.path)
    assert [each.code for each in done.done] == ["branch-missing"]
    ((failed, why),) = done.failed
    assert failed.code == "tag-missing"
    assert "there is no git repository at" in why


def test_a_branch_that_is_being_worked_on_is_to_be_left_first(built: Built) -> None:
    built.git("switch", "-q", "-c", "live")
    assert ("branch-unknown", "refs/heads/live", False) in told(built.path)
    assert planned(built.path)[0].command == "git switch main"
    built.git("switch", "-q", "main")
    mended(built.path)
    is_whole(built)


@pytest.mark.parametrize("content", ["", "nonsense\n", "\0" * 41, "1" * 40 + "\n"])
@pytest.mark.parametrize("ref", [MAIN, "refs/heads/sandbox", "refs/tags/v2"])
def test_a_ref_file_that_was_destroyed_is_moved_aside_and_made_again(ref: str, content: str, built: Built) -> None:
    was = built.git("rev-parse", ref)
    (built.path / ".git" / ref).write_text(content)
    assert ("ref-broken", ref, True) in told(built.path)
    mended(built.path)
    assert built.git("rev-parse", ref) == was
    assert aside(built) == {ref.rsplit("/", 1)[1]: content.encode()}
    is_whole(built)


def test_a_destroyed_main_keeps_the_plain_commits_on_it(built: Built) -> None:
    built.git("commit", "-q", "--allow-empty", "-m", "by hand")
    was = built.git("rev-parse", "main")
    (built.path / ".git" / MAIN).write_text("")
    mended(built.path)
    assert built.git("rev-parse", "main") == was


@pytest.mark.parametrize("content", ["", "garbage\n", "\0" * 21])
@pytest.mark.parametrize("branch", ["main", "idea"])
def test_a_destroyed_head_is_put_on_the_branch_that_was_checked_out(branch: str, content: str, built: Built) -> None:
    built.git("switch", "-q", "-c", "idea")
    built.git("switch", "-q", branch)
    (built.path / ".git/HEAD").write_text(content)
    (found,) = [each for each in planned(built.path) if each.automatic]
    assert (found.code, found.command) == ("head-broken", f"echo 'ref: refs/heads/{branch}' > .git/HEAD")
    assert repaired(built.path).done == (found,)
    assert built.git("symbolic-ref", "HEAD") == f"refs/heads/{branch}\n"
    assert aside(built) == {"HEAD": content.encode()}
    built.git("switch", "-q", "main")
    assert planned(built.path) == ()
    is_whole(built)


def test_a_destroyed_head_without_a_reflog_is_put_on_main(built: Built) -> None:
    (built.path / ".git/HEAD").write_text("")
    shutil.rmtree(built.path / ".git/logs")
    mended(built.path)
    assert built.git("symbolic-ref", "HEAD") == "refs/heads/main\n"
    is_whole(built)


@pytest.mark.parametrize("lost", ["refs/tags/v1", "refs/heads/sandbox", LEDGER, "refs/heads/main"])
def test_packed_refs_with_a_destroyed_line_are_cleaned(lost: str, built: Built) -> None:
    built.git("pack-refs", "--all")
    before = built.git("for-each-ref")
    packed = built.path / ".git/packed-refs"
    whole = packed.read_text()
    packed.write_text(re.sub(rf"^.{{40}} {lost}$", "garbage", whole, flags=re.MULTILINE))
    assert ("packed-refs-broken", ".git/packed-refs", True) in told(built.path)
    assert mended(built.path).failed == ()
    assert built.git("for-each-ref") == before
    assert "packed-refs" in aside(built)
    is_whole(built)


def test_a_tag_of_the_next_number_is_shown_with_both_ways_out(built: Built) -> None:
    built.git("tag", "v4")
    (found,) = planned(built.path)
    assert (found.code, found.automatic, found.command) == ("tag-unknown", False, "git reflog gitagent/ledger")
    assert found.remedy.endswith("if the tag is no version: git tag -d v4")
    built.git("tag", "-d", "v4")
    is_whole(built)


def test_a_ledger_that_was_moved_back_is_told_with_the_way_forward(built: Built) -> None:
    built.save("four\n")
    tip = built.git("rev-parse", LEDGER).strip()
    built.git("update-ref", LEDGER, f"{LEDGER}^")
    (found,) = [each for each in planned(built.path) if each.code == "tag-unknown"]
    assert (found.automatic, found.command) == (False, f"git update-ref {LEDGER} {tip}")
    built.git(*(found.command or "").split()[1:])
    assert planned(built.path) == ()
    is_whole(built)


def test_what_only_a_check_finds_is_told_as_beyond_repair(built: Built) -> None:
    forge(built.path, author="Grace Hopper")
    built.git("tag", "V3")
    found = planned(built.path)
    assert [(each.code, each.automatic, str(each.severity)) for each in found] == [
        ("rule-actor", False, "error"),
        ("tag-look-alike", False, "warning"),
    ]
    assert found[0].remedy.startswith("See: git ")
    assert repaired(built.path) == Repaired((), (), ())


def test_a_ledger_of_which_nothing_can_be_read_is_told(built: Built) -> None:
    forge(built.path, files={"state.yaml": "nothing\n"})
    assert {each.automatic for each in planned(built.path)} == {False}


def test_a_missing_object_is_told(built: Built) -> None:
    remove_object(built.path, "v2^{tree}")
    assert ("object-missing", "refs/tags/v3", False) in told(built.path)


# The ledger lost


def lose(built: Built) -> str:
    tip = built.git("rev-parse", LEDGER).strip()
    built.git("branch", "-D", "gitagent/ledger")
    return tip


def test_a_deleted_ledger_is_found_among_the_objects(built: Built) -> None:
    tip = lose(built)
    with pytest.raises(AgentNotFound):
        built.reopen()
    (found,) = planned(built.path)
    assert (found.code, found.automatic, found.command) == ("ledger-lost", True, f"git update-ref {LEDGER} {tip}")
    assert found.remedy == (
        "Put it back to event 4, publish sandbox v2 -> v3, found in an object that nothing points at and checked; "
        "and all else as it says."
    )
    mended(built.path)
    assert built.git("rev-parse", LEDGER).strip() == tip
    is_whole(built)


def test_of_two_ledgers_that_nothing_points_at_the_one_that_agrees_with_the_refs_is_taken(built: Built) -> None:
    for text in ("lost in a race\n", "four\n", "lost too\n"):
        tip, main = (built.git("rev-parse", ref).strip() for ref in (LEDGER, "main"))
        built.save(text)
        if text != "four\n":
            built.git("tag", "-d", "v5" if "too" in text else "v4")
            built.git("update-ref", MAIN, main)
            built.git("update-ref", LEDGER, tip)
            built.reopen()
    built.save("five\n")
    tip = lose(built)
    assert planned(built.path)[0].command == f"git update-ref {LEDGER} {tip}"
    mended(built.path)
    is_whole(built)


def test_no_event_is_lost_with_the_ledger_however_the_branches_stand(built: Built) -> None:
    built.promote("pre-release")
    tip = lose(built)
    built.git("branch", "-f", "pre-release", "v2^{}")
    mended(built.path)
    assert built.git("rev-parse", LEDGER).strip() == tip
    assert built.reopen().environment("pre-release").version == built.agent.version("v3").number
    is_whole(built)


@pytest.mark.parametrize("content", ["", "\0" * 41, "1" * 40 + "\n"])
def test_a_destroyed_ledger_is_found_in_its_reflog(content: str, built: Built) -> None:
    tip = built.git("rev-parse", LEDGER).strip()
    (built.path / ".git" / LEDGER).write_text(content)
    (found,) = planned(built.path)
    assert (found.code, found.automatic, found.command) == ("ledger-lost", True, f"git update-ref {LEDGER} {tip}")
    assert "found in the reflog and checked" in found.remedy
    mended(built.path)
    assert built.git("rev-parse", LEDGER).strip() == tip
    assert aside(built) == {"ledger": content.encode()}
    is_whole(built)


def test_a_destroyed_ledger_is_not_taken_from_older_packed_refs(built: Built) -> None:
    built.git("pack-refs", "--all")
    built.save("four\n")
    tip = built.git("rev-parse", LEDGER).strip()
    (built.path / ".git" / LEDGER).write_text("")
    mended(built.path)
    assert built.git("rev-parse", LEDGER).strip() == tip
    is_whole(built)


def test_a_ledger_file_that_was_removed_is_found_in_its_reflog(built: Built) -> None:
    (built.path / ".git" / LEDGER).unlink()
    mended(built.path)
    is_whole(built)


def test_all_that_follows_from_a_lost_ledger_comes_back_with_it(built: Built) -> None:
    lose(built)
    built.git("branch", "-D", "sandbox")
    built.git("tag", "-d", "v1")
    done = Agent.repair(planned(built.path), built.path, at=START)
    assert [each.code for each in done.done] == ["ledger-lost", "tag-missing", "branch-missing"]
    is_whole(built)


def test_a_lost_ledger_is_found_on_the_shared_remote(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ada.publish("two\n")
    tip = lose(team.ada)
    (found,) = planned(team.ada.path)
    assert "found in origin/gitagent/ledger and checked" in found.remedy
    mended(team.ada.path)
    assert team.ada.git("rev-parse", LEDGER).strip() == tip
    is_whole(team.ada)


def test_a_ledger_that_is_lost_for_good_is_told(built: Built) -> None:
    lose(built)
    built.git("prune", "--expire=now")
    assert told(built.path) == [("ledger-lost", LEDGER, False)]
    assert "Fetch it from a clone" in planned(built.path)[0].remedy
    assert repaired(built.path).done == ()


def test_an_older_ledger_is_taken_where_the_newest_breaks_a_rule(built: Built) -> None:
    before = built.git("rev-parse", LEDGER).strip()
    forge(built.path, author="Grace Hopper", instead=False)
    (built.path / ".git" / LEDGER).write_text("")
    assert planned(built.path)[0].command == f"git update-ref {LEDGER} {before}"


# The draft


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("overwriting", "{"),
        ("overwriting", '{"was": 1}'),
        ("base", "[]"),
        ("base", '{"base": "x", "last_version": "v3"}'),
        ("pushing", ""),
        ("pushing", '{"commit": 1}'),
        ("conflicts", "{"),
        ("conflicts", "[" * 100_000),
    ],
)
def test_a_note_that_cannot_be_read_is_moved_aside(name: str, content: str, built: Built) -> None:
    leave(built, f"gitagent/{name}", content=content)
    assert told(built.path) == [("note-unreadable", f".git/gitagent/{name}", True)]
    mended(built.path)
    assert aside(built) == {name: content.encode()}
    is_whole(built)


@pytest.mark.parametrize(
    ("name", "content"),
    [("base", '{"base": "v2", "last_version": "v3"}'), ("pushing", f'{{"commit": "{"1" * 40}"}}'), ("conflicts", "[]")],
)
def test_a_note_that_can_be_read_is_left_alone(name: str, content: str, built: Built) -> None:
    leave(built, f"gitagent/{name}", content=content)
    assert planned(built.path) == ()


def test_files_that_hold_both_sides_are_known_again_without_their_note(built: Built) -> None:
    marked = "<<<<<<< your draft\nmine\n=======\ntheirs\n>>>>>>> v3\n"
    leave(built, "gitagent/conflicts", content="{")
    built.edit(marked)
    mended(built.path)
    assert json.loads((built.path / ".git/gitagent/conflicts").read_text()) == ["notes.md"]


def test_what_cannot_be_moved_aside_stays_and_is_told(built: Built) -> None:
    leave(built, "gitagent/base", content="{")
    leave(built, "gitagent/aside", "index.lock")
    done = repaired(built.path)
    assert [each.code for each in done.done] == ["lock-left-over"]
    ((failed, why),) = done.failed
    assert failed.code == "note-unreadable"
    assert why.startswith(f"cannot move {built.path}/.git/gitagent/base aside: ")
    assert (built.path / ".git/gitagent/base").read_text() == "{"


def test_files_of_one_name_are_moved_aside_side_by_side(built: Built) -> None:
    for content in ("{", "["):
        leave(built, "gitagent/base", content=content)
        mended(built.path)
    assert aside(built) == {"base": b"{", "base-2": b"["}


@pytest.mark.parametrize("content", ["", "nonsense", None])
def test_a_broken_index_is_made_anew_and_no_file_is_touched(content: str | None, built: Built) -> None:
    built.edit("edited\n").edit("new\n", "more.md")
    index = built.path / ".git/index"
    kept = index.read_bytes()
    index.unlink()
    if content is not None:
        index.write_bytes(kept[: len(kept) // 2] if content else kept[:-1] + bytes([kept[-1] ^ 1]))
    (found,) = planned(built.path)
    assert (found.code, found.place, found.automatic) == ("index-broken", ".git/index", True)
    assert "no file of the draft is touched" in found.remedy
    mended(built.path)
    assert built.git("status", "--porcelain") == " M notes.md\n?? more.md\n"
    assert set(aside(built)) == ({"index"} if content is not None else set())
    is_whole(built)


def begun(built: Built, **changes: object) -> None:
    """A restore of v1 that died before it wrote anything."""
    facts = {"was": "v3^{tree}", "tree": "v1^{tree}"}
    trees = {name: plumb(built.path, "rev-parse", tree) for name, tree in facts.items()}
    note = {**trees, "base": "v1", "last_version": "v3", "reason": "restore v1", "main": None, **changes}
    (built.path / ".git/gitagent/overwriting").write_text(json.dumps(note))


def test_an_interrupted_restore_is_finished(built: Built) -> None:
    begun(built)
    (found,) = planned(built.path)
    assert found[:4] == (
        "draft-half-overwritten",
        ".git/gitagent/overwriting",
        "restore v1 was interrupted while it overwrote the draft",
        "Finish it; files that were edited since are kept in gitagent drafts.",
    )
    assert mended(built.path).notices == ("Finished what had been interrupted: restore v1.",)
    assert (built.path / "notes.md").read_text() == "one\n"
    is_whole(built)


@pytest.mark.parametrize("changes", [{"tree": "1" * 40}, {"was": "1" * 40}, {"main": "1" * 40}])
def test_an_interrupted_restore_that_cannot_be_finished_is_given_up(built: Built, changes: dict[str, object]) -> None:
    begun(built, **changes)
    built.edit("half of it\n")
    (found,) = planned(built.path)
    assert found.remedy.startswith("Keep the draft as it stands in gitagent drafts, and give it up")
    mended(built.path)
    assert (built.path / "notes.md").read_text() == "half of it\n"
    (draft,) = built.reopen().drafts()
    assert draft.reason == "restore v1, given up"
    assert built.agent.files(draft.id)["notes.md"].read() == b"half of it\n"
    assert "overwriting" in aside(built)
    is_whole(built)


def test_an_interrupted_restore_whose_content_is_gone_is_given_up(built: Built) -> None:
    blob = plumb(built.path, "hash-object", "-w", "--stdin", given="nowhere else\n")
    tree = plumb(built.path, "mktree", given=f"100644 blob {blob}\tnotes.md\n")
    remove_object(built.path, blob)
    begun(built, tree=tree)
    assert "give it up" in planned(built.path)[0].remedy
    mended(built.path)
    is_whole(built)


@pytest.mark.parametrize("mark", ["skip-worktree", "assume-unchanged"])
def test_hidden_files_are_shown_with_the_command_and_stay_so(mark: str, built: Built) -> None:
    built.git("update-index", f"--{mark}", "notes.md")
    (found,) = planned(built.path)
    assert (found.code, found.automatic) == ("file-hidden", False)
    assert found.command == f"git update-index --no-{mark} -- notes.md"
    assert repaired(built.path).done == ()
    built.git(*found.command.split()[1:])
    is_whole(built)


def test_a_merge_under_way_is_shown_and_left_alone(built: Built) -> None:
    built.git("switch", "-q", "-c", "other", "v1")
    built.edit("other\n").git("commit", "-q", "-am", "other")
    built.git("switch", "-q", "main")
    subprocess.run(["git", "-C", built.path, "merge", "-q", "other"], check=False, capture_output=True)
    assert told(built.path) == [("git-unfinished", "HEAD", False)]
    assert planned(built.path)[0].wrong == "git is in the middle of a merge"
    assert repaired(built.path).done == ()
    built.git("merge", "--abort")
    is_whole(built)


def test_a_sparse_checkout_is_shown(built: Built) -> None:
    built.git("sparse-checkout", "set", "folder")
    assert "sparse-checkout" in [code for code, *_ in told(built.path)]


# The shared remote


def test_a_remote_whose_ledger_is_older_is_shown(tmp_path: Path) -> None:
    team = Team(tmp_path)
    was = team.refs()[LEDGER]
    team.ada.publish("two\n")
    team.git("update-ref", LEDGER, was)
    team.ada.git("fetch", "-q")
    team.ada.git("update-ref", "refs/remotes/origin/gitagent/ledger", was)
    (found,) = planned(team.ada.path)
    assert (found.code, found.place, found.automatic) == ("remote-ledger-behind", "origin", False)
    assert found.command == "git log --oneline --left-right gitagent/ledger...refs/remotes/origin/gitagent/ledger"
    assert "publish sandbox" in team.ada.git(*(found.command or "").split()[1:])


def test_a_remote_whose_ledger_went_another_way_is_shown(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ada.publish("two\n")
    other = plumb(team.ada.path, "commit-tree", f"{LEDGER}^{{tree}}", "-p", f"{LEDGER}^", "-m", "another")
    team.ada.git("update-ref", "refs/remotes/origin/gitagent/ledger", other)
    assert told(team.ada.path) == [("remote-ledger-forked", "origin", False)]


def test_a_remote_without_a_ledger_and_one_that_git_forgot_are_shown(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ada.git("update-ref", "-d", "refs/remotes/origin/gitagent/ledger")
    assert told(team.ada.path) == [("remote-ledger-missing", "origin", False)]
    team.ada.git("remote", "remove", "origin")
    assert told(team.ada.path) == [("remote-unknown", "origin", False)]


def test_versions_that_others_saved_are_nothing_to_be_mended(tmp_path: Path) -> None:
    team = Team(tmp_path)
    grace = team.clone("grace")
    grace.publish("two\n")
    team.ada.agent.set_rules("live", actor=ADA, at=team.ada.clock(), requires_number=True)
    (found,) = planned(team.ada.path)
    assert (found.code, found.automatic, str(found.severity)) == ("main-behind", False, "warning")
    team.ada.agent.sync(actor=ADA, at=team.ada.clock())
    assert planned(team.ada.path) == ()


# Agreement and turns


def test_only_what_was_agreed_to_is_mended(built: Built) -> None:
    leave(built, "index.lock", "HEAD.lock")
    first, second = planned(built.path)
    assert Agent.repair([second], built.path, at=START).done == (second,)
    assert planned(built.path)[0].same == first.same
    mended(built.path)


def test_what_is_not_wrong_any_more_is_left_alone(built: Built) -> None:
    built.git("branch", "-D", "sandbox")
    agreed = planned(built.path)
    built.reopen()
    assert Agent.repair(agreed, built.path, at=START) == Repaired((), (), ())


def test_another_command_is_waited_for(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairs, "LONGEST_WAIT", 0.05)
    with locked(built.path / ".git/gitagent/lock", after_crash=lambda: None):
        with pytest.raises(AgentBusy):
            Agent.plan_repairs(built.path)
        with pytest.raises(AgentBusy):
            Agent.repair([], built.path, at=START)
    assert planned(built.path) == ()


def test_a_killed_command_is_mended_whole(built: Built) -> None:
    """Dead between the ledger and what follows from it, with a lock in its hand."""
    code = (
        "import os, sys; from gitagent import Agent, Actor; from gitagent.agent.projection import Projection\n"
        "from datetime import datetime, UTC\n"
        "Projection.follow = lambda *_: (open('.git/refs/heads/main.lock', 'w'), os._exit(9))\n"
        "Agent.open().publish(actor=Actor('Ada Lovelace', 'ada@example.com'), at=datetime.now(UTC))"
    )
    built.edit("four\n")
    assert subprocess.run([sys.executable, "-c", code], cwd=built.path, check=False).returncode == 9
    assert [code for code, _, automatic in told(built.path) if automatic] == [
        "lock-left-over",
        "tag-missing",
        "branch-moved",
        "main-behind",
    ]
    mended(built.path)
    assert built.reopen().status().last_version.number == 4
    is_whole(built)
