"""Say what was begun, and the few steps that are left.

This module must not look anything up.
"""

from __future__ import annotations

from generator.config import Config


def render_begun(config: Config, kept: str | None, *, has_remote: bool) -> str:
    """Say what archive.yml says now and what to do next; `kept` is the name of the file that was there before."""
    names = ", ".join(repository.name for repository in config.repositories)
    lines = [f"archive.yml follows {names}; days end at midnight in {config.timezone}."]
    if kept:
        lines.append(f"What was there before is kept as {kept}.")
    steps = ["`daybook update` archives the newest days."]
    if config.analysis.models:
        model = config.analysis.models[0]
        steps.insert(
            0, f"Set {model.key} in the environment; `daybook estimate` says what {model.name} would cost."
        )
    steps.append("`daybook build` makes the site in site/, `daybook serve` shows it.")
    if has_remote:
        steps.append("Commit archive.yml and push it.")
    return "\n".join([*lines, *(f"{number}. {step}" for number, step in enumerate(steps, 1))])
