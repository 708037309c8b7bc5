"""Find which commits landed, on which day, and what they changed."""
