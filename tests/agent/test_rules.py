"""Rules: which event may follow which state. Values alone; no repository is needed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from support.building import ADA, GRACE

from gitagent.agent.access import Role, Verb
from gitagent.agent.assignments import headers_detail
from gitagent.agent.events import Event, Operation
from gitagent.agent.gates import Known
from gitagent.agent.results import Result, result_of
from gitagent.agent.rules import Followed, Snapshot, following
from gitagent.agent.states import AssignedNumber, EnvironmentState, State, VersionRecord
from gitagent.config.cases import Cases
from gitagent.errors import LedgerInvalid
from gitagent.names import Actor, EnvironmentName, PhoneNumber, VersionNumber, new_ulid

ALAN = Actor("Alan Turing", "alan@example.com")
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SANDBOX, PRE, LIVE = (EnvironmentName(name) for name in ("sandbox", "pre-release", "live"))
MAIN_LINE, SUPPORT = PhoneNumber("+442079460018"), PhoneNumber("+442079460019")


def commit_of(number: int) -> str:
    return f"{number:040x}"


def tag_of(number: int) -> str:
    return f"{number:039x}a"


class Line:
    """A ledger that is nothing but values. Each verb returns the line, so that a history is one chain."""

    def __init__(self, *pipeline: EnvironmentName) -> None:
        self.states: list[State] = []
        self.records: dict[VersionNumber, VersionRecord] = {}
        self.authors: dict[VersionNumber, str] = {}
        self.signed: set[str] = set()
        self.tests: dict[str, Known] = {}
        self.result: Result | None = None
        self.reads = 0
        self.begins_with = pipeline or (SANDBOX, PRE, LIVE)
        self.before: Snapshot | None = None
        self.add(Operation.INIT, to=1, made=True)

    def event(self, operation: Operation, *, to: int | None = None, made: bool = False, **changes: Any) -> Event:
        """The event that would be right next, but for what is changed."""
        event = Event(len(self.states) + 1, new_ulid(), operation, ADA, AT + timedelta(minutes=len(self.states)))
        if to is not None:
            event = event._replace(to_version=VersionNumber(to), to_commit=commit_of(to))
        if made and to is not None:
            event = event._replace(tag=tag_of(to))
        environment = changes.get("environment")
        if to is not None and environment in (SANDBOX, PRE, LIVE) and self.states:
            now = self.states[-1].environment(environment)
            event = event._replace(from_version=now.version, from_commit=now.commit)
        return event._replace(**changes)

    def follow(self, event: Event, headers: Mapping[str, Any] | None = None) -> Followed:
        """What the rules make of an event; the ledger stays as it is."""
        return following(
            self.before,
            event,
            pipeline=lambda: self.begins_with,
            environment=lambda name: self._after(event, name, headers),
            result=lambda _: self.result,
            signed=self.signed.__contains__,
        )

    def add(self, operation: Operation, *, headers: Mapping[str, str] | None = None, **facts: Any) -> Line:
        event = self.event(operation, **facts)
        state, records, _ = self.follow(event, headers)
        self.states.append(state)
        self.records.update(records)
        commit = f"{len(self.states):040x}"
        known = (self.records.get, self._environment_at, self._author, self.tests.__getitem__, "tested {}".format)
        self.before = Snapshot(event.seq, event.id, commit, "", state, *known)
        return self

    def publish(self, to: int, *, made: bool = True) -> Line:
        return self.add(Operation.PUBLISH, environment=SANDBOX, to=to, made=made)

    def promote(self, environment: EnvironmentName, to: int) -> Line:
        return self.add(Operation.PROMOTE, environment=environment, to=to)

    def roll_back(self, environment: EnvironmentName, to: int) -> Line:
        return self.add(Operation.ROLLBACK, environment=environment, to=to)

    def assign(self, environment: EnvironmentName, **headers: str) -> Line:
        return self.add(
            Operation.ASSIGN_NUMBER,
            environment=environment,
            number=MAIN_LINE,
            headers=headers,
            detail=headers_detail({}, headers),
        )

    def require_number(self, environment: EnvironmentName) -> Line:
        return self.add(Operation.RULES, environment=environment, detail="requires-number on")

    def rule(self, environment: EnvironmentName, detail: str) -> Line:
        return self.add(Operation.RULES, environment=environment, detail=detail)

    def approve(self, environment: EnvironmentName, to: int, by: Actor = GRACE) -> Line:
        return self.add(Operation.APPROVE, actor=by, **approval(environment, to))

    def grant(self, detail: str, environment: EnvironmentName | None = None, by: Actor = ADA) -> Line:
        return self.add(Operation.GRANT, detail=detail, environment=environment, actor=by)

    def revoke(self, detail: str, environment: EnvironmentName | None = None) -> Line:
        return self.add(Operation.REVOKE, detail=detail, environment=environment)

    def environment(self, name: EnvironmentName) -> EnvironmentState:
        return self.states[-1].environment(name)

    def before_of(self, name: EnvironmentName) -> int | None:
        """The event whose state says what was served before."""
        pointer = self.environment(name).before
        return None if pointer is None else int(pointer, 16)

    def _author(self, commit: str) -> str:
        return self.authors.get(VersionNumber(int(commit, 16)), ADA.email)

    def _environment_at(self, commit: str, name: EnvironmentName) -> EnvironmentState:
        self.reads += 1
        return self.states[int(commit, 16) - 1].environment(name)

    def _after(self, event: Event, name: EnvironmentName, headers: Mapping[str, Any] | None) -> EnvironmentState:
        target = self.environment(name)
        if headers is None or event.number is None:
            return target
        return target._replace(numbers=(AssignedNumber(event.number, name, headers),))


def approval(environment: EnvironmentName, to: int, commit: int | None = None) -> dict[str, Any]:
    """What an approval says. Nothing moves by it, so that it is not from anywhere."""
    return {
        "environment": environment,
        "to_version": VersionNumber(to),
        "to_commit": commit_of(to if commit is None else commit),
    }


def refused(line: Line, event: Event, headers: Mapping[str, Any] | None = None) -> str:
    """The code of the rule that an event breaks."""
    with pytest.raises(LedgerInvalid) as caught:
        line.follow(event, headers)
    assert caught.value.message.startswith(f"event {event.seq}, {event.subject}: ")
    return caught.value.code


# What follows


def test_the_first_event_makes_the_first_version_and_serves_nothing() -> None:
    line = Line()
    environments = tuple(EnvironmentState(name) for name in (SANDBOX, PRE, LIVE))
    assert line.states == [State(environments, VersionNumber(1))]
    assert line.records == {VersionNumber(1): VersionRecord(commit_of(1), tag_of(1))}


def test_an_only_environment_requires_a_number_from_the_beginning() -> None:
    assert Line(LIVE).environment(LIVE).requires_number


def test_a_save_makes_the_next_version() -> None:
    line = Line().add(Operation.SAVE, to=2, made=True, name="Autumn", message="Because.\n\nIt is.")
    assert line.states[-1] == line.states[0]._replace(last_version=VersionNumber(2))
    assert line.records[VersionNumber(2)] == VersionRecord(commit_of(2), tag_of(2))


def test_a_publication_makes_a_version_and_moves_the_first_environment() -> None:
    line = Line().publish(2)
    assert line.environment(SANDBOX) == EnvironmentState(
        SANDBOX, VersionNumber(2), commit_of(2), AT + timedelta(minutes=1), ADA, before=f"{1:040x}"
    )
    assert (line.states[-1].last_version, line.states[-1].last_published) == (VersionNumber(2), VersionNumber(2))
    assert line.records[VersionNumber(2)].served == (SANDBOX,)


def test_an_older_version_may_be_published_again() -> None:
    line = Line().publish(2).publish(1, made=False)
    assert line.environment(SANDBOX).version == VersionNumber(1)
    assert line.states[-1].last_published == VersionNumber(1)


def test_what_served_a_version_is_kept_in_the_pipelines_order() -> None:
    line = Line().publish(2).promote(PRE, 2).promote(LIVE, 2)
    assert line.records[VersionNumber(2)].served == (SANDBOX, PRE, LIVE)


def test_a_version_that_was_served_before_may_still_be_promoted() -> None:
    line = Line().publish(2).publish(3).promote(PRE, 2)
    assert line.environment(PRE).version == VersionNumber(2)


def test_rollbacks_go_further_back_each_time() -> None:
    line = Line().publish(2).publish(3).publish(4)
    assert line.before_of(SANDBOX) == 3
    assert line.roll_back(SANDBOX, 3).before_of(SANDBOX) == 2
    assert line.roll_back(SANDBOX, 2).before_of(SANDBOX) == 1


def test_a_rollback_past_others_leaves_them_out() -> None:
    line = Line().publish(2).publish(3).publish(4).roll_back(SANDBOX, 2)
    assert line.before_of(SANDBOX) == 1
    assert line.publish(5).roll_back(SANDBOX, 2).before_of(SANDBOX) == 1


def test_a_rollback_to_what_is_no_longer_on_the_way_back_goes_on_from_what_is_older() -> None:
    line = Line().publish(2).publish(3).publish(4).roll_back(SANDBOX, 2).publish(5).roll_back(SANDBOX, 3)
    assert line.before_of(SANDBOX) == 5, "v2, as it was served again"
    line = Line().publish(2).publish(3).roll_back(SANDBOX, 2).publish(1, made=False).publish(4)
    assert line.roll_back(SANDBOX, 3).before_of(SANDBOX) == 5, "v1"


def test_a_rollback_may_go_to_a_newer_version_that_was_served_just_before() -> None:
    line = Line().publish(2).publish(1, made=False).roll_back(SANDBOX, 2)
    assert line.environment(SANDBOX).version == VersionNumber(2)
    assert line.before_of(SANDBOX) == 1


def test_where_nothing_older_was_served_nothing_is_left_to_go_back_to() -> None:
    line = Line().publish(2).publish(1, made=False).publish(3).roll_back(SANDBOX, 1).roll_back(SANDBOX, 2)
    assert line.before_of(SANDBOX) == 1
    assert line.roll_back(SANDBOX, 1).before_of(SANDBOX) is None


def test_a_move_asks_for_nothing_but_a_record_and_a_rollback_for_what_it_passes_over() -> None:
    line = Line()
    for number in range(2, 40):
        line.publish(number)
    assert line.reads == 0
    line.roll_back(SANDBOX, 3)
    assert line.reads == 36
    line.publish(40).roll_back(SANDBOX, 3)
    assert line.reads == 37


def test_a_number_is_assigned_with_headers_gets_others_and_is_released() -> None:
    line = Line().assign(LIVE, X="1")
    assert line.environment(LIVE).numbers == (AssignedNumber(MAIN_LINE, LIVE, {"X": "1"}),)
    facts: dict[str, Any] = {"environment": LIVE, "number": MAIN_LINE}
    line.add(Operation.ASSIGN_NUMBER, **facts, headers={}, detail="no sip-headers")
    assert line.environment(LIVE).numbers == (AssignedNumber(MAIN_LINE, LIVE, {}),)
    line.add(Operation.RELEASE_NUMBER, **facts)
    assert line.environment(LIVE).numbers == ()


def test_numbers_are_kept_in_order() -> None:
    facts: dict[str, Any] = {"environment": LIVE, "number": SUPPORT, "headers": {}}
    line = Line().add(Operation.ASSIGN_NUMBER, **facts).assign(LIVE)
    assert [each.number for each in line.environment(LIVE).numbers] == [MAIN_LINE, SUPPORT]


def test_rules_go_on_and_off_again() -> None:
    line = Line().require_number(LIVE)
    assert line.environment(LIVE).requires_number
    line.add(Operation.RULES, environment=LIVE, detail="requires-number off")
    assert not line.environment(LIVE).requires_number


def test_one_event_sets_several_rules_and_leaves_the_others() -> None:
    line = Line().add(Operation.RULES, environment=LIVE, detail="requires-number on, approvals 2")
    line.add(Operation.RULES, environment=LIVE, detail="approvals 1, requires-signature on")
    live = line.environment(LIVE)
    assert (live.requires_number, live.approvals, live.requires_signature) == (True, 1, True)
    assert line.environment(PRE) == EnvironmentState(PRE)


def test_an_environment_with_the_number_that_it_needs_moves() -> None:
    line = Line().require_number(SANDBOX).assign(SANDBOX).publish(2)
    assert line.environment(SANDBOX).version == VersionNumber(2)


def test_a_rollback_needs_no_number() -> None:
    line = Line().publish(2).publish(3).require_number(SANDBOX).roll_back(SANDBOX, 2)
    assert line.environment(SANDBOX).version == VersionNumber(2)


def test_an_approval_is_kept_with_its_version_and_moves_nothing() -> None:
    line = Line().publish(2).approve(LIVE, 2).approve(PRE, 2)
    line.approve(LIVE, 2, by=ALAN)
    made = line.records[VersionNumber(2)]
    assert made.approvals == ((LIVE, (GRACE.email, ALAN.email)), (PRE, (GRACE.email,)))
    assert (made.approved(LIVE), made.approved(SANDBOX)) == ((GRACE.email, ALAN.email), ())
    assert line.states[-1] == line.states[1]


def test_an_environment_moves_to_a_version_that_enough_others_approved() -> None:
    line = Line().publish(2).rule(PRE, "approvals 2").approve(PRE, 2).approve(PRE, 2, by=ALAN).promote(PRE, 2)
    assert line.environment(PRE).version == VersionNumber(2)
    assert line.records[VersionNumber(2)].approved(PRE) == (GRACE.email, ALAN.email)


def test_a_rollback_needs_no_approvals() -> None:
    line = Line().publish(2).publish(3).rule(SANDBOX, "approvals 2").roll_back(SANDBOX, 2)
    assert line.environment(SANDBOX).version == VersionNumber(2)


def test_a_saved_version_that_was_approved_is_published() -> None:
    line = Line().rule(SANDBOX, "approvals 1").add(Operation.SAVE, to=2, made=True).approve(SANDBOX, 2)
    assert line.publish(2, made=False).environment(SANDBOX).version == VersionNumber(2)


def test_the_first_admin_leaves_everything_else_to_everybody() -> None:
    access = Line().grant("admin ada@example.com").states[-1].access
    assert access is not None
    assert access.admins == ("ada@example.com",)
    others = {verb: access.of(Role(verb)) for verb in Verb if verb is not Verb.ADMIN}
    assert others == {verb: () if verb is Verb.FORCE else ("*",) for verb in others}


def test_who_has_the_role_does_what_it_is_for_and_an_admin_does_anything() -> None:
    line = Line().grant("admin ada@example.com").grant("promote grace@example.com", PRE).revoke("publish *")
    line.publish(2).add(Operation.PROMOTE, environment=PRE, to=2, actor=Actor("G.", "Grace@Example.COM"))
    assert line.promote(LIVE, 2).environment(LIVE).version == VersionNumber(2)


# What does not

INIT, SAVE, PUBLISH, PROMOTE, ROLLBACK = (
    Operation.INIT,
    Operation.SAVE,
    Operation.PUBLISH,
    Operation.PROMOTE,
    Operation.ROLLBACK,
)
RULES, ASSIGN, RELEASE = Operation.RULES, Operation.ASSIGN_NUMBER, Operation.RELEASE_NUMBER
APPROVE, GRANT, REVOKE = Operation.APPROVE, Operation.GRANT, Operation.REVOKE
ON = "requires-number on"
WRONG: list[tuple[str, Operation, dict[str, Any]]] = [
    ("rule-begin", INIT, {"to": 4, "made": True}),
    ("rule-sequence", SAVE, {"to": 4, "made": True, "seq": 9}),
    ("rule-sequence", SAVE, {"to": 4, "made": True, "seq": 1}),
    ("rule-op-id", SAVE, {"to": 4, "made": True, "id": "not-a-ulid"}),
    ("rule-number", SAVE, {"to": 3, "made": True}),
    ("rule-number", SAVE, {"to": 5, "made": True}),
    ("rule-number", PUBLISH, {"to": 2, "made": True, "environment": SANDBOX}),
    ("rule-facts", SAVE, {"to": 4}),
    ("rule-facts", SAVE, {"to": 4, "made": True, "environment": SANDBOX}),
    ("rule-facts", SAVE, {"to": 4, "made": True, "number": MAIN_LINE}),
    ("rule-facts", PUBLISH, {"to": 1}),
    ("rule-facts", PUBLISH, {"to": 1, "environment": SANDBOX, "detail": ON}),
    ("rule-facts", PUBLISH, {"to": 1, "environment": SANDBOX, "name": "Spring"}),
    ("rule-facts", PROMOTE, {"to": 4, "made": True, "environment": PRE}),
    ("rule-facts", ROLLBACK, {"to": 2, "environment": LIVE}),
    ("rule-facts", RULES, {"environment": LIVE}),
    ("rule-facts", ASSIGN, {"environment": LIVE}),
    ("rule-facts", RELEASE, {"environment": LIVE, "number": MAIN_LINE, "detail": "gone"}),
    ("rule-words", SAVE, {"to": 4, "made": True, "name": "n" * 101}),
    ("rule-words", SAVE, {"to": 4, "made": True, "name": " Autumn"}),
    ("rule-words", SAVE, {"to": 4, "made": True, "message": "bell \a"}),
    ("rule-words", SAVE, {"to": 4, "made": True, "message": "trailing \nspace"}),
    ("rule-words", SAVE, {"to": 4, "made": True, "at": datetime(1969, 1, 1, tzinfo=UTC)}),
    ("rule-environment", PROMOTE, {"to": 2, "environment": EnvironmentName("elsewhere")}),
    ("rule-from", PUBLISH, {"to": 2, "environment": SANDBOX, "from_version": VersionNumber(1)}),
    ("rule-from", PUBLISH, {"to": 2, "environment": SANDBOX, "from_version": None, "from_commit": None}),
    ("rule-from", PUBLISH, {"to": 2, "environment": SANDBOX, "from_commit": commit_of(2)}),
    ("rule-from", PROMOTE, {"to": 2, "environment": LIVE, "from_version": VersionNumber(1)}),
    ("rule-to", PUBLISH, {"to": 4, "environment": SANDBOX}),
    ("rule-to", PUBLISH, {"to": 2, "environment": SANDBOX, "to_commit": commit_of(1)}),
    ("rule-unchanged", PUBLISH, {"to": 3, "environment": SANDBOX}),
    ("rule-unchanged", PROMOTE, {"to": 2, "environment": PRE}),
    ("rule-unchanged", ROLLBACK, {"to": 3, "environment": SANDBOX}),
    ("rule-first", PUBLISH, {"to": 2, "environment": LIVE}),
    ("rule-first", PROMOTE, {"to": 2, "environment": SANDBOX}),
    ("rule-served", PROMOTE, {"to": 1, "environment": PRE}),
    ("rule-served", PROMOTE, {"to": 3, "environment": LIVE}),
    ("rule-served", ROLLBACK, {"to": 1, "environment": SANDBOX}),
    ("rule-detail", RULES, {"environment": LIVE, "detail": "anything-goes on"}),
    ("rule-detail", RULES, {"environment": LIVE, "detail": "approvals 2, requires-number on"}),
    ("rule-detail", RULES, {"environment": LIVE, "detail": "approvals 02"}),
    ("rule-unchanged", RULES, {"environment": LIVE, "detail": "requires-number off"}),
    ("rule-unchanged", RULES, {"environment": LIVE, "detail": "requires-number on, approvals 0"}),
    ("rule-environment", RULES, {"environment": EnvironmentName("elsewhere"), "detail": ON}),
    ("rule-number-held", RELEASE, {"environment": LIVE, "number": MAIN_LINE}),
    ("rule-number-held", RELEASE, {"environment": PRE, "number": SUPPORT}),
    ("rule-number-held", ASSIGN, {"environment": LIVE, "number": MAIN_LINE}),
    ("rule-facts", APPROVE, {"environment": LIVE}),
    ("rule-facts", APPROVE, {**approval(LIVE, 2), "detail": "twice"}),
    ("rule-facts", APPROVE, {**approval(LIVE, 2), "tag": tag_of(2)}),
    ("rule-own-version", APPROVE, approval(LIVE, 2)),
    ("rule-own-version", APPROVE, {**approval(LIVE, 2), "actor": Actor("Not Ada", "ADA@example.com")}),
    ("rule-unchanged", APPROVE, {**approval(PRE, 2), "actor": GRACE}),
    ("rule-to", APPROVE, {**approval(LIVE, 4), "actor": GRACE}),
    ("rule-to", APPROVE, {**approval(LIVE, 2, commit=3), "actor": GRACE}),
    ("rule-environment", APPROVE, {**approval(EnvironmentName("elsewhere"), 2), "actor": GRACE}),
    ("rule-facts", GRANT, {}),
    ("rule-admin-first", GRANT, {"detail": "promote ada@example.com"}),
    ("rule-admin-first", GRANT, {"detail": "promote ada@example.com", "environment": LIVE}),
    ("rule-admin-first", REVOKE, {"detail": "admin ada@example.com"}),
    ("rule-invalid-role", GRANT, {"detail": "admin *"}),
    ("rule-invalid-role", GRANT, {"detail": "admin ada@example.com", "environment": LIVE}),
    ("rule-environment", GRANT, {"detail": "promote *", "environment": EnvironmentName("elsewhere")}),
    ("rule-detail", GRANT, {"detail": "own ada@example.com"}),
    ("rule-detail", GRANT, {"detail": "admin Ada@example.com"}),
    ("rule-detail", GRANT, {"detail": "admin ada"}),
    ("rule-detail", GRANT, {"detail": "admin ada@example.com grace@example.com"}),
]


@pytest.mark.parametrize(
    ("code", "operation", "facts"), WRONG, ids=[f"{code}-{index}" for index, (code, *_) in enumerate(WRONG)]
)
def test_an_event_that_breaks_a_rule_is_refused_by_its_code(
    code: str, operation: Operation, facts: dict[str, Any]
) -> None:
    line = Line().publish(2).approve(PRE, 2).promote(PRE, 2).publish(3)
    assert refused(line, line.event(operation, **facts)) == code


RULED: list[tuple[Operation, dict[str, Any]]] = [
    (SAVE, {"to": 4, "made": True}),
    (PUBLISH, {"to": 2, "environment": SANDBOX}),
    (PUBLISH, {"to": 4, "made": True, "environment": SANDBOX}),
    (PROMOTE, {"to": 3, "environment": PRE}),
    (ROLLBACK, {"to": 2, "environment": SANDBOX}),
    (RULES, {"environment": LIVE, "detail": ON}),
    (ASSIGN, {"environment": LIVE, "number": MAIN_LINE}),
    (RELEASE, {"environment": LIVE, "number": MAIN_LINE}),
    (APPROVE, approval(LIVE, 2)),
    (GRANT, {"detail": "admin grace@example.com"}),
    (GRANT, {"detail": "promote grace@example.com", "environment": PRE}),
    (REVOKE, {"detail": "admin ada@example.com"}),
]


@pytest.mark.parametrize(
    ("operation", "facts"), RULED, ids=[f"{operation}-{index}" for index, (operation, _) in enumerate(RULED)]
)
def test_without_the_role_nothing_is_done(operation: Operation, facts: dict[str, Any]) -> None:
    line = Line().publish(2).publish(3).grant("admin ada@example.com")
    for verb in Verb:
        if verb not in (Verb.ADMIN, Verb.FORCE):
            line.revoke(f"{verb} *")
    assert refused(line, line.event(operation, actor=GRACE, **facts)) == "rule-role"


def test_a_role_for_one_environment_is_none_for_another() -> None:
    line = Line().publish(2).grant("admin ada@example.com").revoke("promote *").grant("promote grace@example.com", LIVE)
    assert refused(line, line.event(PROMOTE, to=2, environment=PRE, actor=GRACE)) == "rule-role"


def test_who_may_promote_everywhere_may_not_where_others_were_named() -> None:
    line = Line().publish(2).grant("admin ada@example.com").grant("promote ada@example.com", PRE)
    event = line.event(PROMOTE, to=2, environment=PRE, actor=GRACE)
    assert refused(line, event) == "rule-role"
    line.revoke("promote", PRE)
    line.add(PROMOTE, to=2, environment=PRE, actor=GRACE)
    assert line.environment(PRE).by == GRACE


@pytest.mark.parametrize(
    ("code", "operation", "detail", "environment"),
    [
        ("rule-unchanged", GRANT, "admin ada@example.com", None),
        ("rule-unchanged", GRANT, "promote *", None),
        ("rule-unchanged", REVOKE, "promote grace@example.com", None),
        ("rule-unchanged", REVOKE, "promote *", LIVE),
        ("rule-unchanged", REVOKE, "promote", LIVE),
        ("rule-last-admin", REVOKE, "admin ada@example.com", None),
        ("rule-invalid-role", REVOKE, "promote", None),
        ("rule-invalid-role", GRANT, "promote", LIVE),
        ("rule-invalid-role", GRANT, "save grace@example.com", LIVE),
    ],
)
def test_roles_are_given_and_taken_only_where_that_changes_them(
    code: str, operation: Operation, detail: str, environment: EnvironmentName | None
) -> None:
    line = Line().grant("admin ada@example.com")
    assert refused(line, line.event(operation, detail=detail, environment=environment)) == code


@pytest.mark.parametrize("approvers", [(), (GRACE,)])
def test_without_enough_approvals_an_environment_does_not_move(approvers: tuple[Actor, ...]) -> None:
    line = Line().publish(2).rule(PRE, "approvals 2").approve(LIVE, 2).approve(LIVE, 2, by=ALAN)
    for each in approvers:
        line.approve(PRE, 2, by=each)
    assert refused(line, line.event(PROMOTE, to=2, environment=PRE)) == "rule-approvals"


def test_an_approval_of_one_version_is_none_of_the_next() -> None:
    line = Line().publish(2).approve(PRE, 2).publish(3).rule(PRE, "approvals 1")
    assert refused(line, line.event(PROMOTE, to=3, environment=PRE)) == "rule-approvals"


def test_a_draft_cannot_be_published_where_approvals_are_asked_for() -> None:
    line = Line().rule(SANDBOX, "approvals 1")
    assert refused(line, line.event(PUBLISH, to=2, made=True, environment=SANDBOX)) == "rule-approvals"


def test_the_author_is_who_wrote_the_version_whoever_published_it() -> None:
    line = Line().add(SAVE, to=2, made=True)
    line.authors[VersionNumber(2)] = "Grace@example.com"
    assert refused(line, line.event(APPROVE, actor=GRACE, **approval(SANDBOX, 2))) == "rule-own-version"
    assert line.approve(SANDBOX, 2, by=ADA).records[VersionNumber(2)].approved(SANDBOX) == (ADA.email,)


def test_the_operation_before_is_not_recorded_again() -> None:
    line = Line().publish(2)
    assert line.before is not None
    assert refused(line, line.event(SAVE, to=3, made=True, id=line.before.id)) == "rule-op-id"


def test_an_agent_begins_with_its_beginning() -> None:
    line = Line()
    line.states, line.before = [], None
    assert refused(line, line.event(SAVE, to=1, made=True)) == "rule-begin"
    assert refused(line, line.event(INIT, to=1, made=True, seq=2)) == "rule-sequence"
    assert refused(line, line.event(INIT, to=2, made=True)) == "rule-number"


@pytest.mark.parametrize("pipeline", [(), (LIVE, LIVE), tuple(EnvironmentName(f"e{n}") for n in range(13))])
def test_an_agent_begins_with_a_pipeline(pipeline: tuple[EnvironmentName, ...]) -> None:
    line = Line()
    line.states, line.before = [], None
    line.begins_with = pipeline
    assert refused(line, line.event(INIT, to=1, made=True)) == "rule-pipeline"


def test_promotion_goes_forward_only() -> None:
    line = Line().publish(2).publish(3).promote(PRE, 3)
    assert refused(line, line.event(PROMOTE, to=2, environment=PRE)) == "rule-forward"


def test_a_rollback_to_a_newer_version_that_was_not_served_just_before_is_none() -> None:
    line = Line().publish(2).publish(3).publish(1, made=False).publish(2, made=False)
    assert refused(line, line.event(ROLLBACK, to=3, environment=SANDBOX)) == "rule-backward"
    line = Line().publish(2).publish(3).roll_back(SANDBOX, 2)
    assert refused(line, line.event(ROLLBACK, to=3, environment=SANDBOX)) == "rule-backward"


def test_an_environment_without_the_number_that_it_needs_does_not_move() -> None:
    line = Line().publish(2).require_number(SANDBOX).require_number(PRE)
    assert refused(line, line.event(PUBLISH, to=3, made=True, environment=SANDBOX)) == "rule-phone-number"
    assert refused(line, line.event(PROMOTE, to=2, environment=PRE)) == "rule-phone-number"


def test_the_last_number_of_an_environment_that_needs_one_stays() -> None:
    line = Line().require_number(SANDBOX).assign(SANDBOX).publish(2)
    assert refused(line, line.event(RELEASE, environment=SANDBOX, number=MAIN_LINE)) == "rule-phone-number"


def test_a_number_belongs_to_one_environment() -> None:
    line = Line().assign(LIVE)
    event = line.event(ASSIGN, environment=SANDBOX, number=MAIN_LINE)
    assert refused(line, event, {}) == "rule-number-held"


def test_an_assignment_changes_something_and_tells_it() -> None:
    line = Line().assign(LIVE, X="1")
    event = line.event(ASSIGN, environment=LIVE, number=MAIN_LINE)
    assert refused(line, event, {"X": "1"}) == "rule-unchanged"
    assert refused(line, event, {"X": "2"}) == "rule-detail"
    assert refused(line, event._replace(detail="sip-headers X=3"), {"X": "2"}) == "rule-detail"
    assert refused(line, event, {}) == "rule-detail"


@pytest.mark.parametrize(
    "headers",
    [{"To": "x"}, {"a b": "x"}, {"X": 1}, {"X": "a\nb"}, {"X": " a"}, {"X": "1", "x": "2"}, {"X": "a" * 1001}],
)
def test_an_assignment_gives_headers_that_there_can_be(headers: dict[str, Any]) -> None:
    line = Line()
    event = line.event(ASSIGN, environment=LIVE, number=MAIN_LINE, detail=headers_detail({}, headers))
    assert refused(line, event, headers) == "rule-headers"


# Signatures


def requiring() -> Line:
    """A ledger whose sandbox requires signatures: v2 and its event, of commit `signed`, are signed, v1 is not."""
    line = Line().publish(1, made=False).publish(2).rule(SANDBOX, "requires-signature on")
    line.signed = {"signed", tag_of(2), tag_of(3)}
    return line


def test_an_environment_that_requires_signatures_is_changed_by_signed_events_alone() -> None:
    line = requiring()
    events = [
        line.event(PUBLISH, to=3, made=True, environment=SANDBOX),
        line.event(ASSIGN, environment=SANDBOX, number=MAIN_LINE),
        line.event(Operation.RULES, environment=SANDBOX, detail="requires-signature off"),
        line.event(Operation.APPROVE, actor=GRACE, **approval(SANDBOX, 2)),
        line.event(Operation.GRANT, detail="admin grace@example.com"),
    ]
    for event in events[:-1]:
        assert refused(line, event, {}) == "rule-signature"
        line.follow(event._replace(commit="signed"), {})
    line.follow(events[-1])


def test_an_environment_that_requires_signatures_moves_to_signed_versions_alone() -> None:
    line = requiring()
    line.follow(line.event(PUBLISH, to=3, made=True, environment=SANDBOX, commit="signed"))
    line.signed.remove(tag_of(3))
    event = line.event(PUBLISH, to=3, made=True, environment=SANDBOX, commit="signed")
    assert refused(line, event) == "rule-signature"
    assert refused(line, line.event(ROLLBACK, to=1, environment=SANDBOX, commit="signed")) == "rule-signature"


def test_an_unsigned_version_may_be_approved_and_be_served_elsewhere() -> None:
    line = requiring()
    line.follow(line.event(Operation.APPROVE, actor=GRACE, commit="signed", **approval(SANDBOX, 1)))
    line.follow(line.event(PROMOTE, to=1, environment=PRE))
    line.follow(line.event(Operation.SAVE, to=3, made=True))


def test_from_when_on_signatures_are_required_and_no_longer_is_an_event_itself() -> None:
    line = requiring()
    event = line.event(Operation.RULES, environment=SANDBOX, detail="requires-signature off", commit="signed")
    assert line.follow(event).state.environment(SANDBOX).requires_signature is False
    assert line.environment(SANDBOX).version == VersionNumber(2)


# Tests


CASES = Cases("f" * 64, ("a", "b", "c", "d"))


def tree_of(number: int) -> str:
    return f"{number:039x}e"


def passing(number: int, *failing: str, skipping: tuple[str, ...] = ()) -> Result:
    return result_of(tree_of(number), CASES, responder="embedded", seconds=0.1, failing=failing, skipping=skipping)


def asking(detail: str = "tests required") -> Line:
    """A ledger whose sandbox asks for tests; it serves v1, and v2 is made."""
    line = Line().publish(1, made=False).add(SAVE, to=2, made=True).rule(SANDBOX, detail)
    for number in (1, 2, 3):
        line.tests[commit_of(number)] = Known(tree_of(number), CASES, None)
    return line


def know(line: Line, number: int, result: Result | None) -> None:
    line.tests[commit_of(number)] = Known(tree_of(number), CASES, result)


def trial(line: Line, result: Result, **facts: Any) -> Event:
    line.result = result
    return line.event(Operation.TEST, **{"tree": result.tree, "detail": result.detail, **facts})


@pytest.mark.parametrize(
    ("detail", "result", "goes_in"),
    [
        ("tests required", passing(2), True),
        ("tests required", passing(2, "a"), False),
        ("tests required", passing(2, skipping=("a", "b", "c")), True),
        ("tests required", passing(2, skipping=("a", "b", "c", "d")), False),
        ("tests 75%", passing(2, "a"), True),
        ("tests 76%", passing(2, "a"), False),
        ("tests 66%", passing(2, "a", skipping=("b",)), True),
        ("tests 67%", passing(2, "a", skipping=("b",)), False),
        ("tests 1%", passing(2, "a", "b", "c", "d"), False),
        ("not-worse on", passing(2, "a", "b", "c", "d"), False),
        ("tests required", passing(3), False),
        ("tests required", passing(2)._replace(passed=5), False),
        ("tests required", passing(2)._replace(suites="0" * 64), False),
        ("tests required", passing(2)._replace(cases=1, passed=1), False),
        ("tests required", None, False),
    ],
)
def test_what_goes_in_is_what_passed_often_enough(detail: str, result: Result | None, goes_in: bool) -> None:
    line = asking(detail)
    know(line, 1, passing(1, *CASES.names))
    know(line, 2, result)
    event = line.event(PUBLISH, to=2, environment=SANDBOX)
    if goes_in:
        line.follow(event)
    else:
        assert refused(line, event) == "rule-tests"
    line.follow(event._replace(forced="I say so"))


@pytest.mark.parametrize(
    ("now", "new", "goes_in"),
    [
        (passing(1, "a"), passing(2, "a"), True),
        (passing(1, "a"), passing(2), True),
        (passing(1, "a"), passing(2, "b"), False),
        (passing(1), passing(2, skipping=("b",)), False),
        (passing(1, skipping=("b",)), passing(2, "b"), True),
        (None, passing(2), False),
        (passing(3), passing(2), False),
    ],
)
def test_nothing_worse_than_what_is_served_goes_in(now: Result | None, new: Result, goes_in: bool) -> None:
    line = asking("not-worse on")
    know(line, 1, now)
    know(line, 2, new)
    event = line.event(PUBLISH, to=2, environment=SANDBOX)
    if goes_in:
        line.follow(event)
    else:
        assert refused(line, event) == "rule-tests"


def test_what_was_served_without_a_case_cannot_be_worse_than() -> None:
    line = asking("not-worse on")
    line.tests[commit_of(1)] = Known(tree_of(1), Cases("0" * 64, ()), None)
    know(line, 2, passing(2, "a"))
    line.follow(line.event(PUBLISH, to=2, environment=SANDBOX))


def test_a_rollback_and_other_environments_ask_for_nothing() -> None:
    line = asking()
    know(line, 2, passing(2))
    line.publish(2, made=False)
    know(line, 1, None)
    line.follow(line.event(ROLLBACK, to=1, environment=SANDBOX))
    line.follow(line.event(PROMOTE, to=2, environment=PRE))
    assert refused(line, line.event(PROMOTE, to=2, environment=PRE, forced="I say so")) == "rule-forced"
    assert refused(line, line.event(ROLLBACK, to=1, environment=SANDBOX, forced="I say so")) == "rule-facts"
    assert refused(line, line.event(PUBLISH, to=1, environment=SANDBOX, forced=" I ")) == "rule-words"


def test_a_result_changes_nothing_but_what_is_known_of_its_tree() -> None:
    line = asking()
    for facts in ({}, {"to": 2}):
        result = passing(2, "a")
        assert line.follow(trial(line, result, **facts)) == Followed(line.states[-1], {}, result)


@pytest.mark.parametrize(
    ("code", "result", "facts"),
    [
        ("rule-result", passing(2)._replace(passed=3), {}),
        ("rule-result", passing(2)._replace(responder="openai:"), {}),
        ("rule-result", passing(2), {"tree": tree_of(3)}),
        ("rule-result", passing(3), {"to": 2}),
        ("rule-result", passing(2)._replace(suites="0" * 64), {"to": 2}),
        ("rule-detail", passing(2), {"detail": passing(2, "a").detail}),
        ("rule-facts", passing(2), {"detail": None}),
        ("rule-facts", passing(2), {"environment": SANDBOX}),
        ("rule-facts", passing(2), {"forced": "I say so"}),
        ("rule-to", passing(2), {"to": 9}),
        ("rule-to", passing(2), {"to": 2, "to_commit": commit_of(1)}),
    ],
)
def test_a_result_that_cannot_be_is_refused(code: str, result: Result, facts: dict[str, Any]) -> None:
    line = asking()
    assert refused(line, trial(line, result, **facts)) == code


def test_who_forces_needs_both_roles() -> None:
    line = (
        asking()
        .grant("admin ada@example.com")
        .grant("force grace@example.com", SANDBOX)
        .grant("force alan@example.com")
    )
    forcing = line.event(PUBLISH, to=2, environment=SANDBOX, forced="I say so")
    line.follow(forcing)
    line.follow(forcing._replace(actor=GRACE))
    assert refused(line, forcing._replace(actor=ALAN)) == "rule-role"
    line.revoke("publish *")
    assert refused(line, forcing._replace(actor=GRACE, seq=forcing.seq + 1)) == "rule-role"


def test_who_may_test_is_everybody_until_it_is_taken() -> None:
    line = asking().grant("admin ada@example.com")
    event = trial(line, passing(2), actor=GRACE)
    line.follow(event)
    line.revoke("test *")
    assert refused(line, trial(line, passing(2), actor=GRACE)) == "rule-role"
    line.follow(trial(line, passing(2)))


def test_a_refusal_names_rule_event_and_where_to_look() -> None:
    line = Line().publish(2)
    event = line.event(PROMOTE, to=1, environment=PRE, actor=GRACE, commit=commit_of(99))
    with pytest.raises(LedgerInvalid) as caught:
        line.follow(event)
    error = caught.value
    assert (error.code, error.message) == ("rule-served", "event 3, promote pre-release v1: sandbox never served v1")
    assert error.hint == f"See: git show {commit_of(99)[:12]}"


def test_times_in_other_zones_are_kept_as_they_are_told() -> None:
    line = Line()
    at = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    line.add(PUBLISH, environment=SANDBOX, to=2, made=True, at=at)
    assert line.environment(SANDBOX).since is at


def test_an_environment_that_requires_signatures_moves_by_signed_results_alone() -> None:
    line = asking("requires-signature on, tests required, not-worse on")
    line.signed = {"signed", tag_of(1), tag_of(2), tag_of(3)}
    for number in (1, 2):
        know(line, number, passing(number))
    event = line.event(PUBLISH, to=2, environment=SANDBOX, commit="signed")
    assert refused(line, event) == "rule-signature"
    line.signed.add(f"tested {tree_of(2)}")
    assert refused(line, event) == "rule-signature"  # nor is what it is compared with
    line.follow(event._replace(forced="Callers wait"))
    line.signed.add(f"tested {tree_of(1)}")
    line.follow(event)
