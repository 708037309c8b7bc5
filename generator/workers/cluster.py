"""Work on a Dask cluster, on this machine or on many.

This is the only module that imports Dask; it must not send a worker anything but its pieces, or let Dask's own log
onto the console.
"""

from __future__ import annotations

import hashlib
import logging
import platform
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from generator import __version__
from generator.errors import ConfigError, DaybookError, WorkersError
from generator.workers.leading import do_piece, explain_death

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
R = TypeVar("R")

_ADDRESS = re.compile(r"tcp://[^/\s:]+:\d{1,5}|tcp://\[[0-9A-Fa-f:.]+\]:\d{1,5}")
# Seconds that a scheduler has to answer, and then to name a worker.
_PATIENCE = 5.0
# How often in a row the scheduler may have nobody before we give up: a minute of `leading`'s looks.
_MOST_LOOKS = 12
# What the bytes of records, pages and search depend on, and what has to understand each other.
_PACKAGES = (
    *("detect-secrets", "distributed", "GitPython", "Jinja2", "justhtml", "Markdown", "mkdocs"),
    *("mkdocs-material", "pagefind", "pydantic", "Pygments", "pymdown-extensions", "PyYAML", "tzdata"),
)
_LOGGERS = ("distributed", "tornado", "asyncio")


class Cluster:
    """The workers of a scheduler, one piece each at a time."""

    def __init__(self, client: Client, address: str, *, is_near: bool) -> None:
        self._client = client
        self._address = address
        self._executor: Executor = client.get_executor(pure=False)
        self._looks = 0
        self.is_near = is_near

    @property
    def number(self) -> int:
        """How many workers there are now; they may come and go."""
        return max(1, len(self._ask_threads()))

    def open(self) -> None:
        """Get ready for pieces."""
        self._executor = self._client.get_executor(pure=False)

    def submit(self, work: Callable[[T], R], piece: T) -> Future[R]:
        """Take a piece."""
        return self._executor.submit(do_checked_piece, describe(), work, piece)

    def watch(self) -> None:
        """Raise WorkersError when the scheduler is gone, or has had no worker for a minute."""
        self._looks = 0 if self._ask_threads() else self._looks + 1
        if self._looks > _MOST_LOOKS:
            raise _explain_empty(self._address)

    def explain(self, error: Exception, name: str) -> DaybookError | None:
        """Say what Dask's own errors mean."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return explain_death(name)
        if isinstance(error, CancelledError):
            # So Dask calls what was in flight when the connection broke; nobody here cancels what they wait for.
            return _explain_gone(self._address)
        return _explain_import("a worker", error)

    def close(self, *, is_done: bool) -> None:
        """Give up what is under way; a worker ends the piece that it has begun, and its result is dropped."""
        self._looks = 0
        if not is_done:
            # Also when the scheduler is gone: then nothing is left to cancel.
            with suppress(OSError, RuntimeError):
                self._executor.shutdown(wait=False)

    def _ask_threads(self) -> Mapping[str, int]:
        try:
            return dict(self._client.nthreads())
        except (OSError, RuntimeError, CancelledError) as error:
            raise _explain_gone(self._address) from error


@contextmanager
def open_cluster(address: str) -> Iterator[Cluster]:
    """Connect to a scheduler, and check that every worker of it would make the same bytes as this process."""
    if not _ADDRESS.fullmatch(address):
        raise ConfigError(
            f"--scheduler {address}: it is not the address of a Dask scheduler",
            "Write it as `dask scheduler` tells it, such as tcp://10.0.0.1:8786.",
        )
    with _silencing(), _connecting(address) as client:
        yield Cluster(client, address, is_near=_check_workers(client, address))


def find_scratch() -> Path | None:
    """Find a folder of this Dask worker's own that goes when the worker ends; None in any other process."""
    # A process that never imported it is no worker of it, and need not import it to learn that.
    if "distributed" not in sys.modules:
        return None
    from distributed import get_worker

    try:
        return Path(get_worker().local_directory) / "daybook"
    except ValueError:
        return None


def do_checked_piece(expected: Mapping[str, str], work: Callable[[T], R], piece: T) -> R:
    """Do one piece in a worker, if it is as that of the process that leads: it may have joined after the check."""
    _check_same(platform.node(), expected, describe())
    return do_piece(work, piece)


@cache
def describe() -> dict[str, str]:
    """Describe what the bytes that this process makes depend on.

    Made once a process: a worker that went on while its Daybook was replaced has the old code in memory.
    """
    code = hashlib.sha256()
    folder = Path(__file__).parents[1]
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in place.parts):
            code.update(f"{place.as_posix()}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return {
        "Daybook": __version__,
        "Daybook's code": code.hexdigest()[:12],
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: _find_version(name) for name in _PACKAGES},
    }


def describe_machine() -> str:
    """Name the machine that this process is on, as it was started."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{platform.node()} {boot.read_text().strip() if boot.is_file() else ''}"


def _find_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@contextmanager
def _silencing() -> Iterator[None]:
    """Keep what Dask logs off the console: what matters of it is told as an error."""
    _import_distributed()
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in _LOGGERS]
    before = {name: logging.getLogger(name).level for name in {*names, *_LOGGERS}}
    for name in before:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


@contextmanager
def _connecting(address: str) -> Iterator[Client]:
    import dask
    from distributed import Client

    try:
        with warnings.catch_warnings():
            # Of other versions of its parts: those that matter are compared by us.
            warnings.simplefilter("ignore")
            client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkersError(
            f"{address}: no Dask scheduler answers",
            "Start one with `dask scheduler`, and give the address that it tells.",
        ) from error
    try:
        # A piece carries what it needs; Dask would warn of a large one, and propose what does not fit.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GB"}):
            yield client
    finally:
        client.close(timeout=_PATIENCE)


def _import_distributed() -> None:
    try:
        import distributed
    except ImportError as error:
        raise ConfigError(
            "--scheduler needs Dask, which is not installed",
            "Install daybook[cluster], here and on the workers.",
        ) from error
    del distributed


def _check_workers(client: Client, address: str) -> bool:
    """Check every worker, and say whether all of them are on this machine."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise _explain_empty(address) from None
    for worker, answer in sorted(client.run(describe, on_error="return").items()):
        if isinstance(answer, Exception):
            raise _explain_import(worker, answer) or WorkersError(
                f"{worker}: {type(answer).__name__}: {answer}", "Start this worker anew."
            )
        _check_same(worker, describe(), answer)
    crowded = [worker for worker, threads in sorted(client.nthreads().items()) if threads != 1]
    if crowded:
        # MkDocs and the mirrors are one piece's at a time, and threads of one process would not be faster anyway.
        raise WorkersError(
            f"{crowded[0]}: this worker has several threads",
            f"Start workers of one thread each: `dask worker {address} --nthreads 1 --nworkers auto`.",
        )
    return set(client.run(describe_machine).values()) == {describe_machine()}


def _check_same(worker: str, ours: Mapping[str, str], theirs: Mapping[str, str]) -> None:
    """Check that a worker would make the same bytes."""
    for name, ours_is in ours.items():
        if theirs.get(name) != ours_is:
            raise WorkersError(
                f"{worker}: {name} is {theirs.get(name)} there, and {ours_is} here",
                "Install the same requirements.lock and the same Daybook, and start the worker anew.",
            )


def _explain_import(worker: str, error: Exception) -> WorkersError | None:
    """Say that a worker has no Daybook, if that is it: Dask hands on the words of an error that it met itself."""
    if isinstance(error, DaybookError) or "No module named 'generator" not in str(error):
        return None
    return WorkersError(
        f"{worker}: Daybook is not installed there",
        f"Install daybook[cluster] {__version__} in the environment that runs `dask worker`.",
    )


def _explain_empty(address: str) -> WorkersError:
    return WorkersError(
        f"{address}: the scheduler has no workers", f"Start some: `dask worker {address} --nthreads 1`."
    )


def _explain_gone(address: str) -> WorkersError:
    return WorkersError(
        f"{address}: the connection to the Dask scheduler broke",
        "Start the scheduler and its workers again, then run the same command; it goes on where it stopped.",
    )
