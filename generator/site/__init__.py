"""Build the pages into a searchable site."""
