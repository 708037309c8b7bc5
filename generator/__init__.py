"""Daybook keeps a page for every day and every commit of the git repositories you follow."""

__version__ = "0.1.0"
