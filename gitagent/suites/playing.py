"""Playing: one case from its first turn to its last, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.chat.answers import VOICE, Conversation
from gitagent.chat.responders import Player, Responder
from gitagent.suites.expectations import Heard, Miss, Unanswerable, miss
from gitagent.suites.limits import TooLong, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitagent.config.meaning.values import Case, Expectation, Meaning, Suite

MOST_TURNS = 20
"""A scenario ends after so many."""


class Played(NamedTuple):
    """What came of a case. It passed where nothing was missed and nothing is left that only a model could say."""

    conversation: Conversation
    misses: tuple[Miss, ...] = ()
    unanswered: str | None = None


class Stage:
    """Where cases are played: an agent, a responder, and the agent as it is with each set of variables."""

    def __init__(self, meaning: Meaning, responder: Responder) -> None:
        self.meaning = meaning
        self.responder = responder
        self._filled: dict[str, Meaning] = {}

    def play(self, suite: Suite, case: Case, *, seconds: float) -> Played:
        """Play a case, which may take so long."""
        play = _Play(self._begun(suite, case), self.responder)
        try:
            with within(seconds):
                play.whole(case)
        except TooLong:
            missed = Miss(play.line or case.line, f"it is over within {seconds:g} s", "it is not, and was broken off")
            play.misses.append(missed)
        return Played(play.conversation, tuple(play.misses), play.unanswered)

    def _begun(self, suite: Suite, case: Case) -> Conversation:
        channel = case.channel or VOICE
        meaning = self._meaning(case.variables, case.variant, channel)
        return Conversation(
            meaning._replace(language=case.language) if case.language else meaning,
            channel,
            case.sip_headers,
            {**suite.fixtures, **case.fixtures},
            caller=case.caller,
            at=case.at,
            mocks=case.mocks,
        )

    def _meaning(self, variables: Mapping[str, object], variant: str | None, channel: str) -> Meaning:
        key = repr((sorted(variables.items()), variant, channel))
        if key not in self._filled:
            self._filled[key] = self.meaning.filled(variables, variant=variant).on(channel)
        return self._filled[key]


class _Play:
    """A case in the playing."""

    def __init__(self, conversation: Conversation, responder: Responder) -> None:
        self.conversation = conversation
        self.misses: list[Miss] = []
        self.unanswered: str | None = None
        self.line = 0
        self._responder = responder

    def whole(self, case: Case) -> None:
        if not case.expect and not any(turn.expect for turn in case.turns):
            self.unanswered = "it expects nothing, and would pass whatever came"
        for turn in case.turns:
            self.line = turn.line
            self._say(turn.user)
            self._hold(turn.expect, Heard(self.conversation, (self.conversation.turns[-1].answer,)))
            if self.misses:
                return  # what follows would be about another conversation than the case means
        if case.scenario:
            self._improvise(case.scenario)
        if self.unanswered is None:
            self._hold(case.expect, Heard(self.conversation, tuple(each.answer for each in self.conversation.turns)))

    def _improvise(self, scenario: str) -> None:
        """Let a model play the user."""
        if not isinstance(self._responder, Player):
            self.unanswered = "only a model can play the user of a scenario: --responder openai"
            return
        if not self.conversation.turns:
            self._say(None)
        while len(self.conversation.turns) <= MOST_TURNS and self.conversation.handoff is None:
            said = self._responder.play(self.conversation, scenario)
            if said is None:
                return
            self._say(said)

    def _say(self, text: str | None) -> None:
        self.conversation = self.conversation.after(text, self._responder.answer(self.conversation, text))

    def _hold(self, expected: Iterable[Expectation], heard: Heard) -> None:
        for each in expected:
            self.line = each.line
            try:
                missed = miss(each, heard, self._responder)
            except Unanswerable as error:
                self.unanswered = str(error)
                continue
            if missed is not None:
                self.misses.append(missed)
