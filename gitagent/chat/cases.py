"""Cases: a conversation turned into one, and put into a suite beside those that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gitagent.chat.answers import VOICE, Answer, Conversation, Exchange
from gitagent.chat.responders import EMBEDDED
from gitagent.config.documents import Document
from gitagent.config.yaml import dump, parse
from gitagent.errors import Refused

LONGEST_NAME = 100
_LONGEST_SENTENCE = 80
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)|.+", re.DOTALL)
_HEADING = "# Conversations from gitagent chat. What is expected of each answer is yours to sharpen.\n"


class Added(NamedTuple):
    """A suite's file with a case more, the name that the case has in it, and the line on which it begins."""

    content: bytes
    name: str
    line: int


def case_of(
    conversation: Conversation,
    name: str,
    *,
    variables: Mapping[str, object],
    responder: str,
    variant: str | None = None,
) -> dict[str, Any]:
    """The conversation as a case: what was said, and that it has to come to the same topics, tools and handoffs.

    Where an answer comes to none of these, its first sentence is expected, unless a model found the words.
    """
    calls = [call for each in conversation.turns for call in each.answer.tool_calls if call.problem is None]
    whole = {
        "name": name[:LONGEST_NAME],
        "variant": variant,
        "variables": dict(variables),
        "fixtures": {call.name: call.result for call in calls},
        "channel": conversation.channel if conversation.channel != VOICE else None,
        "sip_headers": dict(conversation.sip_headers),
        "turns": [_turn(each, by_rules=responder == EMBEDDED) for each in conversation.turns],
    }
    return {key: value for key, value in whole.items() if value}


def name_of(conversation: Conversation) -> str:
    """What to call the case: the first thing that the user said."""
    said = next((" ".join(each.user.split()) for each in conversation.turns if each.user), "")
    shown = "".join(character for character in said if character.isprintable())
    return shown[:LONGEST_NAME].strip() or "greets"


def with_case(content: bytes | None, path: str, case: Mapping[str, Any]) -> Added:
    """A suite's file with one case more; everything that stands in it stays as it is.

    The case is given another name where its own is taken. A file that is no suite, or is written in a way that nothing
    can be added to as text, is refused as `suite-unreadable`.
    """
    if content is None:
        whole = (_HEADING + dump({"cases": [case]})).encode(errors="replace")
        return Added(whole, case["name"], _line(parse(whole, path), 0))
    document = parse(content, path)
    cases = _cases(document)
    if cases is None:
        raise _unreadable(path)
    case = {**case, "name": _free(case["name"], [each.get("name") for each in cases if isinstance(each, dict)])}
    text = document.text if document.text.endswith("\n") else f"{document.text}\n"
    added = (text + _indented(dump([case]), _dash(document))).encode(errors="replace")
    again = parse(added, path)
    if again.problems != document.problems or _cases(again) != [*cases, case]:
        raise _unreadable(path)
    return Added(added, case["name"], _line(again, len(cases)))


def _turn(exchange: Exchange, *, by_rules: bool) -> dict[str, Any]:
    expect = list(_expected(exchange.answer, by_rules=by_rules))
    said = {} if exchange.user is None else {"user": exchange.user}
    return {**said, **({"expect": expect} if expect else {})}


def _expected(answer: Answer, *, by_rules: bool) -> Iterator[dict[str, str]]:
    if answer.topic is not None:
        yield {"topic": answer.topic}
    for name in dict.fromkeys(call.name for call in answer.tool_calls):
        yield {"tool_called": name}
    if answer.handoff is not None:
        yield {"handoff": answer.handoff}
    sentence = _SENTENCE.match(answer.text.strip())
    if by_rules and sentence is not None and answer.topic is None and answer.handoff is None:
        yield {"contains": sentence[0].partition("\n")[0][:_LONGEST_SENTENCE].rstrip()}


def _cases(document: Document) -> list[Any] | None:
    value = document.value if document.complete and isinstance(document.value, dict) else {}
    cases = value.get("cases")
    return cases if isinstance(cases, list) and cases and list(value)[-1] == "cases" else None


def _line(document: Document, number: int) -> int:
    return document.place(("cases", number))[0]


def _dash(document: Document) -> int:
    """How far the dashes of the cases are indented."""
    line, _ = document.place(("cases", 0))
    written = document.text.splitlines()[line - 1]
    return len(written) - len(written.lstrip())


def _indented(text: str, indent: int) -> str:
    return "".join(f"{' ' * indent}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def _free(name: str, taken: list[object]) -> str:
    lowered = {each.casefold() for each in taken if isinstance(each, str)}
    names = (name if number == 1 else f"{name[: LONGEST_NAME - 7]} ({number})" for number in range(1, 100_000))
    return next(each for each in names if each.casefold() not in lowered)


def _unreadable(path: str) -> Refused:
    return Refused(
        f"a case cannot be added to {path}",
        hint="Let it be a valid suite that ends with its cases, one below the other; or move it away.",
        code="suite-unreadable",
    )
