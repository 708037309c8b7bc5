"""Name the errors a run can end with, one class per person who can act on it.

This module must not import any other module of Daybook.
A misfortune that a run survives (a repository that cannot be fetched, an analysis that failed) is data in a
record or a report; it becomes an exception only between the border where it happens and the stage that owns it.
"""

from __future__ import annotations


class DaybookError(Exception):
    """Say what is wrong and what to do next.

    `fact` is one line: subject, fact, value.
    `next_step` is the line printed under it: what the reader can do now.
    """

    def __init__(self, fact: str, next_step: str) -> None:
        super().__init__(fact)
        self.fact = fact
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.fact}\n{self.next_step}"

    def __reduce__(self) -> tuple[object, ...]:
        # A worker's error comes back pickled, and pickle would call the class with the fact alone.
        return _restore, (type(self), self.args, vars(self))


def _restore(
    kind: type[DaybookError], arguments: tuple[object, ...], state: dict[str, object]
) -> DaybookError:
    error = kind.__new__(kind, *arguments)
    vars(error).update(state)
    return error


class ConfigError(DaybookError):
    """The owner of archive.yml can mend this."""


class RemoteError(DaybookError):
    """A repository could not be looked at; the others go on and the next run tries again."""


class MisnamedError(RemoteError):
    """What archive.yml names is not there: the repository's `key` holds a branch or a path that does not exist."""

    def __init__(self, key: str, fact: str, next_step: str) -> None:
        super().__init__(fact, next_step)
        self.key = key


class UnknownRevisionError(DaybookError):
    """A command names a commit, a tag or a branch that the repository does not have."""


class ArchiveError(DaybookError):
    """Something in the archive's folder is missing, damaged or unwritable."""


class LockedError(DaybookError):
    """Another run is at work in this archive."""


class SiteError(DaybookError):
    """The site could not be built from the pages."""


class WorkersError(DaybookError):
    """The processes or machines that a run was to be shared with could not do it."""
