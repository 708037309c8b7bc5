"""Bring reports of single days, one Markdown document each, into the archive, and give days back as such reports."""
