"""Merging: two texts that come from one, brought together line by line by git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from gitagent.errors import StorageFailed

_MOST_CONFLICTS = 127  # git's exit code counts conflicts up to here; above are failures


def merge_text(base: bytes, ours: bytes, theirs: bytes, labels: tuple[str, str]) -> tuple[bytes, bool]:
    """The merged text, and whether there is no conflict in it; both sides of one stand between git's marks.

    `labels` are what ours and theirs are called in the marks. StorageFailed where git cannot do it.
    """
    with TemporaryDirectory(prefix="gitagent-") as folder:
        names = ("ours", "base", "theirs")
        for name, content in zip(names, (ours, base, theirs), strict=True):
            Path(folder, name).write_bytes(content)
        shown = (labels[0], "base", labels[1])
        options = [option for label in shown for option in ("-L", label)]
        # The user's merge.conflictStyle must not change what the marks look like.
        command = ["git", "-c", "merge.conflictStyle=merge", "merge-file", "-p", *options, *names]
        try:
            answer = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        except OSError as error:
            raise StorageFailed(f"git could not be started: {error}", hint="Is git installed? git --version") from error
    if not 0 <= answer.returncode <= _MOST_CONFLICTS:
        said = answer.stderr.decode("utf-8", "replace").strip()
        raise StorageFailed(f"git merge-file failed: {said}")
    return answer.stdout, answer.returncode == 0
