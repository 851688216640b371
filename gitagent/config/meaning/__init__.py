"""Meaning: what an agent's files say, in one model for every layout."""

from __future__ import annotations

from gitagent.config.files import Files
from gitagent.config.layouts import Layout, agent_name, layout_of
from gitagent.config.meaning.reading import Reading
from gitagent.config.meaning.values import Meaning


def meaning_of(files: Files) -> Meaning:
    """The model of an agent's files, whatever their layout; texts are as they stand, see `Meaning.filled`.

    Nothing is refused: what is not understood, or is no part of the model, is named in `unread`.
    """
    layout, reading = layout_of(files), Reading(files)
    if layout is Layout.NATIVE:
        from gitagent.config.meaning.native import native_meaning

        meaning = native_meaning(reading)
    elif layout is Layout.ADK:
        from gitagent.config.meaning.adk import adk_meaning

        meaning = adk_meaning(reading)
    else:
        meaning = Meaning(layout)
    reading.leave_the_rest()
    return meaning._replace(name=agent_name(files), unread=reading.unread)
