"""Changing: versions made, environments moved, and the draft overwritten or given up."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gitagent.agent import draft, environments, kept, selectors
from gitagent.agent.events import Operation, checked_time
from gitagent.agent.looking import Looking
from gitagent.errors import InvalidName, Untested
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gitagent.agent.draft import Restored, RestorePlan, SavePlan
    from gitagent.agent.environments import Move, Moved
    from gitagent.agent.kept import KeptDraft
    from gitagent.agent.operations import Saved
    from gitagent.agent.pending import PendingSave
    from gitagent.agent.results import Result
    from gitagent.agent.trials import Candidate
    from gitagent.agent.words import Words
    from gitagent.names import Actor, EnvironmentName


class Changing(Looking):
    """What those do who work on an agent's configuration, and what each of it would come to."""

    def plan_save(self, *, actor: Actor | None = None) -> SavePlan:
        """What `save` would do. Here and in every plan, an `actor` who may not do it is refused."""
        self._permit(actor, Operation.SAVE)
        return draft.plan_save(self._store)[0]

    def save(
        self,
        *,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        sync: bool = False,
        sign: bool = False,
    ) -> Saved:
        """Make a version of the draft; nothing is served. Refused when it is the same as the newest, or invalid.

        With `sync`, what others saved is merged into the draft first, and nobody comes between. With `sign`, here and
        in every verb that takes it, the version's tag and the event are signed as git's settings say.
        """
        from gitagent.agent import operations

        return operations.save(self._store, self._words(actor, at, name, message, sign), sync=sync)

    def save_pending(
        self,
        *,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> PendingSave:
        """Save the draft while the shared remote is out of reach; `sync` makes a version of it, with its number.

        What is signed here is signed once more by `sync`, as a version.
        """
        from gitagent.agent import pending

        return pending.keep(self._store, self._words(actor, at, name, message, sign))

    def plan_publish(
        self,
        selector: str = "draft",
        *,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        sign: bool = False,
        force: str | None = None,
        untested: bool = False,
    ) -> Move:
        """The move that `publish` would make. With `untested`, as in `plan_promote`, results may still be missing."""
        from gitagent.agent import operations
        from gitagent.agent.words import Words

        words = Words.checked(actor, at, name, message)
        self._permit(actor, Operation.PUBLISH)
        if selector == selectors.DRAFT:
            move = operations.plan_draft_publication(self._store, words)[0]
        else:
            number = selectors.select_version(self._store, selector)
            move = operations.plan_version_publication(self._store, number, words)
        return self._as_asked(move, sign, actor, force, untested=untested)

    def publish(
        self,
        selector: str = "draft",
        *,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        expect: Move | None = None,
        sync: bool = False,
        sign: bool = False,
        run: Callable[[Candidate], Result] | None = None,
        force: str | None = None,
    ) -> Moved:
        """Make a version of the draft, or take a saved one, and let the first environment serve it.

        With `expect`, a plan that was agreed to, EnvironmentMoved is raised when the move would now be another. With
        `sync` instead, what others saved is merged into the draft first, and nobody comes between.

        Where the environment asks for tests and no result is recorded, here and in `promote`, `run` is given what is to
        be tested, and its result is recorded; `force` is a reason to move whatever came of it.
        """
        from gitagent.agent import operations

        words = self._words(actor, at, name, message, sign, force)
        if selector == selectors.DRAFT:
            return self._tried(words, run, partial(operations.publish_draft, self._store, words, expect, sync=sync))
        number = self._named(selector)
        return self._tried(words, run, partial(operations.publish_version, self._store, number, words, expect))

    def plan_promote(
        self,
        environment: str,
        version: str | None = None,
        *,
        actor: Actor | None = None,
        sign: bool = False,
        force: str | None = None,
        untested: bool = False,
    ) -> Move:
        """The move that `promote` would make."""
        name, number = self._target(environment, version)
        self._permit(actor, Operation.PROMOTE, name)
        move = environments.promotion(self._store, name, number)
        return self._as_asked(move, sign, actor, force, untested=untested)

    def promote(
        self,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        version: str | None = None,
        message: str | None = None,
        expect: Move | None = None,
        sign: bool = False,
        run: Callable[[Candidate], Result] | None = None,
        force: str | None = None,
    ) -> Moved:
        """Move an environment forward to what the one before it serves, or served when `version` names it."""
        from gitagent.agent import operations

        target = self._target(environment, version)
        words = self._words(actor, at, None, message, sign, force)
        return self._tried(words, run, partial(operations.promote, self._store, *target, words, expect))

    def plan_rollback(
        self, environment: str, to: str | None = None, *, actor: Actor | None = None, sign: bool = False
    ) -> Move:
        """The move that `rollback` would make."""
        name, number = self._target(environment, to)
        self._permit(actor, Operation.ROLLBACK, name)
        return self._as_asked(environments.reversion(self._store, name, number), sign)

    def rollback(
        self,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        to: str | None = None,
        message: str | None = None,
        expect: Move | None = None,
        sign: bool = False,
    ) -> Moved:
        """Move an environment back to an earlier version that it served; by default the one served before."""
        from gitagent.agent import operations

        target = self._target(environment, to)
        return operations.roll_back(self._store, *target, self._words(actor, at, None, message, sign), expect)

    def plan_restore(self, selector: str) -> RestorePlan:
        """What `restore` would do."""
        return self._restoration(selector)[0]

    def restore(self, selector: str, *, actor: Actor, at: datetime) -> Restored:
        """Copy the files of a version or of a kept draft into the draft; an edited draft is kept first."""
        with self._store.writing():
            plan, commit = self._restoration(selector)
            reason = f"restore {plan.target}"
            return draft.restore(self._store, plan, commit, reason=reason, actor=actor, at=checked_time(at))

    def plan_discard(self, to: str | None = None) -> RestorePlan:
        """What `discard` would do."""
        return self._restoration(to or self._discard_target())[0]

    def discard(self, *, actor: Actor, at: datetime, to: str | None = None) -> Restored:
        """Give the draft up: back to the version published last, or to `to`. An edited draft is kept first."""
        with self._store.writing():
            plan, commit = self._restoration(to or self._discard_target())
            return draft.restore(self._store, plan, commit, reason="discard", actor=actor, at=checked_time(at))

    def drop_draft(self, selector: str) -> KeptDraft:
        """Remove a kept draft for good; DraftNotFound when there is none of that id."""
        found = self.kept_draft(selector)
        with self._store.writing():
            kept.drop(self._store, found)
        return found

    def signs_by_default(self, environ: Mapping[str, str] | None = None) -> bool:
        """Whether git is set to sign every tag; `environ` may hold git's variables."""
        from gitagent.git.identity import signs_by_default

        return signs_by_default(self._store.repository, environ or {})

    def _words(
        self,
        actor: Actor,
        at: datetime,
        name: str | None,
        message: str | None,
        sign: bool,
        force: str | None = None,
    ) -> Words:
        from gitagent.agent.words import Words

        if not sign:
            return Words.checked(actor, at, name, message, forced=force)
        from gitagent.git.signing import Signer

        signer = Signer(self._store.repository, actor)
        words = Words.checked(actor, at, name, message, signer, forced=force)
        signer.unlock()
        return words

    def _permit(self, actor: Actor | None, operation: Operation, environment: EnvironmentName | None = None) -> None:
        if actor is not None:
            from gitagent.agent import operations

            operations.permit(self._store, actor, operation, environment)

    def _as_asked(
        self,
        move: Move,
        sign: bool,
        actor: Actor | None = None,
        force: str | None = None,
        *,
        untested: bool = False,
    ) -> Move:
        """The move, refused where it has to be signed and is not to be, or where its tests do not allow it."""
        from gitagent.agent.signatures import refuse_unsigned

        refuse_unsigned(self._store, move.environment, signed=sign)
        if move.gate is not None:
            from gitagent.agent import trials

            trials.refuse_short(self._store, move, forced=force, actor=actor, untested=untested)
        return move

    def _tried(self, words: Words, run: Callable[[Candidate], Result] | None, act: Callable[[], Moved]) -> Moved:
        try:
            return act()
        except Untested:
            if run is None:
                raise
        from gitagent.agent import trials  # 5 ms that a move without tests does not pay

        return trials.tried(self._store, words, run, act)

    def _named(self, selector: str) -> VersionNumber:
        """The version of that name; one that others may have made meanwhile by its number, looked for when needed."""
        if VersionNumber.matches(selector) and self._store.remote is not None:
            return VersionNumber.parse(selector)
        return selectors.select_version(self._store, selector)

    def _target(self, environment: str, version: str | None) -> tuple[EnvironmentName, VersionNumber | None]:
        name = selectors.select_environment(self._store, environment)
        return name, None if version is None else self._named(version)

    def _restoration(self, selector: str) -> tuple[RestorePlan, str]:
        found = selectors.select(self._store, selector)
        if found.commit is None:
            raise InvalidName("the draft is what is being edited", hint="Name a version, such as v7 or live.")
        return draft.plan_restore(self._store, found.label, found.version, found.commit), found.commit

    def _discard_target(self) -> str:
        state = self._store.ledger.state()
        return str(state.last_published or state.last_version)
