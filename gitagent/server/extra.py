"""Extra: what a server needs besides gitagent itself, and what to type where it is missing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gitagent.errors import ExtraMissing

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def needed(package: str) -> Iterator[None]:
    """Around the import of a package of the extra `server`; ExtraMissing where it is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise ExtraMissing(
            f"the server needs {package}, which is not installed",
            hint="pip install 'gitagent-config[server]'",
        ) from error
