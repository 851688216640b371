"""Tools: how they are answered while an agent is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gitagent.chat.answers import Conversation, ToolCall
from gitagent.chat.mocks import mocked


class Tools(Protocol):
    """What answers when an agent calls a tool."""

    def call(self, conversation: Conversation, name: str, arguments: Mapping[str, object]) -> ToolCall:
        """The call with its result; one that could not be made says why, and is no failure."""
        ...


class Rehearsal:
    """Tools that answer what the conversation's fixtures and mocks say. No service is asked."""

    def call(self, conversation: Conversation, name: str, arguments: Mapping[str, object]) -> ToolCall:
        """The fixture of that tool, or else what services answer it, whatever the arguments."""
        if name in conversation.fixtures:
            return ToolCall(name, arguments, conversation.fixtures[name])
        nothing = ToolCall(name, arguments, problem="no fixture says what it answers")
        return mocked(conversation, name, arguments) or nothing
