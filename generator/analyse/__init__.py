"""Say of one commit what it is, why it matters and what it touches."""
