"""The entry of the server's hooks: whatever goes wrong, the push is refused and the user is told."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest
from support.building import Built, git
from support.refusing import refusal

from gitagent.receive import __main__ as entry
from gitagent.receive.installing import install
from gitagent.receive.pushes import RefUpdate, read_updates
from gitagent.receive.refs import is_guarded, refuse_name, version_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LINE = f"{'0' * 40} {'1' * 40} refs/heads/live"
NAMES = {"sandbox", "pre-release", "live"}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The hook's exit code and what it said, in a repository."""

    def hook(folder: Path, *lines: str, name: str = "pre-receive") -> tuple[int, str]:
        monkeypatch.chdir(folder)
        content = "".join(f"{line}\n" for line in lines)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(error := io.BytesIO(), write_through=True))
        code = entry.main([name])
        return code, error.getvalue().decode()

    return hook


def test_a_push_of_nothing_is_taken(run: Callable[..., tuple[int, str]], build: Callable[..., Built]) -> None:
    assert run(build().path / ".git") == (0, "")


def test_a_hook_of_another_name_refuses(run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    code, said = run(tmp_path, name="update")
    assert (code, said.splitlines()[0]) == (1, "gitagent: this hook is not one of gitagent's")


def test_a_repository_that_cannot_be_opened_takes_nothing(run: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    code, said = run(tmp_path, LINE)
    assert (code, said.startswith("gitagent: refused: repository-unreadable: ")) == (1, True)


def test_a_repository_of_another_object_format_takes_nothing(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "--object-format=sha256", "r.git")
    install(tmp_path / "r.git", server=True)
    git(tmp_path, "init", "-q", "--object-format=sha256", "w")
    git(tmp_path / "w", "commit", "-q", "--allow-empty", "-m", "x")
    with pytest.raises(AssertionError, match=r"refused: repository-unreadable: .*sha256"):
        git(tmp_path / "w", "push", "-q", "../r.git", "main")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("oh"), "gitagent: refused: bug: ZeroDivisionError: oh\n"),
        (OSError(28, "No space left"), "gitagent: refused: storage-failed: [Errno 28] No space left\n"),
    ],
)
def test_whatever_goes_wrong_the_push_is_refused(
    run: Callable[..., tuple[int, str]],
    build: Callable[..., Built],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(entry, "pre_receive", broken)
    code, all_said = run(build().path / ".git", LINE)
    assert (code, all_said.startswith(said)) == (1, True)


def test_what_git_says_of_a_push_is_read_strictly() -> None:
    assert read_updates([LINE, f"{'1' * 40} {'0' * 40} refs/tags/v1"]) == [
        RefUpdate("refs/heads/live", None, "1" * 40),
        RefUpdate("refs/tags/v1", "1" * 40, None),
    ]
    for line in ("", LINE[1:], LINE.replace("refs/", ""), LINE + "\n", f"{'0' * 64} {'1' * 64} refs/heads/live"):
        assert refusal(lambda line=line: read_updates([line])).code == "hook-input"  # type: ignore[misc]  # bound


@pytest.mark.parametrize(
    ("ref", "rule"),
    [
        ("refs/heads/main", None),
        ("refs/heads/gitagent/ledger", None),
        ("refs/heads/live", None),
        ("refs/heads/alive", None),
        ("refs/heads/feature/live", None),
        ("refs/heads/v7", None),
        ("refs/tags/v7", None),
        ("refs/tags/v7.1", None),
        ("refs/tags/v7-rc1", None),
        ("refs/tags/7", None),
        ("refs/tags/version-7", None),
        ("refs/tags/feature/v7", None),
        ("refs/notes/commits", None),
        ("refs/heads/live/x", "rule-branch-name"),
        ("refs/heads/LIVE", "rule-branch-name"),
        ("refs/heads/l\u200bive", "rule-branch-name"),
        ("refs/heads/\uff4dain", "rule-branch-name"),
        ("refs/heads/gitagent", "rule-branch-name"),
        ("refs/heads/gitagent/x", "rule-branch-name"),
        ("refs/tags/v07", "rule-tag-name"),
        ("refs/tags/v7/x", "rule-tag-name"),
        ("refs/tags/v_7", "rule-tag-name"),
        ("refs/tags/v7-", "rule-tag-name"),
        ("refs/tags/V7", "rule-tag-name"),
        ("refs/tags/v\u0967", "rule-tag-name"),
        ("refs/tags/Live", "rule-tag-name"),
        ("refs/gitagent/drafts/x", "rule-closed"),
        ("refs/remotes/origin/main", "rule-closed"),
        ("refs/replace/x", "rule-closed"),
    ],
)
def test_names_that_mislead_are_refused(ref: str, rule: str | None) -> None:
    if rule is None:
        refuse_name(ref, NAMES)
    else:
        assert refusal(lambda: refuse_name(ref, NAMES)).code == rule


def test_what_the_ledger_says_is_guarded() -> None:
    refs = [
        "heads/main",
        "heads/gitagent/ledger",
        "heads/live",
        "tags/v7",
        "heads/x",
        "tags/v7.0",
        "heads/v7",
        "tags/7",
    ]
    assert [ref for ref in refs if is_guarded(f"refs/{ref}", NAMES)] == refs[:4]
    assert (str(version_of("refs/tags/v7")), version_of("refs/heads/v7"), version_of("refs/tags/7")) == (
        "v7",
        None,
        None,
    )
