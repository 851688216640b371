"""Running the command line inside the test's own process: whole output, fixed time, no real terminal needed."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gitagent.cli.main import main
from support.building import Clock

_VARYING = (
    (re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b"), "<ULID>"),
    (re.compile(r"^[0-7][0-9A-HJKMNP-TV-Z]{9}\b", re.MULTILINE), "<id>"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "<commit>"),
)


@dataclass(frozen=True)
class Ran:
    """What a run came to: its exit code and everything it wrote, with ids and the temporary folder left out."""

    code: int
    out: str = ""
    err: str = ""


class Stream(io.TextIOWrapper):
    """Standard output or input as a test gives it, a terminal or not."""

    def __init__(self, content: bytes = b"", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8", newline="\n", write_through=True)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def written(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode("utf-8", "surrogateescape")


class Cli:
    """The command line in a folder. Each run happens a minute after the one before."""

    def __init__(self, folder: Path, temporary: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.temporary = temporary
        self.patch = patch
        self.clock = Clock()

    def __call__(
        self,
        *arguments: str,
        typed: str | None = None,
        columns: int | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run `gitagent` with these arguments.

        With `typed`, somebody sits at a terminal and types that; with `columns`, stdout is a terminal that wide.
        """
        screen = columns is not None
        streams = {
            "stdin": Stream((typed or "").encode(), terminal=typed is not None),
            "stdout": Stream(terminal=screen),
            "stderr": Stream(terminal=typed is not None),
        }
        with self.patch.context() as patch:
            patch.chdir(self.folder)
            patch.setenv("GIT_COMMITTER_DATE", f"@{int(self.clock().timestamp())} +0000")
            patch.setenv("NO_COLOR", "1")
            patch.setenv("COLUMNS", str(columns or 80))
            for name, value in (environ or {}).items():
                patch.setenv(name, value)
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            code = main(arguments)
        return Ran(code, self._steady(streams["stdout"].written()), self._steady(streams["stderr"].written()))

    def json(self, *arguments: str) -> Any:
        """The one object that a run with --json prints; the run has to succeed."""
        import json

        ran = self(*arguments, "--json")
        assert (ran.code, ran.err) == (0, "")
        return json.loads(ran.out)

    def _steady(self, text: str) -> str:
        text = text.replace(os.fspath(self.temporary), "<tmp>")
        for pattern, name in _VARYING:
            text = pattern.sub(name, text)
        return text


def process(*arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `gitagent` as a process of its own, its output through pipes."""
    return subprocess.run(
        [sys.executable, "-m", "gitagent", *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, **(environ or {})},
        encoding="utf-8",
        errors="surrogateescape",
        stdin=subprocess.DEVNULL,
    )
