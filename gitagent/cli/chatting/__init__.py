"""Chatting: `gitagent chat` on a terminal and through a pipe."""
