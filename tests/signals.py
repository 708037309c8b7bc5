"""Signals of the programs that tests start."""

from __future__ import annotations

import signal


def hear_ctrl_c() -> None:
    """Listen to Ctrl-C again: a shell's background job ignores it, and so do the programs it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
