"""Tools: how they are answered while an agent is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gitagent.chat.answers import Conversation, ToolCall


class Tools(Protocol):
    """What answers when an agent calls a tool."""

    def call(self, conversation: Conversation, name: str, arguments: Mapping[str, object]) -> ToolCall:
        """The call with its result; one that could not be made says why, and is no failure."""
        ...


class Rehearsal:
    """Tools that answer what the conversation's fixtures say. No service is asked."""

    def call(self, conversation: Conversation, name: str, arguments: Mapping[str, object]) -> ToolCall:
        """The fixture of that tool, whatever the arguments."""
        if name in conversation.fixtures:
            return ToolCall(name, arguments, conversation.fixtures[name])
        return ToolCall(name, arguments, problem="no fixture says what it answers")
