"""Git-backed configuration manager for conversational agents."""
