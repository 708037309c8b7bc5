"""Say what landed between two commits of a repository."""
