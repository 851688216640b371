"""The merge driver: git's own merges, rebases and cherry-picks bring YAML and JSON together as `gitagent sync` does."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.errors import StorageFailed
from gitagent.git.remote import run_git

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = "merge-driver"
SECTION = "merge.gitagent"
PATTERNS = ("*.yaml", "*.yml", "*.json")
SIDES = ("ours", "theirs")
"""What the two sides are called in the marks: all that git tells a driver of them."""
_ATTRIBUTE = "merge=gitagent"
_LINES = tuple(f"{pattern} {_ATTRIBUTE}" for pattern in PATTERNS)


def install_driver(folder: Path) -> None:
    """Let git use the driver in this clone, for every file that the agent's own .gitattributes says nothing about."""
    _configure(folder, f"{SECTION}.name", "YAML and JSON by key, as gitagent merges them")
    _configure(folder, f"{SECTION}.driver", _command())
    uncovered = [
        line for line in _LINES if _attribute(folder, line.partition(" ")[0].replace("*", "any")) == "unspecified"
    ]
    if uncovered:
        _write(attributes(folder), [*_foreign(folder), *uncovered])


def uninstall_driver(folder: Path) -> None:
    """Let git merge on its own again. Where the agent's .gitattributes names the driver, git then merges by line."""
    if run_git(folder, "config", "--local", f"{SECTION}.driver").returncode == 0:
        _configure(folder, "--remove-section", SECTION)
    if attributes(folder).exists():
        _write(attributes(folder), _foreign(folder))


def is_driver_installed(folder: Path) -> bool:
    """Whether git uses the driver here."""
    known = run_git(folder, "config", f"{SECTION}.driver").returncode == 0
    return known and any(_attribute(folder, f"any.{kind}") == "gitagent" for kind in ("yaml", "yml", "json"))


def attributes(folder: Path) -> Path:
    """Where a clone keeps attributes of its own, that are no part of any version."""
    return folder.absolute() / run_git(folder, "rev-parse", "--git-path", "info/attributes").stdout.strip()


def merge_into(ours: Path, base: Path, theirs: Path, *, path: str, mark: int) -> bool:
    """Bring both sides together in the file `ours`, as git wants it of a driver; whether they agree.

    `mark` is how long the marks of a conflict are to be. `path` is where the file belongs.
    """
    from gitagent.config.merging import merge
    from gitagent.git.merging import merge_text

    old, mine, new = (each.read_bytes() for each in (base, ours, theirs))
    merged = merge(old, mine, new, path=path, labels=SIDES, merge_text=merge_text)
    if merged.beside is None and merged.content is not None:
        ours.write_bytes(_with_marks(merged.content, mark))
    return merged.is_clean


def _with_marks(content: bytes, length: int) -> bytes:
    """The text with marks as long as git asks for: within a merge of merges they must not be taken for others'."""
    from gitagent.config.merging import marked_conflicts

    lines = content.split(b"\n")
    for line in (line for each in marked_conflicts(content) for line in each):
        lines[line - 1] = lines[line - 1][:1] * length + lines[line - 1][7:]
    return b"\n".join(lines)


def _command() -> str:
    """What git runs in a shell. Where gitagent is gone or fails, git merges by line, as it does without a driver."""
    python = shlex.quote(sys.executable).replace("%", "%%")
    by_line = f"git merge-file --marker-size=%L -L {SIDES[0]} -L base -L {SIDES[1]} %A %O %B"
    return (
        f"{python} -P -m gitagent hooks merge -- %O %A %B %L %P"
        f" || {{ code=$?; [ $code -gt 1 ] || exit $code; {by_line}; }}"
    )


def _configure(folder: Path, *arguments: str) -> None:
    done = run_git(folder, "config", "--local", *arguments)
    if done.returncode != 0:
        raise StorageFailed(
            f"cannot write git's configuration: {done.stderr.strip()}",
            hint="Look after .git/config, and a config.lock beside it that a git which died has left.",
        )


def _attribute(folder: Path, name: str) -> str:
    return run_git(folder, "check-attr", "merge", "--", name).stdout.strip().rpartition(": ")[2]


def _foreign(folder: Path) -> list[str]:
    """The lines that are not ours."""
    try:
        text = attributes(folder).read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if line not in _LINES]


def _write(file: Path, lines: Iterable[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    if not text:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(exist_ok=True)
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8", errors="surrogateescape")
    new.replace(file)
