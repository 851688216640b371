"""Merging by line: git's own merge of three texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitagent.errors import StorageFailed
from gitagent.git.merging import merge_text

LABELS = ("your draft", "v8")
BASE = b"one\ntwo\nthree\nfour\nfive\n"


def test_changes_apart_are_both_taken() -> None:
    assert merge_text(BASE, BASE.replace(b"one", b"1"), BASE.replace(b"five", b"5"), LABELS) == (
        b"1\ntwo\nthree\nfour\n5\n",
        True,
    )


def test_both_sides_of_a_conflict_stand_between_marks() -> None:
    assert merge_text(BASE, BASE.replace(b"two", b"2"), BASE.replace(b"two", b"zwei"), LABELS) == (
        b"one\n<<<<<<< your draft\n2\n=======\nzwei\n>>>>>>> v8\nthree\nfour\nfive\n",
        False,
    )


def test_the_users_own_style_of_marks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "merge.conflictStyle")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "diff3")
    assert b"|||||||" not in merge_text(b"a\n", b"b\n", b"c\n", LABELS)[0]


def test_many_conflicts_are_still_conflicts() -> None:
    base = b"".join(b"a\n%d\n-\n-\n-\n-\n" % at for at in range(300))
    ours, theirs = base.replace(b"a", b"b"), base.replace(b"a", b"c")
    content, is_clean = merge_text(base, ours, theirs, LABELS)
    assert not is_clean
    assert content.count(b"<<<<<<< your draft") == 300


def test_what_git_does_not_merge_is_refused() -> None:
    with pytest.raises(StorageFailed, match=r"git merge-file failed: .*binary"):
        merge_text(b"\0", b"\0a", b"\0b", LABELS)


def test_without_git_it_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StorageFailed, match="git could not be started"):
        merge_text(b"a\n", b"b\n", b"c\n", LABELS)
