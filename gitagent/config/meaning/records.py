"""Records: values of the model, and what hangs on them, as JSON has them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def record_of(value: object) -> Any:
    """A value with named parts as an object, and everything in it likewise."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: record_of(part) for name, part in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(name): record_of(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [record_of(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # YAML has numbers that JSON has not
    return value
