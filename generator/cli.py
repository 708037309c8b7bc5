"""Read the command line, and be the edge where the clock, the environment and the errors of a run are handled.

This module must not do a stage's work, and must not import `pipeline` but inside a command: GitPython runs git with
the whole environment when it is imported, so secrets have to be out of it by then.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import MutableMapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from generator import __version__
from generator.errors import DaybookError, LockedError

if TYPE_CHECKING:
    from generator.config import Config
    from generator.pipeline import Summary
    from generator.progress import Report

_STOPPED = 130  # 128 and SIGINT's number, as a shell says it
_CHECK_DISK = "Check the path, its permissions and the room on the disk, then run the same command again."
_SECRET = re.compile(
    r"(?:KEYS?|TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|PASS|CREDENTIALS?)(?:_|$)|(?:^|_)PAT(?:_|$)"
)
# Where git's own programs and certificates are; everything else named GIT_ would change what git does or shows.
_GIT_PLACES = frozenset({"GIT_EXEC_PATH", "GIT_SSL_CAINFO"})


def main() -> None:
    """Run the command line of this process."""
    take_secrets(os.environ)
    drop_git_settings(os.environ)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A remote's words may hold letters that an old terminal has not.
            stream.reconfigure(errors="backslashreplace")
    daybook(prog_name="daybook")


def take_secrets(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Take every variable whose name says it is a secret out of an environment, and return them.

    What stays is what other programs, git among them, get to see.
    """
    return {name: environ.pop(name) for name in list(environ) if _SECRET.search(name.upper())}


def drop_git_settings(environ: MutableMapping[str, str]) -> None:
    """Remove what would make git look into another repository, log, or run another program."""
    for name in [name for name in environ if name.upper().startswith("GIT_") and name not in _GIT_PLACES]:
        del environ[name]


class _Commands(click.Group):
    """The one place where an error becomes words and an exit code."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except DaybookError as error:
            _tell(str(error))
            raise click.exceptions.Exit(4 if isinstance(error, LockedError) else 1) from None
        except OSError as error:
            _tell(f"{error.filename or 'a file'}: {error.strerror or error}\n{_CHECK_DISK}")
            raise click.exceptions.Exit(1) from None
        except KeyboardInterrupt:
            _tell("Stopped. Run the same command again, and it goes on.")
            raise click.exceptions.Exit(_STOPPED) from None


def _tell(text: str) -> None:
    from generator.console import clean_text

    click.echo(clean_text(text), err=True)


_NAMES = click.option(
    "--repository",
    "names",
    metavar="NAME",
    multiple=True,
    help="Only this one of archive.yml's repositories; may be given several times.",
)
_DATE = click.DateTime(["%Y-%m-%d"])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option("--quiet", is_flag=True, help="One line a step instead of progress bars.")
@click.pass_context
def daybook(context: click.Context, quiet: bool) -> None:
    r"""Keep a page for every day and every commit of the git repositories you follow.

    Run it in the archive's folder, the one with archive.yml.

    \b
    Exit codes: 0 complete, 1 an error, 2 wrong usage, 3 done but something is pending,
    failed or could not be looked at, 4 another run is at work, 130 stopped by Ctrl-C.
    """
    context.obj = quiet


@daybook.command()
@_NAMES
@click.option(
    "--analyser",
    type=click.Choice(["rules"]),
    default="rules",
    show_default=True,
    help="Who says what a commit means.",
)
@click.pass_context
def update(context: click.Context, names: tuple[str, ...], analyser: str) -> None:  # noqa: ARG001 - one choice so far
    """Fetch, find what landed since the last run, and write its records and pages.

    A repository that is looked at for the first time begins with its newest landing days,
    as many as first_days in archive.yml says.
    """
    config = _load(names)
    from generator import pipeline

    summary = pipeline.update(Path.cwd(), config, datetime.now(UTC), _open_report(context), names)
    _finish(context, summary)


@daybook.command()
@click.option("--since", type=_DATE, metavar="DATE", required=True, help="The first day, such as 2026-01-06.")
@click.option("--until", type=_DATE, metavar="DATE", help="The last day; today, if not given.")
@_NAMES
@click.pass_context
def backfill(context: click.Context, since: datetime, until: datetime | None, names: tuple[str, ...]) -> None:
    """Do the same for past days; what is archived already stays as it is."""
    if until is not None and until < since:
        raise click.UsageError(f"--until {until.date()} lies before --since {since.date()}.")
    config = _load(names)
    from generator import pipeline

    last = until and until.date()
    summary = pipeline.backfill(
        Path.cwd(), config, datetime.now(UTC), _open_report(context), since.date(), last, names
    )
    _finish(context, summary)


@daybook.command()
@click.option("--full", is_flag=True, help="Build also when nothing has changed since the last time.")
@click.pass_context
def build(context: click.Context, full: bool) -> None:
    """Build the pages into site/, with its search.

    The site that is there stays until the new one is whole.
    """
    _load()
    click.echo(_build(_open_report(context), full))


@daybook.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="The port.")
@click.pass_context
def serve(context: click.Context, host: str, port: int) -> None:
    """Build the site, serve it, and build it again whenever something changes, until Ctrl-C."""
    site_url = _load().site.url
    report = _open_report(context)
    click.echo(_build(report))
    from generator.site.serve import serve_site

    def rebuild() -> None:
        try:
            report.step(_build(report))
        except (DaybookError, OSError) as error:
            # The next change is another chance; a server that stopped rebuilding would not show it.
            report.step(str(error))

    click.echo(f"Serving at http://{host}:{port}{urlsplit(site_url or '/').path} until Ctrl-C.")
    try:
        serve_site(Path.cwd(), host, port, rebuild, site_url)
    except KeyboardInterrupt:
        return


@daybook.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Show how complete the archive is."""
    config = _load()
    from generator.answers import render_status, render_status_json
    from generator.pipeline import read_status

    render = render_status_json if as_json else render_status
    click.echo(render(read_status(Path.cwd(), config)))


def _load(names: Sequence[str] = ()) -> Config:
    """Read archive.yml, and refuse names that are not in it."""
    from generator.config import load_config

    config = load_config(Path.cwd() / "archive.yml")
    known = [repository.name for repository in config.repositories]
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(known)}."
            raise click.BadParameter(
                f"archive.yml has no repository {name!r}. {hint}", param_hint="'--repository'"
            )
    return config


def _build(report: Report, full: bool = False) -> str:
    """Build the site and say what came of it; raise LockedError while another process does."""
    from generator.site.build import build_site
    from generator.store.lock import hold_lock

    root = Path.cwd()
    with hold_lock(root / ".daybook" / "build.lock"), report.progress("building the site", None):
        built = build_site(root, full=full)
    return f"{built.pages:,} pages built into site/" if built.pages else "site/ is as new as its pages"


def _open_report(context: click.Context) -> Report:
    from generator.console import open_report

    return open_report(quiet=context.obj)


def _finish(context: click.Context, summary: Summary) -> None:
    from generator.answers import render_summary

    click.echo(render_summary(summary))
    context.exit(summary.exit_code)
