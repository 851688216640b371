"""Beginnings: how a call begins - what answers it found, recorded and said, or why it cannot begin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import AgentNotFound, CallStoreFailed, GitagentError, NumberNotFound
from gitagent.names import PhoneNumber, VersionNumber
from gitagent.runtime import checks
from gitagent.runtime.asking import Asked, Beginning
from gitagent.runtime.records import NOTHING, Call
from gitagent.runtime.transitions import Addition, taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.runtime.asking import Answered
    from gitagent.runtime.configurations import ServedConfiguration
    from gitagent.runtime.folders import Agents
    from gitagent.runtime.recording import Recorded, Recorder
    from gitagent.runtime.resolutions import Resolution, Resolver

ANSWERED = "answered_with"
"""The attribute of a call that says with which other version a client answered it, while it could not ask."""


class Begun(NamedTuple):
    """A call that has begun, and the configuration that it keeps to its end.

    `recorded` is false while the store of calls is away: this machine will bring the call there. `is_new` is false
    where it had begun before.
    """

    call: Call
    configuration: ServedConfiguration
    recorded: bool
    is_new: bool = False


class Beginnings:
    """Where calls of some agents begin. Many threads can use it."""

    def __init__(self, agents: Agents, recorder: Recorder) -> None:
        self._agents = agents
        self._recorder = recorder

    def begin_all(self, beginnings: Sequence[Beginning]) -> list[Begun | GitagentError]:
        """Each call begun, or what refuses it; all recorded in one transaction."""
        answers = [self._prepared(each) for each in beginnings]
        recorded = iter(self._recorder.begin_all([each.wanted for each in answers if isinstance(each, _Answer)]))
        return [
            self._begun(beginning, answer, next(recorded)) if isinstance(answer, _Answer) else answer
            for beginning, answer in zip(beginnings, answers, strict=True)
        ]

    def _prepared(self, beginning: Beginning) -> _Answer | Begun | GitagentError:
        """What is to be recorded, or what the call was begun with before, or what refuses it."""
        try:
            asked = Asked.of(beginning.number, beginning.environment, beginning.version, beginning.direction)
            said = beginning.checked()
        except GitagentError as error:
            return error
        try:
            was = said.answered
            return _wanted(said, asked, self._answer(asked, said) if was is None else self._was(asked, said, was))
        except GitagentError as error:
            return self._begun_before(beginning, asked, error)

    def _begun(
        self, beginning: Beginning, answer: _Answer, recorded: Recorded | GitagentError
    ) -> Begun | GitagentError:
        if isinstance(recorded, GitagentError):
            return recorded
        call, configuration = recorded.call, answer.configuration
        if not beginning.sees(call.agent):
            return taken(call.call_id)
        if (call.commit, call.agent) != (answer.wanted.commit, answer.wanted.agent):
            try:
                configuration = self.configuration(call)
                if beginning.answered is not None:
                    call = self._noted(call, answer.wanted.version)
            except GitagentError as error:
                return error
        return Begun(call, configuration, recorded.delivered, recorded.is_new)

    def _answer(self, asked: Asked, beginning: Beginning) -> Resolution:
        if asked.number is not None:
            return self._numbered(asked.number, beginning)
        resolver = self._resolver(beginning, beginning.agent)
        if asked.environment is not None:
            return resolver.environment(asked.environment).with_headers(beginning.sip_headers)
        return resolver.version(asked.version or "").with_headers(beginning.sip_headers)

    def _was(self, asked: Asked, beginning: Beginning, said: Answered) -> Resolution:
        """What a client answered the call with, if that was served at some time; with the SIP headers of then."""
        version = VersionNumber.parse(str(said.version))
        if asked.version is not None:
            found = self._resolver(beginning, beginning.agent).version(asked.version)
            if found.version != version:
                checks.refuse("the call", f"it asks for {found.version}, and was answered with {version}")
        elif asked.environment is not None:
            found = self._resolver(beginning, beginning.agent).served(asked.environment, version)
        else:
            agent, environment = said.agent, said.environment
            if agent is None or environment is None:
                now = self._numbered(asked.number or "", beginning)
                agent, environment = now.agent, now.environment
            found = self._resolver(beginning, agent).served(str(environment), version)
        number = None if asked.number is None else PhoneNumber.stored(asked.number)
        return replace(found, number=number, sip_headers=beginning.sip_headers or NOTHING)

    def _resolver(self, beginning: Beginning, name: str | None) -> Resolver:
        if name is None:
            raise AgentNotFound("it is not said which agent", hint="Name one, or a number.")
        if not beginning.sees(name) or name != (beginning.agent or name):
            raise AgentNotFound(f"there is no agent {name}")
        return self._agents.get(name)

    def _noted(self, call: Call, answered: VersionNumber) -> Call:
        """The call, which keeps the version that it began with here, and says with which one it was answered.

        So it is where a client began it, and waited in vain for what it was told.
        """
        return self._recorder.change(call.call_id, Addition(attributes={ANSWERED: str(answered)})).call

    def _numbered(self, number: str, beginning: Beginning) -> Resolution:
        found = self._agents.number(number, beginning.sip_headers, among=beginning.agents)
        if found.agent != (beginning.agent or found.agent):
            raise NumberNotFound(
                f"{number} is assigned to no environment of {beginning.agent}",
                hint="Leave the agent out: the number names it.",
            )
        return found

    def _begun_before(self, beginning: Beginning, asked: Asked, error: GitagentError) -> Begun | GitagentError:
        """A call that began when what it asks for was still there; else what is wrong now."""
        try:
            known = self._recorder.known(beginning.call_id)
        except CallStoreFailed:
            return error
        if known is None or not beginning.sees(known.agent) or known.agent != (beginning.agent or known.agent):
            return error
        if not asked.fits(known):
            return taken(beginning.call_id)
        try:
            recorded = not self._recorder.is_waiting(known.call_id)
            return Begun(known, self.configuration(known), recorded)
        except GitagentError as away:
            return away

    def configuration(self, call: Call) -> ServedConfiguration:
        """The configuration that a call is pinned to."""
        resolver = self._agents.get(call.agent)
        return self._agents.configurations.get(resolver.path, call.commit)


class _Answer(NamedTuple):
    """A call as it is to be recorded, and what answers it."""

    wanted: Call
    configuration: ServedConfiguration


def _wanted(said: Beginning, asked: Asked, answer: Resolution) -> _Answer:
    wanted = Call(
        said.call_id,
        answer.agent,
        answer.version,
        answer.commit,
        said.at,
        answer.environment,
        answer.number,
        said.caller,
        asked.direction,
        answer.sip_headers,
        attributes=said.attributes or NOTHING,
    )
    # Read before anything is recorded: a call that cannot be answered never began.
    return _Answer(wanted, answer.configuration)
