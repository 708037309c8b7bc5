"""Make the tests independent of who runs them: no settings of the developer's git, no key, no clock in hypothesis."""

from __future__ import annotations

import os

from hypothesis import settings

from generator.cli import drop_git_settings, take_secrets
from tests.browser import browser
from tests.sites import english_site, site

# Fixtures that several modules share.
__all__ = ["browser", "english_site", "site"]

# A hook that runs the tests has git's variables set, and a developer's own git may sign commits or rename branches.
drop_git_settings(os.environ)
take_secrets(os.environ)
os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
os.environ["GIT_CONFIG_NOSYSTEM"] = "1"

# Two cores that also run a browser make any deadline a coin toss; CI looks at the same examples every time.
settings.register_profile("daybook", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("daybook")
