"""Receive: what a shared remote takes, decided in its own hooks for every push, whoever made it."""
