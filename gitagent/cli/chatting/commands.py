"""Commands: what can be typed in a conversation that is not said to the agent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gitagent.chat.cases import case_of, name_of, with_case
from gitagent.cli.cells import plain
from gitagent.cli.chatting.notes import tell_notes, tell_unread
from gitagent.cli.chatting.showing import beside_lines, turn_lines, why_lines
from gitagent.cli.chatting.writing import replace
from gitagent.cli.suggestions import did_you_mean
from gitagent.cli.tables import pairs
from gitagent.config.layouts import Layout
from gitagent.errors import NotFound, Refused

if TYPE_CHECKING:
    from gitagent.cli.chatting.talk import Talk

SAVED = "tests/from_chat.yaml"
"""The suite that conversations are saved into, in the draft."""


class Left(Exception):  # noqa: N818  # no failure: somebody is done
    """The user left the conversation."""


class ChatCommand(NamedTuple):
    """What a command takes, what it does in words, and what does it."""

    takes: str
    does: str
    run: Callable[[Talk, str], Iterator[str]]


def run(talk: Talk, line: str) -> Iterator[str]:
    """What a command has to say; an unknown one is refused as `unknown-chat-command`."""
    word, _, rest = line.partition(" ")
    found = COMMANDS.get(_SHORT.get(word, word))
    if found is None:
        hint = did_you_mean(word, COMMANDS, otherwise="/help lists them; two slashes say a text that begins with one.")
        raise NotFound(f"there is no command '{word}' in a conversation", hint=hint, code="unknown-chat-command")
    return found.run(talk, rest.strip())


def summaries() -> Mapping[str, str]:
    """Every command with what it does, for completion."""
    return {name: each.does for name, each in COMMANDS.items()}


def _help(talk: Talk, rest: str) -> Iterator[str]:
    rows = [(f"{name} {each.takes}".strip(), each.does) for name, each in COMMANDS.items()]
    yield from pairs(rows, talk.session.screen)


def _why(talk: Talk, rest: str) -> Iterator[str]:
    yield from why_lines(talk.thread, talk.session.screen)


def _compare(talk: Talk, selector: str) -> Iterator[str]:
    if not selector:
        raise Refused("/compare needs a version or an environment", hint="/compare live", code="selector-missing")
    other = talk.beside(selector)
    tell_unread(talk, other.side)
    yield from beside_lines(talk.thread, other, talk.session.screen)


def _save_case(talk: Talk, name: str) -> Iterator[str]:
    if talk.side.meaning.layout is Layout.PLAIN:
        raise Refused(
            "an agent without agent.yaml or project.yaml has no suites",
            hint="See: gitagent schema agent",
            code="no-suites",
        )
    path = talk.session.agent.path / SAVED
    talk.session.agent.draft()  # refused in a bare repository, which has no draft to save into
    case = case_of(
        talk.conversation,
        name or name_of(talk.conversation),
        variables=talk.circumstances.variables,
        responder=talk.responder.name,
        variant=talk.circumstances.variant,
    )
    added = with_case(path.read_bytes() if path.exists() else None, SAVED, case)
    replace(path, added.content)
    yield f"  saved as the case '{plain(added.name)}', {SAVED}:{added.line}; the draft is edited by that"


def _restart(talk: Talk, rest: str) -> Iterator[str]:
    talk.restart()
    tell_notes(talk)
    yield plain(talk.title)
    talk.say(None)
    yield from turn_lines(talk.thread, talk.session.screen, echo=False)


def _quit(talk: Talk, rest: str) -> Iterator[str]:
    raise Left


COMMANDS = {
    "/why": ChatCommand("", "why it was answered so: topics and scores, or messages and tool calls", _why),
    "/compare": ChatCommand("VERSION|ENV", "what another version answers to the same", _compare),
    "/save-case": ChatCommand("[NAME]", "save the conversation as a test case, in the draft", _save_case),
    "/restart": ChatCommand("", "begin anew, with the draft or environment as it is now", _restart),
    "/help": ChatCommand("", "this list", _help),
    "/quit": ChatCommand("", "leave; Control-D does, too", _quit),
}
_SHORT = {"/exit": "/quit", "/q": "/quit", "/?": "/help"}
