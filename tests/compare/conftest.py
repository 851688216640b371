"""Lets the tests of comparing import what they share: `compare_trees`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
