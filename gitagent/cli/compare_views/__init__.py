"""The views of a comparison: side by side, as a unified patch, by configuration key, as a page and as data."""
