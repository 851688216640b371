"""The runtime: which configuration answers a call, and what became of it."""
