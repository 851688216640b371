"""Templates: the sample agents that a new agent can start from."""

from __future__ import annotations

from pathlib import Path

from gitagent.config.files import File, MemoryFile
from gitagent.errors import NotFound

_FOLDER = Path(__file__).parent

_DESCRIPTIONS = {
    "blank": "The least that is an agent: a name, a greeting and a prompt to fill in.",
    "clinic": "A surgery's reception: appointments, prescriptions, results, and emergencies first.",
    "restaurant": "A restaurant's telephone: bookings, changes, allergies, groups and directions.",
}


def names() -> tuple[str, ...]:
    """The names of all templates, sorted."""
    return tuple(sorted(_DESCRIPTIONS))


def describe(name: str) -> str:
    """What a template holds, in one line. An unknown name is refused as `template-not-found`."""
    _check(name)
    return _DESCRIPTIONS[name]


def load(name: str) -> dict[str, File]:
    """A template's files by path, sorted. An unknown name is refused as `template-not-found`."""
    _check(name)
    folder = _FOLDER / name
    # By suffix, because a file manager or an editor may leave files of its own in the folder.
    found = sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".md"} and path.is_file())
    return {path.relative_to(folder).as_posix(): MemoryFile(path.read_bytes()) for path in found}


def _check(name: str) -> None:
    if name in _DESCRIPTIONS:
        return
    from difflib import get_close_matches  # 10 ms: only when a name is wrong

    close = get_close_matches(name.lower(), names(), n=1)
    hint = f"Did you mean '{close[0]}'?" if close else f"The templates are {', '.join(names())}."
    raise NotFound(f"there is no template '{name}'", hint=hint, code="template-not-found")
