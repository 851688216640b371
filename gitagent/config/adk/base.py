"""What all models of ADK files share: known keys are typed strictly, other keys are let be."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from gitagent.config.models import Model

Text = str | None
"""A text; an empty value in the file counts as none."""

Name = Annotated[str, Field(min_length=1)]
"""A text that other files refer to."""

Scalar = str | bool | int | float
"""A text that its author may have left unquoted."""


def about(description: str, **limits: Any) -> Any:
    """A key that may be left out; `description` is what an editor shows, `limits` are pydantic's own."""
    return Field(default=None, description=description, **limits)


class AdkModel(Model):
    """A mapping in a file of an ADK project.

    The ADK is released several times a week and gains keys as it goes, so that a key unknown here says
    nothing about the project.
    """

    model_config = ConfigDict(extra="allow")
