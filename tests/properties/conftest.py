"""These tests do not wait for the disk."""

from support.unsynced import unsynced

__all__ = ["unsynced"]
