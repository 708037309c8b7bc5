"""Keep the archive on disk."""
