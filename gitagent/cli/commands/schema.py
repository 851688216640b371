"""`gitagent schema`."""

from __future__ import annotations

import click

from gitagent.cli.command import command
from gitagent.cli.options import argument
from gitagent.cli.session import Session
from gitagent.cli.suggestions import did_you_mean, listed
from gitagent.errors import NotFound

EXAMPLE = """gitagent schema
gitagent schema agent > agent.schema.json"""


@command(example=EXAMPLE)
@argument("kind", "The kind of file; all kinds are listed unless given.", required=False, completes="schemas")
@click.pass_obj
def schema(session: Session, kind: str | None) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    from gitagent.config import schemas

    kinds = schemas.kinds()
    if kind is None:
        session.show("schema", json=lambda: {"kinds": list(kinds)}, text=lambda: kinds)
        return
    kind = schemas.kind_named(kind) or kind
    if kind not in kinds:
        hint = did_you_mean(kind, kinds, otherwise=f"The kinds are {listed(kinds)}.")
        raise NotFound(f"there is no kind of file '{kind}'", hint=hint, code="schema-not-found")
    if session.json:
        session.write_json("schema", {"schema": schemas.schema(kind)})
    else:
        session.write(f"{_text(kind)}\n")  # never broken to fit: it is for a program


def _text(kind: str) -> str:
    import json

    from gitagent.config import schemas

    return json.dumps(schemas.schema(kind), indent=2, ensure_ascii=False)
