"""A shared remote as the authority: one push for each operation, and nobody's work lost."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, START, git
from support.refusing import refusal
from support.rules import check_rules
from support.sharing import Member, Team

from gitagent import Agent, PhoneNumber
from gitagent.errors import RemoteUnreachable, StorageFailed
from gitagent.git import remote as remotes
from gitagent.git.remote import Remote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def _agree(team: Team, *members: Any) -> None:
    """Every clone has come to what the remote has, and the rules hold in each."""
    ledger = team.git("rev-parse", "gitagent/ledger")
    for member in members:
        member.agent.sync(actor=member.actor, at=START)
        assert member.git("rev-parse", "gitagent/ledger") == ledger
        assert member.reopen().notices == ()
        check_rules(member.path)
    assert team.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""


def test_sharing_puts_everything_on_the_remote_in_one_step(tmp_path: Path) -> None:
    team = Team(tmp_path, files={"notes.md": "one\n"})
    assert set(team.refs()) == {"refs/heads/gitagent/ledger", "refs/heads/main", "refs/tags/v1"}
    sharing = team.ada.agent.shared
    assert sharing is not None
    assert (sharing.remote, sharing.url) == ("origin", str(team.remote))
    assert sharing.fetched is not None
    assert refusal(lambda: team.ada.agent.share("elsewhere")).code == "already-shared"


def test_an_agent_with_a_past_is_shared_whole(build: Callable[..., Any], tmp_path: Path) -> None:
    built = build().publish("two\n").promote("pre-release", "live").publish("three\n")
    git(tmp_path, "init", "-q", "--bare", "r.git")
    built.git("tag", "v1.0.0")
    built.git("branch", "mine")
    built.agent.share(str(tmp_path / "r.git"))
    here = built.git("for-each-ref", "refs/heads", "refs/tags", "--format=%(refname) %(objectname)").splitlines()
    there = git(tmp_path / "r.git", "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    assert set(here) - set(there) == {
        line for line in here if line.split()[0] in ("refs/tags/v1.0.0", "refs/heads/mine")
    }
    assert set(there) < set(here)


@pytest.mark.parametrize("what", ["agent", "other commits", "environment", "tag"])
def test_a_remote_that_holds_something_else_is_refused(
    build: Callable[..., Any], tmp_path: Path, team: Team, what: str
) -> None:
    other = build("other", files={"x.md": "x\n"})
    if what != "agent":
        team.git("update-ref", "-d", "refs/heads/gitagent/ledger")
        team.git("update-ref", "-d", "refs/tags/v1")
    if what in ("environment", "tag"):
        team.git("update-ref", "-d" if what == "tag" else "refs/heads/live", "refs/heads/main")
        if what == "tag":
            team.git("tag", "v1", team.ada.git("rev-parse", "v1^{}").strip())
        else:
            team.git("update-ref", "-d", "refs/heads/main")
    before = team.refs()
    assert refusal(lambda: other.agent.share(str(team.remote))).code == "remote-taken"
    assert team.refs() == before
    assert other.agent.shared is None


def test_a_remote_out_of_reach_is_told_from_a_refusal(build: Callable[..., Any], tmp_path: Path) -> None:
    built = build()
    refused = refusal(lambda: built.agent.share(str(tmp_path / "nowhere.git")))
    assert (refused.kind, refused.code) == ("RemoteUnreachable", "remote-unreachable")
    assert built.agent.shared is None


def test_a_clone_is_an_agent_at_once(team: Team) -> None:
    team.ada.publish("two\n").promote("pre-release")
    grace = team.clone("grace")
    assert grace.serving() == {"sandbox": "v2", "pre-release": "v2", "live": None}
    assert grace.agent.notices == ()
    assert grace.agent.draft().changes == ()
    grace.promote("live")
    assert team.ledger()[-1] == "promote live v2"
    assert team.refs()["refs/heads/live"] == grace.git("rev-parse", "v2^{}").strip()
    _agree(team, team.ada, grace)


def test_a_plain_git_clone_joins_with_its_first_sync(team: Team, tmp_path: Path) -> None:
    team.ada.publish("two\n")
    git(tmp_path, "clone", "-q", str(team.remote), "plain")
    assert refusal(lambda: Agent.open(tmp_path / "plain")).code == "ledger-missing"
    plain = Member(Agent.join(tmp_path / "plain"))
    plain.promote("pre-release")
    _agree(team, team.ada, plain)


def test_a_plain_clone_of_a_remote_whose_head_leads_nowhere_comes_to_stand_on_main(team: Team, tmp_path: Path) -> None:
    team.git("symbolic-ref", "HEAD", "refs/heads/master")
    git(tmp_path, "clone", "-q", str(team.remote), "plain")
    plain = Member(Agent.join(tmp_path / "plain"))
    assert plain.git("symbolic-ref", "HEAD").strip() == "refs/heads/main"
    assert plain.git("status", "--porcelain") == ""


def test_files_that_stand_in_such_a_clone_already_are_left_alone(team: Team, tmp_path: Path) -> None:
    team.git("symbolic-ref", "HEAD", "refs/heads/master")
    git(tmp_path, "clone", "-q", str(team.remote), "plain")
    (tmp_path / "plain/notes.md").write_text("mine\n")
    Agent.join(tmp_path / "plain")
    assert (tmp_path / "plain/notes.md").read_text() == "mine\n"
    assert git(tmp_path / "plain", "symbolic-ref", "HEAD").strip() == "refs/heads/master"


def test_a_branch_of_an_environment_that_serves_nothing_is_taken_off_the_remote_and_kept(team: Team) -> None:
    grace = team.clone("grace")
    pushed = grace.git("commit-tree", "main^{tree}", "-m", "by hand").strip()
    grace.git("push", "-q", "origin", f"{pushed}:refs/heads/live")
    team.ada.agent.sync(actor=ADA, at=START)
    assert "refs/heads/live" not in team.refs()
    assert team.ada.agent.notices == (
        f"live had been moved by hand on {team.remote}; the ledger's word was restored there.",
    )
    assert [each.reason for each in team.ada.agent.drafts()] == ["live moved by hand"]


def test_what_is_no_clone_of_an_agent_is_not_joined(team: Team, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "folder")
    assert refusal(lambda: Agent.join(tmp_path / "folder")).kind == "AgentNotFound"
    assert refusal(lambda: Agent.clone(str(tmp_path / "nowhere"), tmp_path / "x")).kind == "RemoteUnreachable"
    assert refusal(lambda: Agent.clone(str(team.remote), team.ada.path)).code == "not-empty"


def test_every_operation_reaches_the_remote_with_its_refs(team: Team) -> None:
    ada = team.ada
    ada.publish("two\n").promote("pre-release", "live").save("three\n").publish().promote("pre-release", "live")
    ada.rollback("live")
    ada.agent.assign_number(PhoneNumber("+442079460018"), "live", actor=ADA, at=START)
    ada.agent.set_rules("live", requires_number=True, actor=ADA, at=START)
    refs = ada.git("for-each-ref", "refs/heads", "refs/tags", "--format=%(refname) %(objectname)").splitlines()
    assert team.refs() == dict(line.split(" ") for line in refs)
    assert team.ledger() == ada.history()
    _agree(team, ada, team.clone("grace"))


def test_who_does_not_know_the_newest_version_cannot_save(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.save("ada's\n")
    refused = refusal(lambda: grace.save("grace's\n"))
    assert (refused.kind, refused.code, refused.message, refused.hint) == (
        "LineGrown",
        "line-grown",
        "Ada Lovelace saved v2, and the draft is still on the line of v1",
        "Bring it into the draft: gitagent sync",
    )
    assert (grace.path / "notes.md").read_text() == "grace's\n"
    assert grace.agent.draft().base.number == 1
    assert team.ledger() == ["init v1", "save v2"]
    assert grace.reopen().notices == ()
    assert grace.agent.version("latest").number.number == 2


def test_operations_that_need_no_draft_go_on_without_a_sync(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.publish("two\n").save("three\n")
    grace.edit("grace's\n").promote("pre-release").publish(selector="v3")
    assert grace.serving() == {"sandbox": "v3", "pre-release": "v2", "live": None}
    assert (grace.path / "notes.md").read_text() == "grace's\n"
    assert grace.git("rev-parse", "main") == grace.git("rev-parse", "v1^{}")
    _agree(team, team.ada)


def test_a_sync_brings_what_others_saved_into_an_unedited_draft(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.edit("new\n", "new.md").publish("two\n")
    synced = grace.agent.sync(actor=grace.actor, at=START)
    assert (synced.events, str(synced.line_was), str(synced.line)) == (1, "v1", "v2")
    assert [change.path for change in synced.changes] == ["new.md", "notes.md"]
    assert (synced.conflicts, synced.kept) == ((), None)
    assert grace.git("status", "--porcelain") == ""
    assert grace.git("rev-parse", "main") == grace.git("rev-parse", "v2^{}")
    assert grace.agent.draft().label == "Draft"
    again = grace.agent.sync(actor=grace.actor, at=START)
    assert (again.events, again.changes) == (0, ())


def test_a_sync_keeps_the_draft_and_merges_it_with_what_others_saved(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.save("two\n")
    grace.edit("mine\n", "mine.md")
    synced = grace.agent.sync(actor=grace.actor, at=START)
    assert synced.kept is not None
    assert grace.git("show", f"{synced.kept.commit}:mine.md") == "mine\n"
    assert (grace.path / "notes.md").read_text() + (grace.path / "mine.md").read_text() == "two\nmine\n"
    assert [change.path for change in grace.agent.draft().changes] == ["mine.md"]
    grace.save()
    assert grace.git("show", "v3:notes.md") + grace.git("show", "v3:mine.md") == "two\nmine\n"
    _agree(team, team.ada, grace)


def test_plain_commits_go_both_ways(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.edit("by hand\n", "hand.md").git("add", ".")
    team.ada.git("commit", "-q", "-m", "by hand")
    team.ada.agent.sync(actor=ADA, at=START)
    assert refusal(lambda: grace.save("two\n")).kind == "LineGrown"
    grace.agent.sync(actor=grace.actor, at=START)
    assert (grace.path / "hand.md").read_text() == "by hand\n"
    grace.save()
    assert "by hand" in grace.git("log", "--format=%s", "v2")
    _agree(team, team.ada, grace)


def test_commits_on_both_sides_are_for_git_to_bring_together(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.save("two\n")
    grace.edit("g\n", "g.md").git("add", ".")
    grace.git("commit", "-q", "-m", "grace's")
    refused = refusal(lambda: grace.agent.sync(actor=grace.actor, at=START))
    assert (refused.code, refused.hint) == (
        "main-diverged",
        "Bring the two together with git: git pull --no-rebase origin main",
    )
    grace.git("pull", "-q", "--no-rebase")
    grace.save("three\n")
    assert grace.git("ls-tree", "--name-only", "v3").split() == ["g.md", "notes.md"]
    _agree(team, team.ada, grace)


def test_an_environment_moved_on_the_remote_by_hand_is_put_back(team: Team) -> None:
    team.ada.publish("two\n").promote("pre-release", "live").publish("three\n").promote("pre-release", "live")
    grace = team.clone("grace")
    team.ada.rollback("live")
    grace.git("push", "-q", "origin", "live")  # the bad version, from a clone that does not know of the rollback
    assert team.refs()["refs/heads/live"] == grace.git("rev-parse", "v3^{}").strip()
    team.ada.agent.sync(actor=ADA, at=START)
    assert team.ada.agent.notices == (
        f"live had been moved by hand on {team.remote}; the ledger's word was restored there.",
    )
    assert team.refs()["refs/heads/live"] == grace.git("rev-parse", "v2^{}").strip()
    _agree(team, team.ada, grace)


def test_the_next_operation_puts_an_environment_back_too_and_keeps_what_stood_there(team: Team) -> None:
    team.ada.publish("two\n")
    grace = team.clone("grace")
    grace.edit("sneaked in\n").git("commit", "-q", "-am", "sneaked in")
    grace.git("push", "-q", "origin", "main:sandbox")
    team.ada.promote("pre-release")
    assert team.refs()["refs/heads/sandbox"] == team.ada.git("rev-parse", "v2^{}").strip()
    assert [draft.reason for draft in team.ada.agent.drafts()] == ["sandbox moved by hand"]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen on the remote just before a push reaches it, once."""
    real = Remote.push

    def arrange(do: Callable[[], object]) -> None:
        waiting = [do]

        def push(self: Remote, *arguments: Any, **named: Any) -> None:
            if waiting:
                waiting.pop()()
            real(self, *arguments, **named)

        monkeypatch.setattr(Remote, "push", push)

    return arrange


def test_a_lost_race_that_changes_nothing_is_run_again(team: Team, meanwhile: Callable[..., None]) -> None:
    grace = team.clone("grace")
    team.ada.publish("two\n")
    meanwhile(lambda: grace.agent.set_rules("live", requires_number=True, actor=grace.actor, at=START))
    team.ada.promote("pre-release")
    assert team.ledger()[-2:] == ["rules live requires-number on", "promote pre-release v2"]
    _agree(team, team.ada, grace)


def test_a_lost_race_whose_meaning_changed_is_refused_with_the_name_of_who_was_first(
    team: Team, meanwhile: Callable[..., None]
) -> None:
    team.ada.publish("two\n").promote("pre-release").publish("three\n")
    grace = team.clone("grace")
    meanwhile(lambda: grace.rollback("sandbox"))
    refused = refusal(lambda: team.ada.promote("pre-release"))
    assert refused.kind == "EnvironmentMoved"
    assert refused.message.startswith("Grace was faster (rollback sandbox v3 -> v2)")
    assert team.ledger()[-1] == "rollback sandbox v3 -> v2"
    _agree(team, team.ada, grace)


def test_a_save_that_lost_its_number_is_refused_and_stays_in_the_draft(
    team: Team, meanwhile: Callable[..., None]
) -> None:
    grace = team.clone("grace")
    meanwhile(lambda: grace.save("grace's\n"))
    refused = refusal(lambda: team.ada.save("ada's\n"))
    assert (refused.kind, refused.message) == ("LineGrown", "Grace saved v2, and the draft is still on the line of v1")
    assert (team.ada.path / "notes.md").read_text() == "ada's\n"
    assert team.ledger() == ["init v1", "save v2"]


def test_an_answer_that_never_came_is_read_from_the_remote(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Remote.push

    def push(self: Remote, *arguments: Any, **named: Any) -> None:
        real(self, *arguments, **named)
        raise RemoteUnreachable("the connection was cut")

    monkeypatch.setattr(Remote, "push", push)
    team.ada.save("two\n")
    assert team.ledger() == ["init v1", "save v2"] == team.ada.history()
    monkeypatch.undo()
    _agree(team, team.ada)


def test_a_push_of_which_nothing_is_known_is_found_by_the_next_command(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Remote.push

    def push(self: Remote, *arguments: Any, **named: Any) -> None:
        real(self, *arguments, **named)
        monkeypatch.setattr(Remote, "fetch", fetch)
        raise RemoteUnreachable("the connection was cut")

    def fetch(_: Remote) -> None:
        raise RemoteUnreachable("the connection was cut")

    monkeypatch.setattr(Remote, "push", push)
    assert refusal(lambda: team.ada.save("two\n")).kind == "RemoteUnreachable"
    assert team.ada.history() == ["init v1"]
    monkeypatch.undo()
    synced = team.ada.agent.sync(actor=ADA, at=START)
    assert (synced.events, synced.changes, synced.conflicts) == (1, (), ())
    assert team.ada.agent.draft().label == "Draft"
    _agree(team, team.ada)


@pytest.mark.parametrize(("hook", "code"), [("pre-receive", "remote-refused"), ("update", "remote-refused")])
def test_a_remote_that_says_no_is_quoted_and_nothing_moved(team: Team, hook: str, code: str) -> None:
    script = team.remote / "hooks" / hook
    script.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
    script.chmod(0o755)
    before = team.refs()
    refused = refusal(lambda: team.ada.publish("two\n"))
    assert (refused.kind, refused.code) == ("RemoteRefused", code)
    assert "not on a Friday" in refused.message
    assert team.refs() == before
    assert team.ada.history() == ["init v1"]


def test_a_remote_without_atomic_pushes_is_refused(team: Team) -> None:
    team.git("config", "receive.advertiseAtomic", "false")
    before = team.refs()
    refused = refusal(lambda: team.ada.publish("two\n"))
    assert refused.kind == "RemoteRefused"
    assert "did not take it: fatal: the receiving end does not support --atomic push" in refused.message
    assert team.refs() == before


def test_out_of_reach_looking_goes_on_and_changing_is_refused(team: Team) -> None:
    team.ada.publish("two\n")
    team.remote.rename(team.folder / "away.git")
    team.ada.edit("three\n").reopen()
    assert team.ada.serving()["sandbox"] == "v2"
    for act in (team.ada.publish, team.ada.save, lambda: team.ada.promote("pre-release")):
        assert refusal(act).kind == "RemoteUnreachable"
    assert team.ada.history() == ["init v1", "publish sandbox v2"]
    team.ada.restore("v1")
    (team.folder / "away.git").rename(team.remote)
    team.ada.promote("pre-release")


@pytest.mark.parametrize("how", ["reset", "forked", "deleted"])
def test_a_ledger_of_the_remote_that_does_not_follow_is_refused(team: Team, how: str) -> None:
    first = team.git("rev-parse", "gitagent/ledger").strip()
    grace = team.clone("grace")
    team.ada.save("two\n")
    if how == "deleted":
        team.git("update-ref", "-d", "refs/heads/gitagent/ledger")
    else:
        team.git("update-ref", "refs/heads/gitagent/ledger", first)
        team.git("update-ref", "refs/heads/main", "refs/tags/v1^{}")
        team.git("update-ref", "-d", "refs/tags/v2")
    if how == "forked":
        grace.save("grace's\n")
    code = {"reset": "remote-ledger-behind", "forked": "remote-ledger-forked", "deleted": "remote-ledger-missing"}[how]
    refs = team.refs()
    assert refusal(lambda: team.ada.promote("pre-release")).code == code
    assert refusal(lambda: team.ada.agent.sync(actor=ADA, at=START)).code == code
    assert (team.refs(), team.ada.history()) == (refs, ["init v1", "save v2"])


def test_sync_is_refused_where_nothing_is_shared(build: Callable[..., Any]) -> None:
    assert refusal(lambda: build().agent.sync(actor=ADA, at=START)).code == "not-shared"


def test_a_signed_tag_is_fetched_where_it_cannot_be_made_again(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.save("two\n")
    real = Remote.fetch_tags
    asked: list[str] = []

    def fetch_tags(self: Remote, names: list[str]) -> None:
        asked.extend(names)
        real(self, names)

    with pytest.MonkeyPatch.context() as context:
        context.setattr("gitagent.agent.store.Store.write_tag", lambda *_: "0" * 40)
        context.setattr(Remote, "fetch_tags", fetch_tags)
        grace.agent.sync(actor=grace.actor, at=START)
    assert asked == ["v2"]
    assert grace.git("rev-parse", "v2") == team.git("rev-parse", "v2")


def test_many_tags_are_fetched_in_parts(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2, 5):
        team.ada.save(f"{number}\n")
    grace = team.clone("grace")
    grace.git("tag", "-d", "v2", "v3", "v4")
    remote = Remote(grace.agent._store.repository, "origin")
    monkeypatch.setattr(remotes, "MOST_NAMED", 2)
    remote.fetch_tags(["v2", "v3", "v4"])
    assert grace.git("tag").split() == ["v1", "v2", "v3", "v4"]
    grace.git("tag", "-d", "v2", "v3")
    remote.fetch_tags(["v2", "v3"])
    assert grace.git("tag").split() == ["v1", "v2", "v3", "v4"]
    grace.git("tag", "-d", "v1", "v2", "v3", "v4")
    remote.fetch_tags(["v1", "v2", "v3"])
    assert grace.git("tag").split() == ["v1", "v2", "v3"]  # v4 may be newer than the ledger here
    remote.fetch_tags(["v2", "v3", "v4"])
    asked: list[list[str]] = []
    monkeypatch.setattr(Remote, "_fetch", lambda _, refspecs: asked.append(refspecs))
    grace.git("tag", "-d", "v2", "v3", "v4")
    team.git("tag", "-d", "v3")
    remote.fetch_tags(["v2", "v3", "v4"])
    assert asked == [["refs/tags/v3:refs/tags/v3"]]


def test_credentials_are_not_asked_for_where_nobody_can_answer(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []
    real = subprocess.Popen

    def run(*arguments: Any, **named: Any) -> Any:
        seen.append(named["env"])
        return real(*arguments, **named)

    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setattr(subprocess, "Popen", run)
    team.ada.agent.sync(actor=ADA, at=START)
    assert {env["GIT_TERMINAL_PROMPT"] for env in seen} == {"0"}
    assert {env["GIT_SSH_COMMAND"] for env in seen} == {"ssh -o BatchMode=yes"}
    assert not any("GIT_DIR" in env for env in seen)
    monkeypatch.setenv("GIT_SSH_COMMAND", "mine")
    seen.clear()
    team.ada.agent.sync(actor=ADA, at=START)
    assert {env["GIT_SSH_COMMAND"] for env in seen} == {"mine"}


def test_without_a_git_program_the_remote_is_out_of_reach(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(team.folder))
    refused = refusal(lambda: team.ada.agent.sync(actor=ADA, at=START))
    assert (refused.kind, refused.hint) == ("RemoteUnreachable", "Install git; its remotes are reached by it.")
    assert issubclass(RemoteUnreachable, StorageFailed)


# Both sides changed the same file

AGENT = "# Our agent\nname: Desk\nvoice:\n  name: Ava\n  speed: 1.0 # calm\nlanguage: en-GB\nprompt: prompt.md\n"


@pytest.fixture
def two(tmp_path: Path) -> tuple[Team, Member]:
    """Ada and Grace, each with the same agent.yaml, prompt and topic."""
    team = Team(tmp_path, files={"agent.yaml": AGENT, "prompt.md": "one\ntwo\nthree\nfour\nfive\n"})
    return team, team.clone("grace")


def test_changes_of_different_keys_of_one_file_are_merged_and_comments_stay(two: tuple[Team, Member]) -> None:
    team, grace = two
    team.ada.edit(AGENT.replace("1.0", "1.2"), "agent.yaml").publish()
    grace.edit(AGENT.replace("Ava", "Beth").replace("# Our", "# The"), "agent.yaml")
    synced = grace.agent.sync(actor=grace.actor, at=START)
    assert synced.conflicts == ()
    assert (grace.path / "agent.yaml").read_text() == AGENT.replace("1.0", "1.2").replace("Ava", "Beth").replace(
        "# Our", "# The"
    )
    grace.publish()
    assert grace.git("diff", "--stat", "v2", "v3").strip().startswith("agent.yaml | 4 ++--")
    _agree(team, team.ada, grace)


def test_changes_of_different_lines_of_one_text_are_merged(two: tuple[Team, Member]) -> None:
    team, grace = two
    team.ada.edit("ONE\ntwo\nthree\nfour\nfive\n", "prompt.md").save()
    grace.edit("one\ntwo\nthree\nfour\nFIVE\n", "prompt.md").agent.sync(actor=grace.actor, at=START)
    assert (grace.path / "prompt.md").read_text() == "ONE\ntwo\nthree\nfour\nFIVE\n"
    grace.save()
    _agree(team, team.ada, grace)


def test_a_real_conflict_leaves_both_sides_in_the_file_and_cannot_be_saved(two: tuple[Team, Member]) -> None:
    team, grace = two
    team.ada.edit("ONE\n", "prompt.md").edit(AGENT.replace("1.0", "1.2"), "agent.yaml").save()
    grace.edit("uno\n", "prompt.md").edit(AGENT.replace("1.0", "0.8"), "agent.yaml")
    synced = grace.agent.sync(actor=grace.actor, at=START)
    assert synced.conflicts == ("agent.yaml", "prompt.md")
    assert (grace.path / "prompt.md").read_text() == "<<<<<<< your draft\nuno\n=======\nONE\n>>>>>>> v2\n"
    refused = refusal(grace.save)
    assert (refused.code, refused.message) == (
        "draft-conflicted",
        "both sides of a merge, yours and others', still stand in agent.yaml and prompt.md",
    )
    assert grace.agent.draft().unfinished == refused.message
    grace.edit("both\n", "prompt.md")
    assert refusal(grace.publish).message == "both sides of a merge, yours and others', still stand in agent.yaml"
    grace.edit(AGENT.replace("1.0", "0.9"), "agent.yaml").publish()
    assert grace.git("show", "v3:prompt.md") == "both\n"
    assert synced.kept is not None
    assert grace.git("show", f"{synced.kept.commit}:prompt.md") == "uno\n"
    _agree(team, team.ada, grace)


def test_a_file_that_one_side_deleted_and_the_other_changed_is_a_conflict(two: tuple[Team, Member]) -> None:
    team, grace = two
    team.ada.edit("two\n", "notes.md").publish()
    grace.agent.sync(actor=grace.actor, at=START)
    (team.ada.path / "notes.md").unlink()
    team.ada.publish()
    grace.edit("mine\n", "notes.md")
    synced = grace.agent.sync(actor=grace.actor, at=START)
    assert synced.conflicts == ("notes.md",)
    assert "mine" in (grace.path / "notes.md").read_text()
    assert refusal(grace.save).code == "draft-conflicted"


def test_pictures_that_both_changed_stand_beside_each_other(two: tuple[Team, Member]) -> None:
    team, grace = two
    (team.ada.path / "logo.png").write_bytes(b"\x89PNG\0a")
    team.ada.save()
    (grace.path / "logo.png").write_bytes(b"\x89PNG\0b")
    synced = grace.agent.sync(actor=grace.actor, at=START)
    assert synced.conflicts == ("logo.png", "logo.png.theirs")
    assert (grace.path / "logo.png").read_bytes() == b"\x89PNG\0b"
    assert (grace.path / "logo.png.theirs").read_bytes() == b"\x89PNG\0a"
    assert refusal(grace.save).code == "draft-conflicted"
    (grace.path / "logo.png.theirs").unlink()
    grace.save()


def test_a_list_of_conflicts_that_cannot_be_read_is_named(two: tuple[Team, Member]) -> None:
    _, grace = two
    (grace.path / ".git/gitagent/conflicts").write_text("{")
    assert refusal(grace.agent.draft).hint == "Remove it; no version depends on it."


# Out of reach


@pytest.fixture
def away(two: tuple[Team, Member]) -> tuple[Team, Member]:
    """The team, while Grace cannot reach the remote."""
    two[1].git("config", "remote.origin.url", "/nowhere")
    return two


def _back(team: Team, member: Member) -> Any:
    member.git("config", "remote.origin.url", str(team.remote))
    return member.agent.sync(actor=member.actor, at=START)


def _wait(member: Member, text: str, path: str = "notes.md", **words: Any) -> str:
    member.edit(text, path)
    return member.agent.save_pending(actor=member.actor, at=member.clock(), **words).id


def test_a_save_out_of_reach_waits_and_gets_its_number_with_the_next_sync(away: tuple[Team, Member]) -> None:
    team, grace = away
    assert refusal(lambda: grace.save("one\n")).kind == "RemoteUnreachable"
    _wait(grace, "one\n", name="First", message="why")
    assert grace.agent.status().pending == 1
    assert refusal(lambda: _wait(grace, "one\n")).code == "nothing-to-save"
    _wait(grace, "two\n")
    grace.edit("edited since\n")
    assert [(each.name, each.message) for each in grace.agent.pending_saves()] == [("First", "why"), (None, None)]
    assert grace.history() == ["init v1"]
    synced = _back(team, grace)
    assert [(str(each.number), each.name, each.message, each.actor) for each in synced.numbered] == [
        ("v2", "First", "why", grace.actor),
        ("v3", None, None, grace.actor),
    ]
    assert team.ledger() == ["init v1", "save v2 First", "save v3"]
    assert grace.git("show", "v2:notes.md") + grace.git("show", "v3:notes.md") == "one\ntwo\n"
    assert (grace.path / "notes.md").read_text() == "edited since\n"
    assert [change.path for change in grace.agent.draft().changes] == ["notes.md"]
    assert grace.agent.pending_saves() == ()
    _agree(team, team.ada)


def test_a_save_that_waited_follows_what_others_saved_meanwhile(away: tuple[Team, Member]) -> None:
    team, grace = away
    _wait(grace, AGENT.replace("Ava", "Beth"), "agent.yaml")
    team.ada.edit(AGENT.replace("1.0", "1.2"), "agent.yaml").publish()
    synced = _back(team, grace)
    assert [str(each.number) for each in synced.numbered] == ["v3"]
    both = AGENT.replace("1.0", "1.2").replace("Ava", "Beth")
    assert grace.git("show", "v3:agent.yaml") == both == (grace.path / "agent.yaml").read_text()
    assert grace.agent.draft().changes == ()
    _agree(team, team.ada, grace)


def test_a_save_that_cannot_be_brought_together_is_kept_and_told(away: tuple[Team, Member]) -> None:
    team, grace = away
    _wait(grace, "uno\n", "prompt.md")
    team.ada.edit("ONE\n", "prompt.md").publish()
    synced = _back(team, grace)
    assert (synced.numbered, synced.conflicts) == ((), ("prompt.md",))
    assert [draft.reason for draft in grace.agent.drafts()] == ["a save that could not be numbered", "sync"]
    assert grace.git("show", f"{grace.agent.drafts()[0].commit}:prompt.md") == "uno\n"
    assert "could not be numbered, since others changed prompt.md too" in grace.agent.notices[-1]
    assert grace.agent.pending_saves() == ()


def test_several_saves_that_waited_follow_one_another(away: tuple[Team, Member]) -> None:
    team, grace = away
    _wait(grace, "new\n", "other.md")
    grace.edit(AGENT.replace("prompt: prompt.md", "prompt: other.md"), "agent.yaml")
    (grace.path / "prompt.md").unlink()
    grace.agent.save_pending(actor=grace.actor, at=grace.clock())
    team.ada.edit(AGENT + "greeting: Hello\n", "agent.yaml").publish()
    synced = _back(team, grace)
    assert [str(each.number) for each in synced.numbered] == ["v3", "v4"]
    _agree(team, team.ada, grace)


def test_a_save_that_reached_the_remote_after_all_is_not_made_twice(
    two: tuple[Team, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    team, grace = two
    real = Remote.push

    def push(self: Remote, *arguments: Any, **named: Any) -> None:
        real(self, *arguments, **named)
        monkeypatch.setattr(Remote, "fetch", cut)
        cut(self)

    def cut(_: Remote) -> None:
        raise RemoteUnreachable("the connection was cut")

    monkeypatch.setattr(Remote, "push", push)
    assert refusal(lambda: grace.save("new\n")).kind == "RemoteUnreachable"
    grace.agent.save_pending(actor=grace.actor, at=START)
    monkeypatch.undo()
    assert _back(team, grace).numbered == ()
    assert team.ledger() == ["init v1", "save v2"]
    assert grace.agent.pending_saves() == ()
    _agree(team, team.ada, grace)


# What goes wrong between people, and finds its way out again


def test_every_tag_comes_with_a_sync_and_verify_is_content(team: Team) -> None:
    grace = team.clone("grace")
    for text in ("two\n", "three\n", "four\n"):
        team.ada.save(text)
    grace.agent.sync(actor=grace.actor, at=START)
    assert grace.git("tag").split() == ["v1", "v2", "v3", "v4"]
    assert [finding for finding in grace.agent.verify().findings if finding.code != "head"] == []
    assert [str(each.number) for each in grace.agent.versions()] == ["v4", "v3", "v2", "v1"]
    assert grace.agent.notices == ()


def test_a_tag_that_did_not_come_to_the_remote_is_brought_by_anybodys_sync_though_others_went_on(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.publish("two\n")
    team.git("tag", "-d", "v2")
    grace.agent.sync(actor=grace.actor, at=START)
    assert team.git("tag").split() == ["v1", "v2"]
    team.git("tag", "-d", "v2")
    grace.publish("three\n")
    assert team.git("tag").split() == ["v1", "v3"]
    grace.agent.sync(actor=grace.actor, at=START)
    assert team.git("tag").split() == ["v1", "v2", "v3"]
    assert [notice for notice in grace.agent.notices if notice.startswith("v2 had not come to")]


def test_a_tag_of_ones_own_that_is_in_the_way_is_put_right(team: Team) -> None:
    grace = team.clone("grace")
    grace.git("tag", "v2")
    team.ada.save("two\n").save("three\n")
    grace.agent.sync(actor=grace.actor, at=START)
    assert grace.git("rev-parse", "v2") == team.git("rev-parse", "v2")
    assert grace.agent.notices[0].startswith("v2 had been moved by hand to ")


def test_main_that_was_moved_off_the_newest_version_is_put_back_by_a_sync(team: Team) -> None:
    grace = team.clone("grace")
    grace.save("two\n")
    team.ada.agent.sync(actor=ADA, at=START)
    grace.git("commit", "-q", "--amend", "-m", "reworded")
    grace.git("push", "-q", "--force", "origin", "main")
    team.ada.save("three\n")
    assert [draft.reason for draft in team.ada.agent.drafts()] == ["main moved by hand"]
    team.git("update-ref", "refs/heads/main", "v1^{}")
    team.ada.agent.sync(actor=ADA, at=START)
    assert team.refs()["refs/heads/main"] == team.ada.git("rev-parse", "v3^{}").strip()
    _agree(team, team.ada)


def test_an_ignored_file_that_others_saved_too_is_kept_and_replaced(team: Team) -> None:
    grace = team.clone("grace")
    (grace.path / ".git/info").mkdir(exist_ok=True)
    (grace.path / ".git/info/exclude").write_text("mine.txt\n")
    grace.edit("MINE\n", "mine.txt")
    team.ada.edit("theirs\n", "mine.txt").save()
    synced = grace.agent.sync(actor=grace.actor, at=START)
    assert synced.kept is not None
    assert grace.git("show", f"{synced.kept.commit}:mine.txt") == "MINE\n"
    assert (grace.path / "mine.txt").read_text() == "theirs\n"
    assert grace.agent.draft().changes == ()


def test_a_file_of_the_draft_stays_in_it_when_others_begin_to_ignore_it(team: Team) -> None:
    grace = team.clone("grace")
    grace.edit("work\n", "work.log")
    team.ada.edit("*.log\n", ".gitignore").save()
    grace.agent.sync(actor=grace.actor, at=START)
    assert [change.path for change in grace.agent.draft().changes] == ["work.log"]
    grace.save()
    assert grace.git("show", "v3:work.log") == "work\n"


def test_files_that_others_no_longer_ignore_are_named(team: Team) -> None:
    team.ada.edit("*.env\n", ".gitignore").save()
    grace = team.clone("grace")
    grace.edit("TOKEN=abc\n", "secret.env")
    (team.ada.path / ".gitignore").unlink()
    team.ada.save()
    grace.agent.sync(actor=grace.actor, at=START)
    assert grace.agent.notices == ("the newest version does not let git ignore secret.env: now part of the draft.",)


def test_sharing_that_was_cut_off_is_taken_up_again(
    build: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build().publish("two\n")
    git(tmp_path, "init", "-q", "--bare", "r.git")
    real = Remote.push

    def push(self: Remote, *arguments: Any, **named: Any) -> None:
        real(self, *arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(Remote, "push", push)
    with pytest.raises(KeyboardInterrupt):
        built.agent.share(str(tmp_path / "r.git"))
    monkeypatch.undo()
    assert built.agent.shared is None
    built.save("three\n")
    built.agent.share(str(tmp_path / "r.git"))
    assert git(tmp_path / "r.git", "rev-parse", "gitagent/ledger") == built.git("rev-parse", "gitagent/ledger")
    assert git(tmp_path / "r.git", "tag").split() == ["v1", "v2", "v3"]
    built.promote("pre-release")
    assert built.git("rev-parse", "--abbrev-ref", "main@{upstream}") == "origin/main\n"


def test_sharing_whose_answer_was_lost_is_found_to_be_done(
    build: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build()
    git(tmp_path, "init", "-q", "--bare", "r.git")
    real = Remote.push

    def push(self: Remote, *arguments: Any, **named: Any) -> None:
        real(self, *arguments, **named)
        raise RemoteUnreachable("the connection was cut")

    monkeypatch.setattr(Remote, "push", push)
    assert built.agent.share(str(tmp_path / "r.git")).remote == "origin"


def test_an_agent_whose_remote_lost_everything_can_be_shared_again(team: Team, tmp_path: Path) -> None:
    team.ada.publish("two\n")
    team.remote.rename(tmp_path / "lost.git")
    git(tmp_path, "init", "-q", "--bare", str(team.remote))
    assert refusal(lambda: team.ada.agent.sync(actor=ADA, at=START)).code == "remote-ledger-missing"
    team.ada.agent.share(str(team.remote))
    assert team.ledger() == ["init v1", "publish sandbox v2"]
    _agree(team, team.ada)


def test_a_remote_that_git_renamed_is_found(team: Team) -> None:
    team.ada.git("remote", "rename", "origin", "upstream")
    team.ada.publish("two\n")
    assert team.ledger()[-1] == "publish sandbox v2"
    team.ada.git("remote", "remove", "upstream")
    assert refusal(lambda: team.ada.save("three\n")).kind == "RemoteUnreachable"
    team.ada.agent.share(str(team.remote))
    team.ada.save()
    assert team.ledger()[-1] == "save v3"


@pytest.mark.parametrize("meanwhile_edited", [False, True])
def test_a_save_whose_answer_was_lost_does_not_conflict_with_itself(
    two: tuple[Team, Member], monkeypatch: pytest.MonkeyPatch, meanwhile_edited: bool
) -> None:
    team, grace = two
    real = Remote.push

    def push(self: Remote, *arguments: Any, **named: Any) -> None:
        real(self, *arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(Remote, "push", push)
    with pytest.raises(KeyboardInterrupt):
        grace.save("a line\n")
    monkeypatch.undo()
    if meanwhile_edited:
        grace.edit("a better line\n")
    synced = grace.reopen().sync(actor=grace.actor, at=START)
    assert (synced.conflicts, synced.kept) == ((), None)
    assert grace.agent.draft().label == ("Draft edited since v2" if meanwhile_edited else "Draft")
    assert not (grace.path / ".git/gitagent/pushing").exists()
    _agree(team, team.ada)


def test_a_rollback_that_the_remote_cannot_take_says_what_to_set(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.git("config", "receive.denyNonFastForwards", "true")
    team.ada.publish("two\n").publish("three\n")
    refused = refusal(lambda: team.ada.rollback("sandbox"))
    assert refused.kind == "RemoteRefused"
    assert (refused.hint or "").endswith("git config receive.denyNonFastForwards false")


def test_a_tag_of_the_next_number_on_the_remote_is_named(team: Team) -> None:
    team.git("tag", "v2", team.git("rev-parse", "v1^{}").strip())
    refused = refusal(lambda: team.ada.save("two\n"))
    assert (refused.code, refused.hint) == ("name-taken", "If it is nobody's: git push origin :refs/tags/v2")


def test_a_commit_pushed_between_fetch_and_push_is_a_grown_line(team: Team, meanwhile: Callable[..., None]) -> None:
    grace = team.clone("grace")
    grace.edit("by hand\n", "hand.md").git("add", ".")
    grace.git("commit", "-q", "-m", "by hand")
    meanwhile(lambda: grace.git("push", "-q", "origin", "main"))
    assert refusal(lambda: team.ada.save("two\n")).kind == "LineGrown"


def test_a_users_own_hook_that_says_no_is_a_refusal(team: Team) -> None:
    hook = team.ada.path / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'tests first' >&2\nexit 1\n")
    hook.chmod(0o755)
    refused = refusal(lambda: team.ada.save("two\n"))
    assert refused.kind == "RemoteRefused"
    assert "tests first" in refused.message


def test_a_folder_put_beside_a_file_keeps_a_save_back_too(two: tuple[Team, Member]) -> None:
    team, grace = two
    team.ada.edit("file\n", "thing").publish()
    grace.agent.sync(actor=grace.actor, at=START)
    (team.ada.path / "thing").unlink()
    team.ada.edit("deep\n", "thing/deep").publish()
    grace.edit("edited\n", "thing")
    synced = grace.agent.sync(actor=grace.actor, at=START)
    assert all((grace.path / path).is_file() for path in synced.conflicts)
    grace.edit("decided\n", "thing")
    assert refusal(grace.save).code == "draft-conflicted"


def test_a_clone_of_one_branch_joins_and_a_shallow_one_is_refused(team: Team, tmp_path: Path) -> None:
    team.ada.publish("two\n")
    git(tmp_path, "clone", "-q", "--single-branch", str(team.remote), "single")
    assert str(Agent.join(tmp_path / "single").environment("sandbox").version) == "v2"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{team.remote}", "shallow")
    assert refusal(lambda: Agent.join(tmp_path / "shallow")).code == "shallow-history"


def test_a_working_tree_apart_from_gits_folder_is_the_draft(team: Team, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    folder = f"--separate-git-dir={tmp_path}/home/.git"
    git(tmp_path, "clone", "-q", folder, str(team.remote), "work")
    (tmp_path / "home/prompt.md").write_text("precious\n")
    (tmp_path / "work/inner").mkdir()
    agent = Agent.join(tmp_path / "work/inner")
    assert agent.path == tmp_path / "work"
    agent.discard(actor=ADA, at=START)
    assert (tmp_path / "home/prompt.md").read_text() == "precious\n"
    assert agent.draft().changes == ()


def test_a_clone_that_has_not_caught_up_is_no_error_for_verify(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.publish("two\n")
    grace.promote("pre-release")
    found = grace.agent.verify()
    assert [(each.code, each.hint) for each in found.findings] == [("main-behind", "Bring it here: gitagent sync")]
    assert found.errors == 0
