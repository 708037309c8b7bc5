"""Measure what Daybook promises, side by side with the plain tools, in one run."""
