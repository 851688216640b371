"""JSON Schemas of the native layout's files. They are made from the models, and kept, so that reading one is quick.

`python -m gitagent.config.native.schemas` writes them anew; a test holds them against the models.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

KINDS = {"agent": "Agent", "topic": "Topic", "tool": "Tool", "suite": "Suite"}
"""The model of each kind of file."""

_FOLDER = Path(__file__).parent


@cache
def kept_schema(kind: str) -> dict[str, Any]:
    """The schema of a kind of file. It is shared: copy it before changing it."""
    schema: dict[str, Any] = json.loads((_FOLDER / f"{kind}.json").read_bytes())
    return schema


def write_schemas() -> None:
    """Write the schema of every kind, as its model has it now."""
    from gitagent.config.native import models
    from gitagent.config.schemas import schema_of

    for kind, model in KINDS.items():
        text = json.dumps(schema_of(getattr(models, model)), indent=2, ensure_ascii=False) + "\n"
        (_FOLDER / f"{kind}.json").write_text(text, encoding="utf-8")
