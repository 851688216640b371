"""A first look at the whole pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.building import Built


def test_a_version_goes_from_draft_to_live_and_back(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").promote("pre-release", "live").publish("three\n").promote("pre-release", "live")
    assert built.serving() == {"sandbox": "v3", "pre-release": "v3", "live": "v3"}
    built.rollback("live")
    assert built.serving() == {"sandbox": "v3", "pre-release": "v3", "live": "v2"}
    assert built.git("show", "live:notes.md") == "two\n"
    built.git("fsck", "--strict")
