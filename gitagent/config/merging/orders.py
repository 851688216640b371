"""Orders: in which order the keys and named items of both sides follow each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gitagent.config.scalars import Scalar


class OrdersDifferError(Exception):
    """Both sides put the same things into another order, and not into the same one."""


def merged_order(
    base: Sequence[Scalar], ours: Sequence[Scalar], theirs: Sequence[Scalar], kept: Collection[Scalar], *, strict: bool
) -> list[Scalar]:
    """The names that are kept, in the order of the side that changed it, with the other side's additions.

    What was added stands after what it was put after; ours before theirs at one place. OrdersDifferError where both
    changed the order and it is `strict`, else ours is kept.
    """
    first, second = ours, theirs
    if _is_reordered(base, theirs):
        if not _is_reordered(base, ours):
            first, second = theirs, ours
        elif strict and _common(ours, theirs) != _common(theirs, ours):
            raise OrdersDifferError
    known, others = set(first), set(second)
    added: dict[Scalar | None, list[Scalar]] = {}
    after: Scalar | None = None
    for name in second:
        if name in known:
            after = name
        else:
            added.setdefault(after, []).append(name)
    order: list[Scalar] = []
    waiting = added.get(None, [])
    for name in first:
        if name in others:
            order += waiting
            waiting = added.get(name, [])
        order.append(name)
    held = set(kept)
    merged = [name for name in (*order, *waiting) if name in held]
    return merged if first is ours else _ours_first(merged, ours, theirs)


def _ours_first(merged: list[Scalar], ours: Sequence[Scalar], theirs: Sequence[Scalar]) -> list[Scalar]:
    """Of additions that stand side by side, ours before theirs."""
    in_ours, in_theirs = set(ours), set(theirs)
    order: list[Scalar] = []
    run: list[Scalar] = []
    for name in merged:
        if (name in in_ours) != (name in in_theirs):
            run.append(name)
            continue
        order += sorted(run, key=lambda each: each not in in_ours)
        order.append(name)
        run = []
    return order + sorted(run, key=lambda each: each not in in_ours)


def _is_reordered(base: Sequence[Scalar], new: Sequence[Scalar]) -> bool:
    return _common(base, new) != _common(new, base)


def _common(names: Sequence[Scalar], others: Sequence[Scalar]) -> list[Scalar]:
    held = set(others)
    return [name for name in names if name in held]
