"""Views of calls: as text, as files for other programs, and their statistics as text and as a page."""
