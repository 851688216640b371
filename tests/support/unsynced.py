"""Unsynced: tests that do not wait for the disk. What a power cut leaves is tried by processes of their own."""

from __future__ import annotations

import pygit2
import pytest


@pytest.fixture(autouse=True)
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither git nor gitagent waits until what it wrote is on the disk."""
    pygit2.settings.enable_fsync_gitdir(False)
    monkeypatch.setattr(type(pygit2.settings), "enable_fsync_gitdir", lambda *_: None)
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("gitagent.runtime.stores.sqlite.SYNCED", "PRAGMA synchronous = OFF")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsync")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "none")
