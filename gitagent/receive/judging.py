"""Judging: whether a push keeps every rule, and which of its refs have to move together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, NoReturn

from gitagent.agent.access import EVERYBODY, Role, Verb, person
from gitagent.agent.events import Operation
from gitagent.agent.lineage import MAIN
from gitagent.errors import ObjectMissing, RuleBroken
from gitagent.receive.ledgers import Grown, grown
from gitagent.receive.made import check_versions
from gitagent.receive.pushes import Push, RefUpdate
from gitagent.receive.refs import HEADS, is_guarded, refuse_name, version_of
from gitagent.receive.signatures import refuse_false_signatures
from gitagent.receive.users import User, refuse_approval_of_own, refuse_other_actor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitagent.agent.states import EnvironmentState
    from gitagent.git.repository import Repository


class Approval(NamedTuple):
    """What a push may move: `together` in one step or not at all, `alone` each by itself.

    It was judged with the ledger at the commit `ledger`, and `operation` is the id of the last one that it adds.
    `guarded` are the environments' branches; refs of the push that are named nowhere here are nobody's concern.
    """

    ledger: str | None
    guarded: tuple[str, ...]
    together: tuple[RefUpdate, ...]
    alone: tuple[RefUpdate, ...]
    operation: str | None = None


def judged(repository: Repository, updates: Iterable[RefUpdate], user: User | None) -> Approval:
    """What a push may move. Refused with the code of the rule that it breaks; nothing is written.

    `user` is who pushes, as far as the server knows; the events of an agent that is new here may be anybody's.
    """
    push = Push(repository, updates)
    ledger = grown(push)
    state = ledger.after.state if ledger.after is not None else None
    environments = {str(name) for name in state.pipeline} if state is not None else set()
    for update in push.updates.values():
        if update.new is not None:
            refuse_name(update.ref, environments)
    if ledger.before is not None:
        for event in ledger.events:
            refuse_other_actor(user, event)
        _check_approvals(user, ledger)
    check_versions(push, ledger)
    refuse_false_signatures(repository, ledger)
    _check_tags(push, ledger)
    _check_environments(push, ledger)
    _check_main(push, ledger)
    _check_plain_commits(user, push, ledger)
    if state is None:
        return Approval(None, (), (), ())
    guarded = tuple(f"{HEADS}{name}" for name in sorted(environments))
    before = ledger.before.commit if ledger.before is not None else None
    moved = tuple(push.updates.values())
    if ledger.events:
        return Approval(before, guarded, moved, (), ledger.events[-1].id)
    return Approval(before, guarded, (), tuple(each for each in moved if is_guarded(each.ref, environments)))


def _check_approvals(user: User | None, ledger: Grown) -> None:
    """An approval is by another person than the author, and than those who approved it before."""
    approvals = [each for each in ledger.events if each.operation is Operation.APPROVE]
    for event in approvals:
        if ledger.after is None or event.to_version is None or event.to_commit is None or event.environment is None:
            continue
        record = ledger.after.record(event.to_version)
        approved = record.approved(event.environment) if record is not None else ()
        others = [ledger.after.author(event.to_commit), *(each for each in approved if each != person(event.actor))]
        refuse_approval_of_own(user, event, others)


def _check_tags(push: Push, ledger: Grown) -> None:
    """A version's tag is made once, by its event, and never moved; one that is missing may come back as it was."""
    for update in push.updates.values():
        if (number := version_of(update.ref)) is None:
            continue
        known = ledger.after is not None and number <= ledger.after.state.last_version
        record = ledger.after.record(number) if ledger.after is not None and known else None
        if record is not None and update.new == record.tag:
            continue
        if update.old is not None or update.new is None:
            does = "deleted" if update.new is None else "moved"
            raise RuleBroken(
                f"the tag {number} cannot be {does}", code="rule-tag-immutable", hint="Fetch it: git fetch --tags -f"
            )
        raise RuleBroken(
            f"the tag {number} comes without the event that makes {number}"
            if record is None
            else f"the tag {number} is not the one that its event made",
            code="rule-tag-unrecorded",
            hint=f"Take it back, git tag -d {number}, and make the version with: gitagent save",
        )


def _check_environments(push: Push, ledger: Grown) -> None:
    """An environment's branch stands where the ledger has it after the push: it moves with its event, or back."""
    if ledger.after is None:
        return
    known = {} if ledger.before is None else {each.name: each for each in ledger.before.state.environments}
    for environment in ledger.after.state.environments:
        ref = f"{HEADS}{environment.name}"
        stands, was = push.after(ref), known.get(environment.name)
        if stands == environment.commit:
            continue
        if ref in push.updates or (was is None and stands is not None):
            _refuse_move(environment, stands)
        if was is None or was.commit != environment.commit:
            raise RuleBroken(
                f"{environment.name} is to serve {environment.version}, and its branch is not in the push",
                code="rule-branch-missing",
                hint="Push all of an operation at once; gitagent does.",
            )


def _refuse_move(environment: EnvironmentState, to: str | None) -> NoReturn:
    name, version = environment.name, environment.version or "nothing"
    if to is None:
        raise RuleBroken(
            f"the branch {name} cannot be deleted: {name} serves {version}",
            code="rule-branch-deleted",
            hint=f"Move it with: gitagent rollback {name}",
        )
    raise RuleBroken(
        f"{name} serves {version}, and cannot be moved to {to[:12]} without an event",
        code="rule-unrecorded",
        hint=f"Use: gitagent publish, gitagent promote {name} or gitagent rollback {name}",
    )


def _check_main(push: Push, ledger: Grown) -> None:
    """main goes forward, and contains the newest version."""
    repository, update = push.repository, push.updates.get(MAIN)
    made = any(event.tag is not None for event in ledger.events)
    if ledger.after is None or (update is None and not made):
        return
    main, state = push.after(MAIN), ledger.after.state
    if main is None:
        raise RuleBroken("main cannot be missing", code="rule-main-deleted", hint="Leave main as it is.")
    if update is not None and update.old is not None and not _follows(repository, update.old, main):
        raise RuleBroken(
            "main can only go forward, and others have made commits that this push would drop",
            code="rule-main-forward",
            hint="Catch up first: gitagent sync",
        )
    record = ledger.after.record(state.last_version)
    if record is None or not _follows(repository, record.commit, main):
        raise RuleBroken(
            f"main would not contain {state.last_version}, the newest version",
            code="rule-main-behind",
            hint="Catch up first: gitagent sync",
        )


def _check_plain_commits(user: User | None, push: Push, ledger: Grown) -> None:
    """Commits without a version come to main from those who may save, as far as the server knows who pushes."""
    update, after = push.updates.get(MAIN), ledger.after
    if user is None or update is None or ledger.before is None or after is None or after.state.access is None:
        return
    newest = after.record(after.state.last_version)
    if any(event.tag is not None for event in ledger.events) or (newest is not None and update.new == newest.commit):
        return
    access, role = after.state.access, Role(Verb.SAVE)
    holders = {*access.of(role), *access.admins}
    if EVERYBODY not in holders and not any(map(user.is_known_by, holders)):
        raise RuleBroken(
            f"the push brings commits to main, and {user.name} does not have the role '{role}'",
            code="rule-role",
            hint=access.who_could(role),
        )


def _follows(repository: Repository, old: str, new: str) -> bool:
    try:
        return repository.is_ancestor(old, new)
    except ObjectMissing:  # no commit, or none whose history is whole
        return False
