"""Make the tests independent of who runs them, and tell at the end how much they tried.

No settings of the developer's git, no key, no clock in hypothesis, no waiting for a disk.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
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

# Hundreds of processes are started; each would compile all of Daybook anew where nothing that is compiled may be kept.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A disk acknowledges a small file after milliseconds, and the tests write so many that they would wait half their time.
# Memory keeps them if there is plenty of it (in KiB); the long form has files as large as a disk.
MEMORY, PLENTY = Path("/dev/shm"), 4 << 20
FOLDER = "PYTEST_DEBUG_TEMPROOT"


def _find_memory() -> int:
    """Find how many KiB a folder in memory can take."""
    try:
        told = re.search(r"MemAvailable: +([0-9]+)", Path("/proc/meminfo").read_text(encoding="ascii"))
        place = os.statvfs(MEMORY)
    except OSError:
        return 0
    return min(int(told[1]) if told else 0, place.f_bavail * place.f_frsize >> 10)


if not IS_LONG and FOLDER not in os.environ and os.access(MEMORY, os.W_OK) and _find_memory() > PLENTY:
    os.environ[FOLDER] = str(MEMORY)

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
