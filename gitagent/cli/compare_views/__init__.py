"""The views of a comparison: side by side, as a unified patch, by configuration key, and as an HTML page."""

from __future__ import annotations

from gitagent.cli.compare_views.keytable import keys
from gitagent.cli.compare_views.page import html
from gitagent.cli.compare_views.sides import side_by_side
from gitagent.cli.compare_views.unified import unified

__all__ = ["html", "keys", "side_by_side", "unified"]
