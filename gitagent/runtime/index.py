"""The index: what the ledgers of many agents said when they were last read, so that a start does not read them all.

It is kept by the ledgers' tips. A tip names all that its ledger says, so that what is found by one is never out of
date, whoever moved, copied, packed or replaced a repository meanwhile.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gitagent.agent.states import State

FORMAT = 1
"""To be changed with whatever is kept, or means something else: an index of another format is not read."""


class Told(NamedTuple):
    """What a ledger says, as far as it takes to answer.

    `environments` are in the pipeline's order, each with the number and the commit of the version that it serves, if it
    serves one; `numbers`, in E.164 form, each have an environment's name and their SIP headers.
    """

    environments: Mapping[str, tuple[int, str] | None]
    numbers: Mapping[str, tuple[str, Mapping[str, str]]]


def told_of(state: State) -> Told:
    """What a ledger's state says."""
    return Told(
        {
            str(each.name): None if each.version is None or each.commit is None else (each.version.number, each.commit)
            for each in state.environments
        },
        {
            str(number): (str(environment), headers)
            for each in state.environments
            for number, environment, headers in each.numbers
        },
    )


def read_index(path: Path) -> dict[str, Told]:
    """What was kept, by the tips of the ledgers; nothing where that cannot be read, or is not what was written."""
    try:
        digest, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if digest != _digest(content):  # torn, or by another hand
        return {}
    values = json.loads(content)
    if values["format"] != FORMAT:
        return {}
    return {tip: Told(*told) for tip, told in values["ledgers"].items()}


def write_index(path: Path, ledgers: Mapping[str, Told]) -> None:
    """Keep it for the next start. Where there is no room for it, or no right to write, that is only slower."""
    content = json.dumps({"format": FORMAT, "ledgers": ledgers}, separators=(",", ":")).encode()
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        # Neither synced nor locked: what a power cut or another process leaves half written is told by the digest.
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(_digest(content) + b"\n" + content)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()


def _digest(content: bytes) -> bytes:
    return sha256(content).hexdigest().encode()
