"""Writing: the files that a conversation leaves behind, each written in one step."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.chat.transcripts import BEGINNING, transcript

if TYPE_CHECKING:
    from gitagent.agent.agent import Agent
    from gitagent.cli.chatting.talk import Talk

FORMAT = "gitagent.chat/1"
_RECORD = f'{{\n  "format": "{FORMAT}"'


def refuse_unfit(agent: Agent, path: Path) -> None:
    """Refuse a file that is no transcript's to write: git's own, and whatever stands there and is no transcript."""
    from gitagent.cli import pagefile  # with all that makes a page of a comparison

    pagefile.refuse_unfit(agent, path, beginning=_RECORD if _is_record(path) else BEGINNING)


def write_transcript(talk: Talk, path: Path) -> None:
    """Write the conversation as text, or as a record where the file's name ends in .json."""
    if _is_record(path):
        text = json.dumps({"format": FORMAT, **talk.record()}, indent=2, ensure_ascii=False) + "\n"
    else:
        whole = [*talk.earlier, (talk.title, talk.thread)]
        text = "\n".join(transcript(thread.conversation, title, thread.borrowed) for title, thread in whole)
    content = text.encode("utf-8", "backslashreplace")
    if path.exists() and not path.is_file():  # a pipe or a device is written to as it is
        path.write_bytes(content)
    else:
        replace(path, content)


def replace(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever reads it finds the old content or the new."""
    path.parent.mkdir(exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _is_record(path: Path) -> bool:
    return path.suffix.lower() == ".json"
