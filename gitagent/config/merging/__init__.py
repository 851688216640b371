"""Merging: what two people made of the same configuration, brought together three ways."""
