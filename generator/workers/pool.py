"""Work in processes of this machine.

This module must not hand a process anything but its pieces: they are started anew and not forked, so that none
inherits a secret or a lock that this process holds.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import TypeVar

from generator.workers.leading import do_piece

T = TypeVar("T")
R = TypeVar("R")


class Pool:
    """So many processes, started when there is a piece for them."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._executor: ProcessPoolExecutor | None = None
        self._strangers: set[BaseProcess] = set()

    def open(self) -> None:
        """Make a pool, in the place of a broken one."""
        if self._executor is not None:
            self._executor.shutdown()
        self._strangers = set(active_children())
        self._executor = ProcessPoolExecutor(self.number, get_context("spawn"), _begin)

    def submit(self, work: Callable[[T], R], piece: T) -> Future[R]:
        """Take a piece."""
        assert self._executor is not None  # it was opened
        with _blocking_interrupt():
            return self._executor.submit(do_piece, work, piece)

    def watch(self) -> None:
        """Break a pool of which a process died in the middle of its answer; any other death does so at once."""
        if self._executor is not None and not all(map(BaseProcess.is_alive, self._list_processes())):
            self._give_up(self._executor)

    def explain(self, error: Exception, name: str) -> None:
        """Leave every error as it is: it is the work's own."""
        del error, name

    def close(self, *, is_done: bool) -> None:
        """End the processes."""
        if self._executor is None:
            return
        if not is_done:
            self._give_up(self._executor)
        self._executor.shutdown(cancel_futures=True)
        self._executor = None

    def _list_processes(self) -> list[BaseProcess]:
        # A pool that is broken has forgotten them.
        return list((getattr(self._executor, "_processes", None) or {}).values())

    def _give_up(self, executor: ProcessPoolExecutor) -> None:
        """End the processes at once, and the wait for what is missing of an answer that one had begun."""
        for process in set(active_children()) - self._strangers:
            process.terminate()
        # An answer ends when nobody is left who could write it, and this process could.
        executor._result_queue._writer.close()  # type: ignore[attr-defined]


@contextmanager
def _blocking_interrupt() -> Iterator[None]:
    """Have a process that is started in this block not hear Ctrl-C until `_begin` has said what it should do then."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """Get a new process ready: Ctrl-C is for the one that leads, and when that one is gone, so are we."""
    # A handler, because ignoring would be inherited by git.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of the process that leads: one that was killed cannot tell its workers."""
    parent = parent_process()
    assert parent is not None  # this is a process of a pool
    wait([parent.sentinel])
    os._exit(1)
