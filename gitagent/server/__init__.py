"""The server: agents, their configurations and their calls over HTTP."""
