"""What a remote with hooks takes: everything that gitagent pushes, and what plain git users do besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.attacking import WHOLE, Attack
from support.building import ADA, GRACE, START, Built, git
from support.refusing import refusal
from support.rules import check_rules
from support.sharing import Member

from gitagent import Actor, Agent, PhoneNumber
from gitagent.receive.installing import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NUMBER = PhoneNumber("+442079460018")


@pytest.fixture
def guarded(tmp_path: Path) -> Path:
    """An empty shared remote with hooks."""
    git(tmp_path, "init", "-q", "--bare", "r.git")
    install(tmp_path / "r.git", server=True)
    return tmp_path / "r.git"


def _in_step(remote: Path, agent: Built) -> None:
    """The remote has what the agent has, and nothing is wrong with it."""
    heads = ("for-each-ref", "refs/heads", "refs/tags", "--format=%(refname) %(objectname)")
    assert git(remote, *heads) == agent.git(*heads)
    assert git(remote, "fsck", "--strict", "--no-dangling", "--no-progress") == ""
    assert len(list((remote / "gitagent/receive").iterdir())) <= 1  # the next push removes what one left
    check_rules(agent.path)


def test_every_operation_is_taken(attack: Attack) -> None:
    ada = attack.ada
    ada.save("four\n", name="Four", message="why\n\nGitagent-Op: rollback").publish().promote("pre-release", "live")
    ada.rollback("live").promote("live", version="v3").publish("five\n", name="Five")
    for rule in (True, False):
        ada.agent.assign_number(NUMBER, "live", actor=ADA, at=START, sip_headers={"X-Queue": "a"} if rule else {})
        ada.agent.set_rules("live", requires_number=rule, actor=ADA, at=START)
    ada.agent.release_number(NUMBER, actor=ADA, at=START)
    grace = attack.acting_as(GRACE)
    grace.git("config", "gitagent.remote", "origin")
    grace.agent = Agent.open(grace.path)
    grace.agent.sync(actor=GRACE, at=START)
    grace.promote("pre-release").publish("six\n").restore("v2").publish()
    ada.agent.sync(actor=ADA, at=START)
    _in_step(attack.remote, grace)


@pytest.mark.parametrize("pipeline", ["live", pytest.param("sandbox,pre-release,live", marks=pytest.mark.scale)])
def test_an_agent_with_a_past_is_shared(
    build: Callable[..., Built], guarded: Path, pipeline: str, tmp_path: Path
) -> None:
    built = build(pipeline=pipeline)
    built.agent.assign_number(NUMBER, "live", actor=ADA, at=START)
    built.publish("two\n").save("three\n").publish().rollback(pipeline.split(",")[0])
    built.edit("by hand\n", "hand.md").git("add", ".")
    built.git("commit", "-qm", "by hand")
    built.agent.share(str(guarded))
    _in_step(guarded, built)
    other = Member(Agent.clone(str(guarded), tmp_path / "other"), GRACE)
    other.save("four\n")
    assert guarded.joinpath("hooks/pre-receive").exists()


def test_a_whole_operation_may_be_pushed_by_plain_git(attack: Attack) -> None:
    attack.mallory.publish("four\n")
    assert attack.push("--atomic", "origin", *WHOLE).taken
    attack.mallory.promote("pre-release").promote("live").rollback("pre-release")
    assert attack.push("-f", "--atomic", "origin", "gitagent/ledger", "live", "pre-release").taken
    attack.mallory.git("fetch", "-q")
    _in_step(attack.remote, attack.mallory)


PLAIN = [
    "origin main:feature main:fix/one main:v-next",
    "origin v2^{}:refs/heads/releases/v2 main~1:refs/heads/mine",
    "origin main:refs/tags/v1.0.0 v2:refs/tags/release-7 main:refs/tags/2026-03-02",
    "--no-atomic -f origin main:refs/heads/v7 main:refs/notes/commits",
    "origin main~1:refs/tags/vw",
    "--dry-run --all origin",
]


@pytest.mark.parametrize("arguments", PLAIN)
def test_other_branches_and_tags_are_free(attack: Attack, arguments: str) -> None:
    pushed = attack.push(*arguments.split(" "))
    assert pushed.taken, pushed.said
    for line in git(attack.remote, "for-each-ref", "--format=%(refname)").split():
        if any(line.endswith(each.partition(":")[2]) for each in arguments.split() if ":" in each):
            assert attack.push("-f", "origin", f"main~1:{line}").taken
            assert attack.push("origin", f":{line}").taken


def test_plain_commits_go_to_main(attack: Attack, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(attack.remote), "plain")
    (tmp_path / "plain/hand.md").write_text("by hand\n")
    git(tmp_path / "plain", "add", ".")
    git(tmp_path / "plain", "commit", "-qm", "by hand")
    assert attack.push("origin", "main", "main:mine", clone=tmp_path / "plain").taken
    ada = attack.ada
    ada.agent.sync(actor=ADA, at=START)
    ada.publish("four\n").edit("x\n", "x.md").git("add", ".")
    ada.git("commit", "-qm", "more")
    ada.agent.sync(actor=ADA, at=START)
    git(attack.remote, "branch", "-D", "mine")
    _in_step(attack.remote, ada)


def test_a_pull_and_push_after_a_rollback_do_not_bring_the_bad_version_back(attack: Attack) -> None:
    before = attack.refs()
    git(attack.stale, "switch", "-q", "live")
    git(attack.stale, "reset", "-q", "--hard", "main")
    git(attack.stale, "pull", "-q")
    pushed = attack.push("origin", "live", clone=attack.stale)
    assert (pushed.taken, "refused: rule-unrecorded: live serves v2" in pushed.said) == (False, True)
    assert attack.refs() == before


def _by_hand(attack: Attack, *arguments: str) -> None:
    """What an administrator does in the shared repository itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITAGENT_ADMIN", "1")
        git(attack.remote, *arguments)


def test_what_was_moved_by_hand_is_put_back(attack: Attack) -> None:
    before = attack.refs()
    ada = attack.ada
    _by_hand(attack, "update-ref", "refs/heads/live", "v3^{}")
    ada.agent.sync(actor=ADA, at=START)
    assert attack.refs() == before
    _by_hand(attack, "update-ref", "-d", "refs/heads/sandbox")
    _by_hand(attack, "tag", "-d", "v1")
    assert attack.push("origin", "v1", "main:sandbox").taken
    assert attack.refs() == before
    _by_hand(attack, "update-ref", "refs/tags/v2", "v3")
    assert attack.push("-f", "origin", "v2").taken
    assert attack.refs() == before


def test_an_environment_that_serves_nothing_has_no_branch(
    build: Callable[..., Built], guarded: Path, tmp_path: Path
) -> None:
    built = build()
    built.agent.share(str(guarded))
    assert refusal_of(lambda: built.git("push", "-q", "origin", "main:live")) == "rule-unrecorded"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITAGENT_ADMIN", "1")
        git(guarded, "branch", "live", "main")
    built.git("push", "-q", "origin", ":live")
    _in_step(guarded, built)


def refusal_of(act: Callable[[], Any]) -> str:
    """The code of the rule that git was refused by."""
    with pytest.raises(AssertionError) as caught:
        act()
    return str(caught.value).partition("gitagent: refused: ")[2].partition(":")[0]


def test_before_there_is_an_agent_everything_goes_but_versions(build: Callable[..., Built], guarded: Path) -> None:
    built = build()
    built.git("remote", "add", "origin", str(guarded))
    built.git("push", "-q", "origin", "main", "main:feature", "main:refs/tags/release")
    built.git("push", "-q", "-f", "origin", "main:feature", ":release")
    assert refusal_of(lambda: built.git("push", "-q", "origin", "v1")) == "rule-tag-unrecorded"
    assert refusal_of(lambda: built.git("push", "-q", "origin", "gitagent/ledger")) == "rule-tag-missing"
    built.agent.share("origin")
    assert git(guarded, "rev-parse", "gitagent/ledger") == built.git("rev-parse", "gitagent/ledger")


@pytest.mark.parametrize(
    ("refs", "rule"),
    [
        ("gitagent/ledger main v1", "rule-tag-missing"),
        ("gitagent/ledger main v1 v2", "rule-branch-missing"),
        ("gitagent/ledger v1 v2 sandbox", "rule-main-deleted"),
        ("gitagent/ledger v1 v2 sandbox main~1:refs/heads/main", "rule-main-behind"),
        ("gitagent/ledger v1 v2 sandbox main main:refs/heads/live", "rule-unrecorded"),
        ("gitagent/ledger v1 v2 sandbox main v2:refs/tags/v3", "rule-tag-unrecorded"),
        ("main:refs/heads/gitagent/ledger main v1 v2", "rule-event"),
    ],
)
def test_an_agent_is_shared_whole_or_not_at_all(
    build: Callable[..., Built], guarded: Path, refs: str, rule: str
) -> None:
    built = build().publish("two\n")
    assert refusal_of(lambda: built.git("push", "-q", "--atomic", str(guarded), *refs.split())) == rule
    assert git(guarded, "for-each-ref", "refs/heads", "refs/tags") == ""


def test_a_shared_agent_has_to_be_valid_where_it_is_served(
    build: Callable[..., Built], guarded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build()
    with monkeypatch.context() as patch:
        patch.setattr("gitagent.config.validation.validate", lambda _: [])
        built.edit("a: 1\na: 2\n", "x.yaml").save()
    built.edit("a: 1\n", "x.yaml").save()
    built.agent.share(str(guarded))
    built.git("remote", "remove", "origin")
    git(guarded.parent, "init", "-q", "--bare", "other.git")
    install(guarded.parent / "other.git", server=True)
    local = Built(guarded.parent / "local")
    with monkeypatch.context() as patch:
        patch.setattr("gitagent.config.validation.validate", lambda _: [])
        local.edit("a: 1\na: 2\n", "x.yaml").publish()
    refused = refusal(lambda: local.agent.share(str(guarded.parent / "other.git")))
    assert "rule-configuration: the configuration of v2 is not valid" in refused.message
    assert "x.yaml:2:1: duplicate-key" in refused.message
    assert git(guarded.parent / "other.git", "for-each-ref", "refs/heads", "refs/tags") == ""


def test_events_are_in_the_name_of_who_pushes(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMOTE_USER", "grace")
    before, ada = attack.refs(), attack.ada
    refused = refusal(lambda: ada.promote("live"))
    assert "rule-user: event 9, promote live v2 -> v3, is by Ada Lovelace <ada@example.com>" in refused.message
    assert attack.refs() == before
    for name in ("ADA", "ada@example.com"):
        monkeypatch.setenv("REMOTE_USER", name)
        ada.promote("live").rollback("live")


def test_the_server_can_ask_for_a_known_user(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    git(attack.remote, "config", "gitagent.requireUser", "true")
    before, ada = attack.refs(), attack.ada
    assert "rule-user-unknown: the server does not know who you are" in refusal(lambda: ada.promote("live")).message
    assert attack.refs() == before
    monkeypatch.setenv("GL_USER", "ada")
    ada.promote("live")


@pytest.mark.scale
def test_the_server_can_say_who_may_act_in_whose_name(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    users = attack.remote / "gitagent/users"
    users.parent.mkdir(exist_ok=True)
    users.write_text("# who is who\n\nu17 = Ada Lovelace <ada@example.com>\nu17 = Bot <bot@example.com>\n")
    ada = attack.ada
    for name, taken in (("u17", True), ("ada", False), ("u18", False)):
        monkeypatch.setenv("REMOTE_USER", name)
        if taken:
            ada.promote("live").rollback("live")
        else:
            assert "rule-user" in refusal(lambda: ada.promote("live")).message
    monkeypatch.setenv("REMOTE_USER", "u17")
    ada.actor = Actor("Ada Byron", "ada@example.com")
    assert "rule-user" in refusal(lambda: ada.promote("live")).message
    ada.actor = ADA
    for content in (b"u17 = nobody\n", b"\xff\xfe"):
        users.write_bytes(content)
        assert "gitagent: refused: " in refusal(lambda: ada.promote("live")).message
    monkeypatch.delenv("REMOTE_USER")
    ada.promote("live")
