"""Sources: whose calls a command is about, one agent's or those of all agents below a folder, and where they are."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import click

from gitagent.cli.cells import plain
from gitagent.cli.session import Session
from gitagent.cli.suggestions import did_you_mean, listed
from gitagent.errors import AgentNotFound, CallNotFound, EnvironmentNotFound, InvalidName
from gitagent.names import EnvironmentName, VersionNumber

if TYPE_CHECKING:
    from gitagent import Agent, Calls, Filter

STORE = "GITAGENT_CALLS"
"""In it stands where calls are kept, where that is not the agent's own folder."""
MOST_SHOWN = 10


class Source(NamedTuple):
    """Calls, and the place where they are kept, as people may read it.

    They are those of `agent`, or of the agents below a folder: of the one called `name`, or of all.
    """

    calls: Calls
    place: str
    agent: Agent | None = None
    name: str | None = None

    @property
    def has_many(self) -> bool:
        """Whether they are of more than one agent."""
        return self.agent is None and self.name is None

    @property
    def whose(self) -> str:
        """Of whom they are, in words; empty where only one agent can be meant."""
        return "" if self.agent is not None else f" of {plain(self.name) if self.name else 'all agents'}"

    def version(self, selector: str) -> VersionNumber:
        """The version that is meant. Of all agents of a folder, only a number means one."""
        if self.agent is not None:
            return self.agent.version(selector).number
        if self.name is not None:
            resolver = self.calls.agents.get(self.name)
            is_number = VersionNumber.matches(selector)
            return (resolver.version(selector) if is_number else resolver.environment(selector)).version
        if VersionNumber.matches(selector):
            return VersionNumber.parse(selector)
        raise InvalidName(
            f"of all agents, '{plain(selector)}' is not one version",
            hint="Write it v7 or 7, or say which agent: --agent NAME",
            code="invalid-version",
        )

    def environment(self, text: str) -> EnvironmentName:
        """The environment that is meant; EnvironmentNotFound where no agent has it."""
        if self.agent is not None:
            return self.agent.environment(text).name
        agents, name = self.calls.agents, EnvironmentName.parse(text)
        agents.refresh()
        snapshots = [agents.get(each).known() for each in ([self.name] if self.name else agents.names())]
        known = sorted({each for found in snapshots if found is not None for each in found.environments})
        if str(name) not in known:
            hint = did_you_mean(str(name), known, otherwise=f"There is {listed(known)}.")
            raise EnvironmentNotFound(f"no environment is called '{plain(text)}'", hint=hint)
        return name

    def filter(
        self,
        *,
        version: str | None = None,
        environment: str | None = None,
        number: str | None = None,
        outcome: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Filter:
        """What options say of the calls that are wanted."""
        from gitagent import Filter
        from gitagent.runtime.dialling import dialled

        return Filter(
            agent=self.name,
            version=None if version is None else self.version(version),
            environment=None if environment is None else self.environment(environment),
            number=None if number is None else dialled(number),
            outcome=outcome,
            since=since,
            until=until,
        )


@contextmanager
def source(session: Session, name: str | None = None, *, of_one: bool = False) -> Iterator[Source]:
    """The calls of the agent around; where there is none, of the agents below the folder, or of the one so called.

    `of_one`: of one agent alone, which has to be named where there are several.
    """
    try:
        agent = session.agent
    except AgentNotFound:
        if (found := _of_folder(session, name, of_one=of_one)) is None:
            raise
    else:
        found = _of_agent(session, agent, name)
    with found.calls:
        try:
            yield found
        except CallNotFound as error:
            raise CallNotFound(error.message, hint=f"Looked in {found.place}. {error.hint}") from error


def _of_agent(session: Session, agent: Agent, name: str | None) -> Source:
    from gitagent.runtime.folders import name_of
    from gitagent.runtime.places import kept_at
    from gitagent.runtime.stores import shown

    own = name_of(agent.path)
    if name not in {None, own}:
        raise AgentNotFound(
            f"these are the calls of {own}, not of {name}",
            hint="Name the folder of the agents: gitagent -C FOLDER calls",
        )
    kept = kept_at(agent.path, os.environ.get(STORE) or None)
    if kept.passed_over is not None:
        folder = shlex.quote(str(kept.passed_over))
        session.note(
            f"note: more calls of {plain(own)} were recorded by a server: "
            f"gitagent -C {plain(folder)} calls --agent {plain(shlex.quote(own))}"
        )
    return Source(agent.open_calls(os.environ.get(STORE) or None), plain(shown(kept.address)), agent)


def _of_folder(session: Session, name: str | None, *, of_one: bool) -> Source | None:
    """The calls of what a server serves from this folder; None where there is nothing that it could serve."""
    from gitagent.runtime.places import FILE, open_folder, own_folder
    from gitagent.runtime.stores import shown

    folder, store = session.path.absolute(), os.environ.get(STORE) or None
    calls = open_folder(folder, store)
    if not (names := calls.agents.names()):
        calls.close()
        return None
    if of_one and name is None:
        name = _only(names)
    if name is not None and name not in names:
        _refuse_unknown(calls, name, names)
    return Source(calls, plain(shown(store or str(own_folder(folder) / FILE))), name=name)


def _only(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    raise click.UsageError(f"--agent is needed, to say of which one: {_some(names)}", click.get_current_context())


def _refuse_unknown(calls: Calls, name: str, names: list[str]) -> None:
    """AgentNotFound for an agent that is not there and, unlike one that was taken away, never had a call."""
    from gitagent import Filter

    if not calls.find(Filter(agent=name), limit=1).calls:
        hint = did_you_mean(name, names, otherwise=f"There is {_some(names)}.")
        raise AgentNotFound(f"there is no agent {name}", hint=hint)


def _some(names: list[str]) -> str:
    return listed([*names[:MOST_SHOWN], "others"] if len(names) > MOST_SHOWN else names)
