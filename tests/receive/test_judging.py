"""Judging a push without one: what may move, and which rule is broken, asked of a repository that nothing changes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, Built
from support.refusing import refusal

from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.store import REMOTE
from gitagent.errors import GitagentError, LedgerInvalid, RuleBroken, StorageFailed
from gitagent.git.repository import Repository
from gitagent.names import VersionNumber
from gitagent.receive.approvals import approve
from gitagent.receive.byhand import refuse_by_hand
from gitagent.receive.judging import Approval, judged
from gitagent.receive.ledgers import grown
from gitagent.receive.pushes import NOTHING, Push, RefUpdate, read_updates
from gitagent.receive.refs import is_guarded, refuse_name, version_of
from gitagent.receive.users import User

if TYPE_CHECKING:
    from pathlib import Path

LIVE, SANDBOX, STAGE = "refs/heads/live", "refs/heads/sandbox", "refs/heads/pre-release"
TAG1, TAG3 = "refs/tags/v1", "refs/tags/v3"
ENVIRONMENTS = {"sandbox", "pre-release", "live"}


class Standing:
    """A repository with two published versions and a third that is saved, and where its refs stand."""

    def __init__(self, folder: Path) -> None:
        self.built = Built(folder).publish("two\n").promote("pre-release").save("three\n")
        self.repository = Repository.discover(folder)
        self.repository.set_config(REMOTE, "origin")
        self.old = self.ref(f"{LEDGER}~1")
        self.saved = (
            RefUpdate(LEDGER, self.old, self.ref(LEDGER)),
            RefUpdate(MAIN, self.ref(f"{MAIN}~1"), self.ref(MAIN)),
            RefUpdate(TAG3, None, self.ref(TAG3)),
        )

    def ref(self, name: str) -> str:
        return self.built.git("rev-parse", name).strip()

    def refused(self, *updates: RefUpdate, user: User | None = None) -> tuple[str, str]:
        """The rule that a push of these breaks, and what is said of it."""
        with pytest.raises(GitagentError) as caught:
            judged(self.repository, updates, user)
        assert isinstance(caught.value, RuleBroken | LedgerInvalid)
        assert caught.value.hint
        return caught.value.code, caught.value.message


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Standing:
    return Standing(tmp_path_factory.mktemp("standing") / "agent")


def test_a_saved_version_moves_with_its_event_together_or_not_at_all(standing: Standing) -> None:
    approval = judged(standing.repository, standing.saved, None)
    saved = next(standing.built.agent.history())
    assert approval == Approval(standing.old, (LIVE, STAGE, SANDBOX), standing.saved, (), saved.id)
    assert judged(standing.repository, standing.saved, User("ada")) == approval


def test_a_push_without_events_moves_each_ref_by_itself_and_leaves_others_alone(standing: Standing) -> None:
    main, topic = standing.ref(MAIN), RefUpdate("refs/heads/topic", None, standing.ref(MAIN))
    again = RefUpdate(MAIN, main, main)
    approval = judged(standing.repository, [again, topic], User("grace"))
    assert approval == Approval(standing.ref(LEDGER), (LIVE, STAGE, SANDBOX), (), (again,))
    assert judged(standing.repository, [], None).alone == ()


def test_what_is_missing_may_come_back_as_it_was(standing: Standing) -> None:
    tag = RefUpdate(TAG3, None, standing.ref(TAG3))
    branch = RefUpdate(SANDBOX, None, standing.ref(SANDBOX))
    assert judged(standing.repository, [tag, branch], None).alone == (tag, branch)


def test_all_of_an_agent_that_is_new_here_is_judged_and_taken(standing: Standing) -> None:
    refs = [LEDGER, MAIN, SANDBOX, STAGE, LIVE, TAG1, "refs/tags/v2", TAG3]
    updates = [RefUpdate(ref, None, standing.ref(ref)) for ref in refs if standing.repository.ref(ref)]
    approval = judged(standing.repository, updates, User("somebody"))
    assert (approval.ledger, approval.together, approval.alone) == (None, tuple(updates), ())


def test_somebody_else_may_not_push_an_event_of_ada(standing: Standing) -> None:
    code, message = standing.refused(*standing.saved, user=User("grace"))
    assert code == "rule-user"
    assert message.endswith(f"is by {ADA}, and the server knows you as grace")


@pytest.mark.parametrize(
    ("ref", "code", "message"),
    [
        (LEDGER, "rule-ledger-deleted", "the ledger cannot be deleted"),
        (MAIN, "rule-main-deleted", "main cannot be missing"),
        (SANDBOX, "rule-branch-deleted", "the branch sandbox cannot be deleted: sandbox serves v2"),
        (STAGE, "rule-branch-deleted", "the branch pre-release cannot be deleted: pre-release serves v2"),
        (TAG1, "rule-tag-immutable", "the tag v1 cannot be deleted"),
    ],
)
def test_what_an_agent_stands_on_cannot_be_deleted(standing: Standing, ref: str, code: str, message: str) -> None:
    assert standing.refused(RefUpdate(ref, standing.ref(ref), None)) == (code, message)


@pytest.mark.parametrize(
    ("ref", "to", "code"),
    [
        (LEDGER, f"{LEDGER}~1", "rule-ledger-forward"),
        (MAIN, f"{MAIN}~1", "rule-main-forward"),
        (MAIN, LEDGER, "rule-main-forward"),
        (MAIN, "v3", "rule-main-forward"),
        (SANDBOX, MAIN, "rule-unrecorded"),
        (SANDBOX, f"{SANDBOX}~1", "rule-unrecorded"),
        (TAG1, "v3", "rule-tag-immutable"),
        (TAG1, "v1^{}", "rule-tag-immutable"),
    ],
)
def test_what_an_agent_stands_on_moves_with_its_event_alone(standing: Standing, ref: str, to: str, code: str) -> None:
    assert standing.refused(RefUpdate(ref, standing.ref(ref), standing.ref(to)))[0] == code


@pytest.mark.parametrize(
    ("parts", "instead", "code"),
    [
        ((0, 1), {}, "rule-tag-missing"),
        ((0, 2), {MAIN: f"{MAIN}~1"}, "rule-main-behind"),
        ((0, 1, 2), {TAG3: MAIN}, "rule-tag-annotated"),
        ((0, 1, 2), {TAG3: "v1"}, "rule-tag-object"),
        ((1, 2), {LEDGER: f"{LEDGER}~1"}, "rule-tag-unrecorded"),
    ],
)
def test_a_version_comes_with_all_that_its_event_made(
    standing: Standing, parts: tuple[int, ...], instead: dict[str, str], code: str
) -> None:
    updates = {standing.saved[part].ref: standing.saved[part] for part in parts}
    for ref, to in instead.items():
        updates[ref] = RefUpdate(ref, standing.ref(to) if ref == LEDGER else None, standing.ref(to))
    if TAG3 not in updates:
        updates[TAG3] = RefUpdate(TAG3, standing.ref(TAG3), None)
    assert standing.refused(*updates.values())[0] == code


def test_no_tag_but_the_one_that_its_event_made_is_a_versions(standing: Standing) -> None:
    """The same words on the same commit by the same person: only the ledger tells which one the event made."""
    repository, commit = standing.repository, standing.ref("v3^{}")
    tag = repository.tag(standing.ref(TAG3))
    event = grown(Push(repository, standing.saved)).events[-1]
    assert tag is not None
    signed = f"{tag.message}signed\n"
    forged = {
        f"the tag v3 is {{}}, and its event made {tag.id[:12]}": (commit, "v3", signed),
        "the tag v3 names itself v4 inside": (commit, "v4", tag.message),
        f"the tag v3 is on {standing.ref('v1^{}')[:12]}, and its event says {commit[:12]}": (
            standing.ref("v1^{}"),
            "v3",
            tag.message,
        ),
    }
    for said, (target, name, message) in forged.items():
        made = repository.write_tag(target=target, name=name, message=message, actor=ADA, at=event.at)
        updates = [*standing.saved[:2], RefUpdate(TAG3, None, made)]
        assert standing.refused(*updates) == ("rule-tag-object", said.format(made[:12]))


def test_a_tag_of_no_version_that_the_ledger_knows_is_refused(standing: Standing) -> None:
    assert standing.refused(RefUpdate("refs/tags/v9", None, standing.ref("v3"))) == (
        "rule-tag-unrecorded",
        "the tag v9 comes without the event that makes v9",
    )
    assert standing.refused(RefUpdate(TAG3, None, standing.ref("v1"))) == (
        "rule-tag-unrecorded",
        "the tag v3 is not the one that its event made",
    )


def test_the_events_of_a_push_come_oldest_first(standing: Standing) -> None:
    new = standing.ref(LEDGER)
    since = standing.ref(f"{LEDGER}~2")
    ledger = grown(Push(standing.repository, [RefUpdate(LEDGER, since, new)]))
    assert [event.operation.value for event in ledger.events] == ["promote", "save"]
    assert ledger.before is not None
    assert ledger.after is not None
    assert (ledger.before.state.last_version, ledger.after.state.last_version) == (VersionNumber(2), VersionNumber(3))
    assert grown(Push(standing.repository, [])).events == ()


def test_a_repository_without_an_agent_is_nobodys_concern(tmp_path: Path) -> None:
    repository = Repository.create(tmp_path / "plain")
    assert grown(Push(repository, [])) == (None, None, ())
    topic = RefUpdate("refs/heads/topic", None, "1" * 40)
    assert judged(repository, [topic, RefUpdate(MAIN, None, "1" * 40)], None) == Approval(None, (), (), ())
    with pytest.raises(RuleBroken, match="without the event that makes v1"):
        judged(repository, [RefUpdate(TAG1, None, "1" * 40)], None)


def test_a_push_knows_where_its_refs_stand_before_and_after(standing: Standing) -> None:
    push = Push(standing.repository, [RefUpdate(TAG3, None, "3" * 40), RefUpdate(MAIN, "1" * 40, None)])
    assert (push.before(TAG3), push.after(TAG3)) == (None, "3" * 40)
    assert (push.before(MAIN), push.after(MAIN)) == ("1" * 40, None)
    assert push.before(TAG1) == push.after(TAG1) == standing.ref(TAG1)
    assert push.before("refs/heads/none") is None


def test_what_git_says_of_a_push_is_read_line_by_line() -> None:
    one, two = "1" * 40, "2" * 40
    assert read_updates([f"{NOTHING} {one} refs/heads/a b", f"{one} {NOTHING} refs/x", f"{one} {two} {MAIN}"]) == [
        RefUpdate("refs/heads/a b", None, one),
        RefUpdate("refs/x", one, None),
        RefUpdate(MAIN, one, two),
    ]


@pytest.mark.parametrize("line", ["", "1 2 refs/heads/a", f"{NOTHING} {NOTHING} HEAD", f"{'g' * 40} {NOTHING} refs/a"])
def test_what_is_not_about_a_ref_is_no_input_of_git(line: str) -> None:
    with pytest.raises(StorageFailed) as caught:
        read_updates([line])
    assert caught.value.code == "hook-input"


@pytest.mark.parametrize(
    ("ref", "number"),
    [
        ("refs/tags/v1", 1),
        ("refs/tags/v999999999", 999_999_999),
        ("refs/tags/v0", None),
        ("refs/tags/v01", None),
        ("refs/tags/1", None),
        ("refs/tags/V1", None),
        ("refs/heads/v1", None),
        ("refs/tags/v1/x", None),
        ("v1", None),
    ],
)
def test_a_version_is_known_by_its_tag_alone(ref: str, number: int | None) -> None:
    assert version_of(ref) == (None if number is None else VersionNumber(number))
    assert is_guarded(ref, ENVIRONMENTS) is (number is not None)


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        ("refs/gitagent/kept/1", "rule-closed"),
        ("refs/replace/1", "rule-closed"),
        ("refs/heads/LIVE", "rule-branch-name"),
        ("refs/heads/live/x", "rule-branch-name"),
        ("refs/heads/gitagent", "rule-branch-name"),
        ("refs/heads/\uff4dain", "rule-branch-name"),
        ("refs/heads/li\u200bve", "rule-branch-name"),
        ("refs/tags/live", "rule-tag-name"),
        ("refs/tags/Main", "rule-tag-name"),
        ("refs/tags/v-1", "rule-tag-name"),
        ("refs/tags/\uff56\uff11", "rule-tag-name"),
        ("refs/heads/live", None),
        ("refs/heads/alive", None),
        ("refs/heads/fix/live", None),
        ("refs/tags/v1", None),
        ("refs/tags/version-1", None),
        ("refs/tags/v1.2.3-final", None),
        ("refs/notes/commits", None),
    ],
)
def test_a_name_that_could_be_taken_for_an_agents_own_is_refused(ref: str, code: str | None) -> None:
    if code is None:
        refuse_name(ref, ENVIRONMENTS)
        return
    assert refusal(lambda: refuse_name(ref, ENVIRONMENTS)).code == code


@pytest.mark.parametrize(
    ("ref", "what", "instead"),
    [
        (LEDGER, "the ledger", "gitagent sync"),
        (LIVE, "live", "gitagent promote live, or gitagent rollback live"),
        (TAG3, "the tag v3", "gitagent save"),
    ],
)
@pytest.mark.parametrize(("new", "does"), [("1" * 40, "pushed"), (NOTHING, "deleted")])
def test_what_an_operation_moves_is_not_moved_by_hand(
    standing: Standing, ref: str, what: str, instead: str, new: str, does: str
) -> None:
    repository = standing.repository
    lines = [f"refs/heads/topic {'1' * 40} refs/heads/topic {NOTHING}", f"x {new} {ref} {NOTHING}"]
    refuse_by_hand(repository, "backup", "/backup", lines)
    found = refusal(lambda: refuse_by_hand(repository, "origin", "/shared", lines))
    why = "the shared remote takes it with its event"
    if (ref, does) == (TAG3, "deleted"):
        why, instead = "a version stays", "What is served is moved by gitagent promote and gitagent rollback."
    assert (found.code, found.hint) == ("by-hand", instead)
    assert found.message == f"{what} is not {does} by hand: {why}"


def test_an_approval_is_written_for_the_hook_of_the_same_push_and_taken_back(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    folder, pusher, one = tmp_path / "gitagent", os.getpid(), "1" * 40
    tag, main = RefUpdate(TAG1, None, one), RefUpdate(MAIN, one, None)
    approve(folder, pusher, Approval(None, (LIVE,), (tag,), (main,), "01J"))
    place = folder / "receive" / str(pusher)
    assert place.read_text().splitlines() == [
        f"ledger {NOTHING} 01J",
        f"guarded {LEDGER}",
        f"guarded {MAIN}",
        f"guarded {LIVE}",
        f"together {NOTHING} {one} {TAG1}",
        f"alone {one} {NOTHING} {MAIN}",
    ]
    approve(folder, pusher, Approval(one, (LIVE,), (), ()))
    assert [*place.parent.iterdir()] == []


@pytest.mark.parametrize(
    ("user", "may"),
    [
        (User("ada"), True),
        (User("grace"), False),
        (User("x", frozenset({ADA})), True),
        (User("ada", frozenset({GRACE})), False),
        (User("ada", frozenset()), False),
    ],
)
def test_identities_that_were_given_count_alone(user: User, may: bool) -> None:
    assert user.may_act_as(ADA) is may
