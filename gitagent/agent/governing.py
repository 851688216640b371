"""Governing: environments' rules and numbers, people's roles and their approvals."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gitagent.agent import selectors
from gitagent.agent.changing import Changing
from gitagent.agent.events import Event, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gitagent.agent.approvals import Approval, Approved
    from gitagent.agent.grants import Grant, Granted
    from gitagent.agent.numbers import EnvironmentChange
    from gitagent.agent.relocations import NumberMove
    from gitagent.agent.results import Result
    from gitagent.agent.trials import Recorded
    from gitagent.agent.words import Words
    from gitagent.names import Actor, PhoneNumber


class Governing(Changing):
    """What those do who say how an agent is run, and what each of it would come to."""

    def plan_rules(
        self,
        environment: str,
        *,
        requires_number: bool | None = None,
        approvals: int | None = None,
        requires_signature: bool | None = None,
        tests: int | None = None,
        not_worse: bool | None = None,
        actor: Actor | None = None,
    ) -> EnvironmentChange:
        """What `set_rules` would do."""
        from gitagent.agent import numbers
        from gitagent.agent.settings import Settings

        self._permit(actor, Operation.RULES, selectors.select_environment(self._store, environment))
        asked = Settings(requires_number, approvals, requires_signature, tests, not_worse)
        return numbers.rules(self._store, environment, asked)

    def set_rules(
        self,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        requires_number: bool | None = None,
        approvals: int | None = None,
        requires_signature: bool | None = None,
        tests: int | None = None,
        not_worse: bool | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Event:
        """Change an environment's rules; None leaves one as it is. Refused where none of them would change.

        `tests` are the per cent of a version's cases that have to pass, 0 for none; with `not_worse`, no case may fail
        that passes on what the environment serves.
        """
        plan = partial(
            self.plan_rules,
            environment,
            requires_number=requires_number,
            approvals=approvals,
            requires_signature=requires_signature,
            tests=tests,
            not_worse=not_worse,
        )
        return self._change(self._words(actor, at, None, message, sign), plan)

    def plan_assign_number(
        self,
        number: PhoneNumber,
        environment: str,
        sip_headers: Mapping[str, str] | None = None,
        *,
        actor: Actor | None = None,
    ) -> EnvironmentChange:
        """What `assign_number` would do."""
        from gitagent.agent import numbers

        self._permit(actor, Operation.ASSIGN_NUMBER, selectors.select_environment(self._store, environment))
        return numbers.assignment(self._store, number, environment, sip_headers)

    def assign_number(
        self,
        number: PhoneNumber,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        sip_headers: Mapping[str, str] | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Event:
        """Assign a number to an environment; refused when another environment has it.

        `sip_headers` replace those that it has; None keeps them.
        """
        words = self._words(actor, at, None, message, sign)
        return self._change(words, lambda: self.plan_assign_number(number, environment, sip_headers))

    def plan_release_number(self, number: PhoneNumber, *, actor: Actor | None = None) -> EnvironmentChange:
        """What `release_number` would do."""
        from gitagent.agent import numbers

        if (found := next((each for each in self.numbers() if each.number == number), None)) is not None:
            self._permit(actor, Operation.RELEASE_NUMBER, found.environment)
        return numbers.release(self._store, number)

    def release_number(
        self, number: PhoneNumber, *, actor: Actor, at: datetime, message: str | None = None, sign: bool = False
    ) -> Event:
        """Take a number from its environment; NumberNotFound when none has it."""
        return self._change(self._words(actor, at, None, message, sign), lambda: self.plan_release_number(number))

    def plan_move_number(
        self,
        number: PhoneNumber,
        environment: str,
        sip_headers: Mapping[str, str] | None = None,
        *,
        actor: Actor | None = None,
    ) -> NumberMove:
        """What `move_number` would do."""
        from gitagent.agent import relocations

        plan = relocations.relocation(self._store, number, environment, sip_headers)
        for change in plan:
            self._permit(actor, change.operation, change.environment)
        return plan

    def move_number(
        self,
        number: PhoneNumber,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        sip_headers: Mapping[str, str] | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Event:
        """Take a number from its environment and assign it to another, in one step; the second of both events.

        NumberNotFound when no environment has it. `sip_headers` replace those that it has; None keeps them.
        """
        from gitagent.agent import relocations

        words = self._words(actor, at, None, message, sign)
        return relocations.carry_out(
            self._store, words, partial(self.plan_move_number, number, environment, sip_headers)
        )

    def plan_grant(self, role: str, who: str, *, environment: str | None = None, actor: Actor) -> Grant:
        """What `grant` would do."""
        return self._grant(Operation.GRANT, role, who, environment, actor)

    def grant(
        self,
        role: str,
        who: str,
        *,
        actor: Actor,
        at: datetime,
        environment: str | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Granted:
        """Give a role to somebody, by their e-mail, or to `everybody`; for one environment alone if it is named.

        The first role of an agent is an admin's. From then on admins alone give and take roles.
        """
        words = self._words(actor, at, None, message, sign)
        return self._give(Operation.GRANT, role, who, environment, words)

    def plan_revoke(self, role: str, who: str | None, *, environment: str | None = None, actor: Actor) -> Grant:
        """What `revoke` would do."""
        return self._grant(Operation.REVOKE, role, who, environment, actor)

    def revoke(
        self,
        role: str,
        who: str | None,
        *,
        actor: Actor,
        at: datetime,
        environment: str | None = None,
        message: str | None = None,
        sign: bool = False,
    ) -> Granted:
        """Take a role from somebody to whom it was given. Without `who`, an environment follows the general role again.

        Refused for the last admin.
        """
        words = self._words(actor, at, None, message, sign)
        return self._give(Operation.REVOKE, role, who, environment, words)

    def plan_approve(self, selector: str, environment: str, *, actor: Actor) -> Approval:
        """What `approve` would do."""
        from gitagent.agent import approvals

        name = selectors.select_environment(self._store, environment)
        return approvals.plan(self._store, self._named(selector), name, actor)

    def approve(
        self,
        selector: str,
        environment: str,
        *,
        actor: Actor,
        at: datetime,
        message: str | None = None,
        sign: bool = False,
    ) -> Approved:
        """Approve a version for an environment; refused for its author, and for who has done so already."""
        from gitagent.agent import approvals

        name = selectors.select_environment(self._store, environment)
        words = self._words(actor, at, None, message, sign)
        return approvals.approve(self._store, self._named(selector), name, words)

    def record_result(
        self, result: Result, *, actor: Actor, at: datetime, message: str | None = None, sign: bool = False
    ) -> Recorded:
        """Record what came of running the suites of a tree; it holds for every version with exactly those files.

        Refused unless it is of the very cases of that tree.
        """
        from gitagent.agent import trials

        return trials.record(self._store, result, self._words(actor, at, None, message, sign))

    def _change(self, words: Words, plan: Callable[[], EnvironmentChange]) -> Event:
        from gitagent.agent import numbers

        return numbers.carry_out(self._store, words, plan)

    def _grant(self, operation: Operation, role: str, who: str | None, environment: str | None, actor: Actor) -> Grant:
        from gitagent.agent import grants

        return grants.grant(self._store, grants.read_change(self._store, operation, role, who, environment), actor)

    def _give(self, operation: Operation, role: str, who: str | None, environment: str | None, words: Words) -> Granted:
        from gitagent.agent import grants

        change = grants.read_change(self._store, operation, role, who, environment)
        return grants.carry_out(self._store, change, words)
