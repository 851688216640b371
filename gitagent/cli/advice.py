"""Advice: what somebody would sensibly type next, given an agent's status."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitagent import Status

Step = tuple[str, str]


def next_steps(status: Status) -> list[Step]:
    """Commands worth typing next, in order, each with what it does."""
    return [*_draft_steps(status), *_promotions(status)]


def _draft_steps(status: Status) -> Iterator[Step]:
    first = status.environments[0]
    if status.draft is not None and (status.draft.edited or status.draft.base != status.last_version):
        yield "gitagent compare" + ("" if status.draft.edited else " latest"), "see what you changed"
        yield "gitagent publish", f"make it {status.last_version.next()} and put it in {first.name}"
    elif first.version is None or status.last_version > first.version:
        served = f", which serves {first.version}" if first.version else ""
        yield f"gitagent publish {status.last_version}", f"put it in {first.name}{served}"


def _promotions(status: Status) -> Iterator[Step]:
    for before, after in pairwise(status.environments):
        if before.version is not None and (after.version is None or before.version > after.version):
            was = f"from {after.version} " if after.version else ""
            yield f"gitagent promote {after.name}", f"move it {was}to {before.version}"
