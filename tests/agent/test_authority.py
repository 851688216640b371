"""What a shared remote is asked for, given and believed, and what is said where it does not go as planned."""

from __future__ import annotations

import shutil
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, START, Built, git
from support.forging import plumb
from support.refusing import Refusal, refusal
from support.sharing import Member, Team

from gitagent import Agent
from gitagent.agent import fetching, sharing, turns, underway
from gitagent.agent import store as stores
from gitagent.agent.ledger import LEDGER
from gitagent.agent.store import REMOTE
from gitagent.errors import RemoteUnreachable
from gitagent.git.remote import Remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent.agent.authority import Synced


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LONGEST_PAUSE", 0)
    monkeypatch.setattr(turns, "LONGEST_PAUSE", 0)


class _Copy(Team):
    """A copy of a team, which takes a tenth of the time of making one."""

    def __init__(self, original: Path, folder: Path) -> None:
        shutil.copytree(original, folder, dirs_exist_ok=True)
        self.folder, self.remote = folder, folder / "remote.git"
        self.url = str(self.remote)
        git(folder / "ada", "config", "remote.origin.url", str(self.remote))
        self.ada = Member(Agent.open(folder / "ada"))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada's agent on a remote: v2 in sandbox."""
    folder = tmp_path_factory.mktemp("team")
    Team(folder).ada.publish("two\n")
    return folder


@pytest.fixture
def team(original: Path, tmp_path: Path) -> Team:
    """Ada's agent on a remote: v2 in sandbox."""
    return _Copy(original, tmp_path)


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The fetches that were made."""
    real, made = Remote.fetch, []

    def fetch(self: Remote) -> None:
        made.append(self.name)
        real(self)

    monkeypatch.setattr(Remote, "fetch", fetch)
    return made


def _on_push(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Let something happen just before the first push reaches the remote."""
    real, waiting = Remote.push, [do]

    def push(self: Remote, *arguments: Any, **named: Any) -> None:
        if waiting:
            waiting.pop()()
        real(self, *arguments, **named)

    monkeypatch.setattr(Remote, "push", push)


def _sync(built: Built) -> Synced:
    return built.reopen().sync(actor=built.actor, at=START)


def _by_hand(team: Team, parent: str = "main") -> str:
    """A commit on the remote that nobody's version is."""
    environ = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return plumb(team.remote, "commit-tree", f"{parent}^{{tree}}", "-p", parent, given="by hand\n", environ=environ)


# Looking at the remote


def test_a_remote_whose_refs_agree_is_fetched_once(team: Team, fetches: list[str]) -> None:
    _sync(team.ada)
    assert fetches == ["origin"]


@pytest.mark.parametrize("how", ["main", "no main", "environment", "no ledger"])
def test_refs_that_do_not_agree_are_looked_at_again_but_not_forever(team: Team, fetches: list[str], how: str) -> None:
    if how == "main":
        team.git("update-ref", "refs/heads/main", "v1^{}")
    elif how == "environment":
        team.git("update-ref", "refs/heads/sandbox", "v1^{}")
    else:
        team.git("update-ref", "-d", "refs/heads/main" if how == "no main" else LEDGER)
    if how == "no ledger":
        assert refusal(lambda: _sync(team.ada)).hint == (
            f"If it was made anew, share the agent again: gitagent share {team.remote}"
        )
    else:
        _sync(team.ada)
    assert len(fetches) == fetching.MOST_FETCHES


def test_refs_that_agree_with_the_second_look_are_not_mended(
    team: Team, fetches: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = team.git("rev-parse", "main").strip()
    team.git("update-ref", "refs/heads/main", "v1^{}")
    real = Remote.fetch

    def fetch(self: Remote) -> None:
        real(self)
        team.git("update-ref", "refs/heads/main", right)

    monkeypatch.setattr(Remote, "fetch", fetch)
    _sync(team.ada)
    assert (len(fetches), team.ada.agent.notices, team.ada.agent.drafts()) == (2, (), ())


# What is pushed


def test_a_ledger_taken_away_during_a_push_is_no_ones_win(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    _on_push(monkeypatch, lambda: team.git("update-ref", "-d", LEDGER))
    monkeypatch.setattr(stores, "MOST_ATTEMPTS", 1)
    assert refusal(lambda: team.ada.promote("pre-release")) == Refusal(
        "LedgerMoved",
        "ledger-moved",
        "the ledger was taken away from the shared remote meanwhile",
        "Try again.",
    )
    assert team.ada.history() == ["init v1", "publish sandbox v2"]


def test_a_branch_that_moved_during_a_push_is_tried_again_and_in_the_end_told(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = _by_hand(team)
    _on_push(monkeypatch, lambda: team.git("update-ref", "refs/heads/pre-release", mine))
    monkeypatch.setattr(stores, "MOST_ATTEMPTS", 1)
    refused = refusal(lambda: team.ada.promote("pre-release"))
    assert (refused.kind, refused.message) == ("LedgerMoved", f"somebody pushed to {team.remote} meanwhile")
    team.ada.promote("pre-release")
    assert team.refs()["refs/heads/pre-release"] == team.git("rev-parse", "v2^{}").strip()
    assert [draft.reason for draft in team.ada.agent.drafts()] == ["pre-release moved by hand"]


def test_a_push_that_failed_at_a_remote_within_reach_is_a_refusal(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = team.refs()

    def push(self: Remote, *_: object, **__: object) -> None:
        raise RemoteUnreachable(f"{self.url} cannot be reached, or did not answer: the quota is used up")

    monkeypatch.setattr(Remote, "push", push)
    refused = refusal(lambda: team.ada.save("three\n"))
    assert (refused.kind, refused.message, refused.hint) == (
        "RemoteRefused",
        f"{team.remote} did not take it: the quota is used up",
        "Nothing moved there. Where the connection broke, it may have been taken since: gitagent sync",
    )
    assert (team.refs(), team.ada.history()) == (refs, ["init v1", "publish sandbox v2"])
    note = team.ada.path / ".git/gitagent/pushing"
    assert note.exists()  # the remote may still take it
    monkeypatch.undo()
    _sync(team.ada)
    assert not note.exists()


def test_a_version_keeps_what_somebody_put_in_the_place_of_main(team: Team) -> None:
    mine = _by_hand(team, "v1^{}")
    team.git("update-ref", "refs/heads/main", mine)
    team.ada.save("three\n")
    assert team.refs()["refs/heads/main"] == team.git("rev-parse", "v3^{}").strip()
    assert {draft.reason for draft in team.ada.agent.drafts()} == {"main moved by hand"}
    kept = team.ada.git("log", "--format=%P", "-1", team.ada.agent.drafts()[0].commit).strip()
    assert kept == mine


# What a sync puts right


def test_a_main_missing_on_the_remote_comes_back_with_a_sync(team: Team) -> None:
    refs = team.refs()
    team.git("update-ref", "-d", "refs/heads/main")
    _sync(team.ada)
    assert team.refs() == refs
    assert team.ada.agent.notices == (
        f"main had been moved by hand on {team.remote}; the ledger's word was restored there.",
    )


def test_a_main_of_ones_own_takes_the_place_of_one_that_was_moved_away(team: Team) -> None:
    team.ada.edit("plain\n", "plain.md").git("add", ".")
    team.ada.git("commit", "-q", "-m", "plain")
    team.git("update-ref", "refs/heads/main", "v1^{}")
    _sync(team.ada)
    assert team.refs()["refs/heads/main"] == team.ada.git("rev-parse", "main").strip()
    assert [draft.reason for draft in team.ada.agent.drafts()] == ["main moved by hand"]


def test_a_clone_that_is_behind_puts_main_on_the_newest_version(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.save("three\n")
    newest = team.git("rev-parse", "main").strip()
    team.git("update-ref", "refs/heads/main", "v1^{}")
    synced = _sync(grace)
    assert (str(synced.line_was), str(synced.line), synced.events) == ("v2", "v3", 1)
    assert team.refs()["refs/heads/main"] == newest == grace.git("rev-parse", "main").strip()


def test_what_cannot_be_put_right_on_the_remote_is_told_and_the_rest_goes_on(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = team.clone("grace")
    team.ada.save("three\n")
    team.git("update-ref", "refs/heads/sandbox", "v1^{}")
    moved = team.refs()
    team.git("config", "receive.denyNonFastForwards", "true")

    def push(self: Remote, *_: object, **__: object) -> None:
        raise RemoteUnreachable("no room is left")

    monkeypatch.setattr(Remote, "push", push)
    synced = _sync(grace)
    assert (str(synced.line), (grace.path / "notes.md").read_text()) == ("v3", "three\n")
    assert grace.agent.notices == (f"{team.remote} is out of step with its ledger, and stays so: no room is left",)
    assert team.refs() == moved


def test_plain_commits_that_cannot_be_pushed_are_told_and_stay(team: Team) -> None:
    team.ada.git("commit", "-q", "--allow-empty", "-m", "plain")
    hook = team.remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'frozen' >&2\nexit 1\n")
    hook.chmod(0o755)
    _sync(team.ada)
    (notice,) = team.ada.agent.notices
    assert notice.startswith(f"main could not be pushed, and is not on {team.remote} yet: ")
    assert "frozen" in notice
    hook.unlink()
    _sync(team.ada)
    assert team.refs()["refs/heads/main"] == team.ada.git("rev-parse", "main").strip()


def test_a_sync_with_nothing_new_changes_nothing(team: Team) -> None:
    refs, here = team.refs(), team.ada.git("for-each-ref")
    synced = _sync(team.ada)
    assert (synced.url, synced.events, synced.changes, synced.conflicts, synced.kept, synced.numbered) == (
        str(team.remote),
        0,
        (),
        (),
        None,
        (),
    )
    assert (team.refs(), team.ada.git("for-each-ref"), team.ada.agent.notices) == (refs, here, ())


# Tags


@pytest.mark.parametrize(("most", "asked"), [(1, ["v4", "v3"]), (2, [])])
def test_a_few_tags_are_made_here_and_many_are_asked_for(
    team: Team, monkeypatch: pytest.MonkeyPatch, most: int, asked: list[str]
) -> None:
    grace = team.clone("grace")
    team.ada.save("three\n").save("four\n")
    real, names = Remote.fetch_tags, []

    def fetch_tags(self: Remote, wanted: list[str]) -> None:
        names.extend(wanted)
        real(self, wanted)

    monkeypatch.setattr(Remote, "fetch_tags", fetch_tags)
    monkeypatch.setattr(fetching, "MOST_MADE_TAGS", most)
    _sync(grace)
    assert names == asked
    assert grace.git("show-ref", "--tags") == team.ada.git("show-ref", "--tags")
    assert grace.reopen().notices == ()


def test_tags_of_others_are_neither_brought_nor_touched(team: Team) -> None:
    grace = team.clone("grace")
    team.git("tag", "v1.0.0", "v1^{}")
    grace.git("tag", "mine")
    team.ada.save("three\n")
    _sync(grace)
    assert grace.git("tag").split() == ["mine", "v1", "v2", "v3"]


def test_a_tag_of_ones_own_at_a_number_that_others_gave_is_kept_and_put_right(team: Team) -> None:
    grace = team.clone("grace")
    grace.git("commit", "-q", "--allow-empty", "-m", "mine")
    mine = grace.git("rev-parse", "main").strip()
    grace.git("tag", "v3", mine)
    grace.git("update-ref", "refs/heads/main", "v2^{}")
    team.ada.save("three\n")
    _sync(grace)
    assert grace.git("rev-parse", "v3") == team.git("rev-parse", "v3")
    assert grace.agent.notices == (f"v3 had been moved by hand to {mine[:10]}; the ledger's word was restored.",)
    assert [draft.reason for draft in grace.agent.drafts()] == ["v3 moved by hand"]


def test_the_tag_object_that_came_with_a_fetch_is_taken_as_it_is(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    grace = team.clone("grace")
    team.ada.save("three\n")
    grace.git("fetch", "-q", "origin", "refs/tags/v3:refs/tags/other")
    monkeypatch.setattr(stores.Store, "write_tag", lambda *_: pytest.fail("it was there already"))
    _sync(grace)
    assert grace.git("rev-parse", "v3") == team.git("rev-parse", "v3")


# A push of which nothing was heard


@pytest.mark.parametrize("commit", ["0" * 40, "of a version that is not on main"])
def test_a_note_about_a_push_that_was_not_taken_goes_away_and_moves_nothing(team: Team, commit: str) -> None:
    store = team.ada.agent._store
    main = team.ada.git("rev-parse", "main")
    if not commit.startswith("0"):
        commit = plumb(team.ada.path, "commit-tree", "main^{tree}", "-p", "main", given="v3\n")
    underway.begin(store, commit)
    underway.follow(store)
    assert not (store.folder / "pushing").exists()
    assert team.ada.git("rev-parse", "main") == main


@pytest.mark.parametrize("main", ["v1^{}", None])
def test_a_note_about_a_push_that_was_taken_brings_a_main_that_is_there(team: Team, main: str | None) -> None:
    store, version = team.ada.agent._store, team.ada.git("rev-parse", "v2^{}").strip()
    team.ada.git(*(["update-ref", "refs/heads/main", main] if main else ["update-ref", "-d", "refs/heads/main"]))
    underway.begin(store, version)
    underway.follow(store)
    assert store.repository.ref("refs/heads/main") == (version if main else None)
    underway.follow(store)
    underway.end(store)


# Sharing


def test_very_many_versions_are_shared_by_pattern(
    build: Callable[..., Built], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build().save("two\n").save("three\n")
    built.git("tag", "other")
    git(tmp_path, "init", "-q", "--bare", "r.git")
    monkeypatch.setattr(sharing, "MOST_NAMED_TAGS", 2)
    built.agent.share(str(tmp_path / "r.git"))
    assert git(tmp_path, "-C", "r.git", "tag").split() == ["v1", "v2", "v3"]
    assert Agent.clone(str(tmp_path / "r.git"), tmp_path / "clone").verify().errors == 0


def test_a_remote_that_git_knows_is_named_and_another_is_added_beside_it(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    for name in ("one.git", "two.git", "three.git"):
        git(tmp_path, "init", "-q", "--bare", name)
    one, two = build("one"), build("two")
    one.git("remote", "add", "company", str(tmp_path / "one.git"))
    assert one.agent.share("company").url == str(tmp_path / "one.git")
    assert one.git("remote") == "company\n"
    two.git("remote", "add", "origin", str(tmp_path / "three.git"))
    assert two.agent.share(str(tmp_path / "two.git")).remote == "shared"
    assert two.git("config", REMOTE) == "shared\n"
    assert git(tmp_path, "-C", "three.git", "for-each-ref") == ""


@pytest.mark.parametrize("known", [False, True])
def test_sharing_that_failed_leaves_no_trace_but_a_remote_that_was_there(
    build: Callable[..., Built], tmp_path: Path, known: bool
) -> None:
    built = build()
    url = str(tmp_path / "nowhere.git")
    if known:
        built.git("remote", "add", "origin", url)
    before = built.git("config", "--list", "--local"), built.git("for-each-ref"), built.git("remote")
    assert refusal(lambda: built.agent.share(url)).kind == "RemoteUnreachable"
    assert built.agent.shared is None
    assert (built.git("config", "--list", "--local"), built.git("for-each-ref"), built.git("remote")) == before


def test_a_remote_that_refuses_to_be_shared_on_is_quoted(build: Callable[..., Built], tmp_path: Path) -> None:
    built = build()
    git(tmp_path, "init", "-q", "--bare", "r.git")
    hook = tmp_path / "r.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'read only' >&2\nexit 1\n")
    hook.chmod(0o755)
    refused = refusal(lambda: built.agent.share(str(tmp_path / "r.git")))
    assert refused.kind == "RemoteRefused"
    assert "read only" in refused.message
    assert (built.git("remote"), built.agent.shared) == ("", None)
    assert git(tmp_path, "-C", "r.git", "for-each-ref") == ""


def test_an_agent_is_not_cloned_into_a_folder_that_holds_something(team: Team, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("mine\n")
    assert refusal(lambda: Agent.clone(str(team.remote), tmp_path / "full")) == Refusal(
        "RuleBroken", "not-empty", f"{tmp_path / 'full'} is not empty", "Name a new folder."
    )
    (tmp_path / "empty").mkdir()
    assert str(Agent.clone(str(team.remote), tmp_path / "empty").environment("sandbox").version) == "v2"


def test_a_shared_agent_tells_when_it_looked_last_or_that_it_never_did(team: Team) -> None:
    known = team.ada.agent.shared
    (team.ada.path / ".git/gitagent" / fetching.FETCHED).unlink()
    assert known is not None
    assert known.fetched is not None
    assert team.ada.agent.shared == known._replace(fetched=None)


def test_two_who_race_for_every_attempt_are_told_who_was_first(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    grace = team.clone("grace")
    switches = cycle([True, False])
    real = Remote.push
    racing: list[bool] = []

    def push(self: Remote, *arguments: Any, **named: Any) -> None:
        if not racing:
            racing.append(True)
            grace.agent.set_rules("live", requires_number=next(switches), actor=GRACE, at=START)
            racing.clear()
        real(self, *arguments, **named)

    monkeypatch.setattr(Remote, "push", push)
    monkeypatch.setattr(stores, "MOST_ATTEMPTS", 3)
    refused = refusal(lambda: team.ada.agent.set_rules("sandbox", requires_number=True, actor=ADA, at=START))
    assert (refused.kind, refused.hint) == ("LedgerMoved", "Try again.")
    assert refused.message.startswith("Grace Hopper was faster (rules live requires-number o")
    assert "rules sandbox requires-number on" not in team.ledger()
