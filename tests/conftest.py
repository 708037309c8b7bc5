"""Make the tests independent of who runs them, and tell at the end how much they tried.

No settings of the developer's git, no key, no clock in hypothesis.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

from generator.cli import drop_git_settings, take_secrets
from tests.browser import browser
from tests.sites import english_site, site
from tests.soak import FIGURES, IS_LONG, note_figure, render_figures

# Fixtures that several modules share.
__all__ = ["browser", "english_site", "site"]

# A hook that runs the tests has git's variables set, and a developer's own git may sign commits or rename branches.
drop_git_settings(os.environ)
take_secrets(os.environ)
os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
os.environ["GIT_CONFIG_NOSYSTEM"] = "1"

# Two cores that also run a browser make any deadline a coin toss. The short form looks at the same examples every
# time, so that a change is to blame for what fails; the long one looks for new ones.
settings.register_profile("daybook", deadline=None, derandomize=not IS_LONG, print_blob=True)
settings.load_profile("daybook")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the figures of a worker of pytest-xdist to the process that leads."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = dict(FIGURES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take a worker's figures."""
    for name, (tried, failed) in getattr(node, "workeroutput", {}).get("figures", {}).items():
        note_figure(name, tried, failed)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures, whatever became of the tests."""
    if FIGURES:
        terminalreporter.section(f"what was tried, in the {'long' if IS_LONG else 'short'} form")
        for line in render_figures(FIGURES):
            terminalreporter.write_line(line)
