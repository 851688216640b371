"""Keys: by what a server's answers are remembered - a number, an environment, or a version of an agent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_DIALLED = re.compile(r"(?:sips?:|tel:)?([^@;?<>]+)(?:[@;?].*)?", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[ ().\-/]")


def key_of(body: Mapping[str, Any]) -> str:
    """What a call begins with, by which its answer is remembered."""
    if "environment" in body:
        return environment_key(body["agent"], body["environment"])
    if "version" in body:
        return f"version {body['agent']} {body['version'].removeprefix('v')}"
    return number_key(body["from" if body.get("direction") == "outbound" else "to"])


def number_key(number: str) -> str:
    """A number, however it is written with its country code."""
    match = _DIALLED.fullmatch(number.strip())
    return f"number {_PUNCTUATION.sub('', number if match is None else match[1])}"


def environment_key(agent: str, environment: str) -> str:
    """An environment of an agent."""
    return f"environment {agent} {environment.replace('_', '-')}"
