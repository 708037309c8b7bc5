"""Begin an archive in a folder: guess, ask, write archive.yml, say what is next.

This module must not do any of these itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from generator.collect.origin import find_origin
from generator.starting.asking import Asking, Guesses
from generator.starting.guesses import guess_language, guess_site_url, guess_timezone
from generator.starting.plan import write_plan
from generator.starting.telling import render_begun


def begin(root: Path, environment: Mapping[str, str], questions: Callable[..., Asking]) -> str:
    """Write archive.yml into `root` and return what to tell; `questions` still lack the folder and the guesses.

    Raises ConfigError or RemoteError for what was given and does not hold; then nothing was written.
    """
    origin = find_origin(root)
    guesses = Guesses(
        language=guess_language(environment),
        timezone=guess_timezone(environment),
        site_url=guess_site_url(origin),
    )
    config, kept = write_plan(root, questions(root=root, guesses=guesses).ask())
    return render_begun(config, kept, has_remote=origin is not None)
