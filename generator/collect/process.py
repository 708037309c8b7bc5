"""Run git processes: argument lists in, bytes out, in an environment of our own.

This is the only module that imports GitPython; it must not know what a command means.
GitPython's object API is not used: it is twenty times slower than one stream over many commits, and decodes commits
that declare an encoding wrongly.
"""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from generator.errors import ArchiveError

try:
    import git
except ImportError as error:  # what GitPython says where there is no git
    raise ArchiveError(
        "git is not to be found", "Install git 2.31 or newer, and put it on the PATH."
    ) from error

_CONFIGURATION = Path(__file__).with_name("gitconfig")
# What a process that reaches the network needs from outside; never a key.
_INHERITED = frozenset({"PATH", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
                        "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_EXEC_PATH"})  # fmt: skip
# The most that Linux gives an unprivileged process by default.
_PIPE = 1 << 20
# What is held of an error line that does not end.
_ERRORS = 1 << 16
# How many seconds of its helpers' errors are waited for when git itself has ended.
_LAST_WORDS = 3.0
_PERCENT = re.compile(rb"^(?:remote: )?([A-Z][a-z ]+):\s+(\d+)%")

# What git is doing, and how many per cent of it are done.
Tell = Callable[[str, int], None]
# Protocols that a process may use; without any, git cannot fetch what is missing behind our back.
OFFLINE = "none"


class GitError(Exception):
    """A git process failed: its command and the line in which it said why."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(f"git {command} failed: {reason}")
        self.command = command
        self.reason = reason


class Git:
    """Git in one folder."""

    def __init__(self, folder: Path) -> None:
        self._git = git.Git(str(folder))
        # Named, because git would otherwise look for a repository in the folders above a damaged one.
        self._place = f"--git-dir={folder}"

    @contextmanager
    def open(
        self,
        arguments: Sequence[str],
        lines: Iterable[str] = (),
        *,
        settings: Sequence[str] = (),
        protocols: str = OFFLINE,
        tell: Tell | None = None,
    ) -> Iterator[IO[bytes]]:
        """Run git with `lines` on its input and hand out its output, which must be read to its end.

        `settings` are `key=value` words of configuration.

        Raises GitError after the block when git failed.
        """
        options = [word for setting in settings for word in ("-c", setting)]
        # GitPython adds its environment to the whole of ours, keys and all, so env takes ours away by name; the
        # values stand in no argument, where other users of the machine could read a proxy's password.
        kept = _make_environment(protocols)
        dropped = [word for name in os.environ.keys() - kept.keys() - _INHERITED for word in ("-u", name)]
        command = ["env", *dropped, "git", self._place, *options, *arguments]
        with tempfile.TemporaryFile() as wanted:
            wanted.write("".join(f"{line}\n" for line in lines).encode())
            wanted.seek(0)
            handle = self._git.execute(command, istream=wanted, as_process=True, env=kept)
            process = cast(subprocess.Popen[bytes], handle.proc)
            output, stream = cast(IO[bytes], process.stdout), cast(IO[bytes], process.stderr)
            _widen(output)
            errors = _Errors(stream, tell)
            try:
                yield output
                status = process.wait()
            finally:
                output.close()
                if process.poll() is None:
                    process.kill()
                    process.wait()
                reason = errors.read()
        if status != 0:
            raise GitError(arguments[0], reason)


class _Errors:
    """Git's error stream, read beside its output, because a full pipe would stop git."""

    def __init__(self, stream: IO[bytes], tell: Tell | None) -> None:
        self._stream = stream
        self._tell = tell
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def read(self) -> str:
        """Wait for the end of the stream and pick the line that says why git failed."""
        # Git has ended; a helper of its that did not hear Ctrl-C may hold the stream open as long as a remote is slow.
        self._thread.join(_LAST_WORDS)
        # The other side's own words come first: git adds several lines about what follows from them.
        theirs = [line for line in self._lines if line.startswith(("remote: fatal: ", "remote: error: "))]
        ours = [line for line in self._lines if line.startswith(("fatal: ", "error: "))]
        words = (theirs or ours or self._lines or ["it gave no reason"])[0]
        return words.removeprefix("remote: ").split(": ", 1)[-1]

    def _drain(self) -> None:
        with self._stream:
            for line in _split_lines(self._stream):
                match = _PERCENT.match(line)
                if match is None:
                    # Enough to explain a failure, bounded whatever a server says.
                    self._lines = [*self._lines[-20:], line.decode("utf-8", "replace").strip()[:500]]
                elif self._tell is not None:
                    self._tell(match.group(1).decode(), int(match.group(2)))


def _widen(output: IO[bytes]) -> None:
    """Let git run ahead of us by more than the 64 KiB of an ordinary pipe, where the kernel can."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        # A user over the kernel's limit for all pipes keeps the small one.
        with suppress(OSError):
            fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, _PIPE)


def _split_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Split at line feeds and at the carriage returns that git's progress lines end with, as they come."""
    rest = b""
    while chunk := os.read(stream.fileno(), _ERRORS):
        *lines, rest = re.split(rb"[\r\n]", rest[-_ERRORS:] + chunk)
        yield from filter(None, lines)
    if rest:
        yield rest


def _make_environment(protocols: str) -> dict[str, str]:
    """Make what a git process sees beside the few variables it inherits."""
    return {
        "LC_ALL": "C",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(_CONFIGURATION),
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
    }
