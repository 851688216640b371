"""Trying an agent: conversations with a version or the draft, and what answers in them."""
