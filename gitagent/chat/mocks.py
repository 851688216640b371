"""Mocks: what a tool answers where its case says what the services answer that the tool's code asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitagent.chat.answers import Conversation, ToolCall
from gitagent.config.meaning.values import Mock


def mocked(conversation: Conversation, name: str, arguments: Mapping[str, object]) -> ToolCall | None:
    """The call with what the services answer, by their operations where it asks for several.

    Each call takes the next answers. None where the case says nothing of what the tool asks for.
    """
    asks = [operation for operation in _operations(conversation, name) if operation in conversation.mocks]
    answers = {}
    for operation in asks:
        mock = _following(conversation.mocks[operation], _times(conversation, operation))
        if mock is None:
            return ToolCall(name, arguments, problem=f"the case has no further answer of {operation}")
        answers[operation] = _told(mock)
    return ToolCall(name, arguments, answers[asks[0]] if len(asks) == 1 else answers) if asks else None


def _operations(conversation: Conversation, name: str) -> tuple[str, ...]:
    return next((tool.operations for tool in conversation.meaning.tools if tool.name == name), ())


def _times(conversation: Conversation, operation: str) -> int:
    """How often the operation was asked for so far. A call that could not be made has asked for nothing."""
    calls = (call for turn in conversation.turns for call in turn.answer.tool_calls if call.problem is None)
    return sum(operation in _operations(conversation, call.name) for call in calls)


def _following(mocks: Iterable[Mock], times: int) -> Mock | None:
    """The answer after so many; None where there is none left."""
    for mock in mocks:
        if mock.times < 0 or times < mock.times:
            return mock
        times -= mock.times
    return None


def _told(mock: Mock) -> object:
    """The body, and the status as well where that is not a good one, or there is nothing else."""
    if 200 <= mock.status < 300 and mock.body is not None:
        return mock.body
    return {"status": mock.status} if mock.body is None else {"status": mock.status, "body": mock.body}
