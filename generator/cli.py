"""Read the command line, and be the edge where the clock, the environment and the errors of a run are handled.

This module must not do a stage's work, and must not import `pipeline` but inside a command: GitPython runs git with
the whole environment when it is imported, so secrets have to be out of it by then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from generator import __version__
from generator.config_provider import is_secret
from generator.errors import DaybookError, LockedError, RemoteError
from generator.report_commands import export_day, import_reports

if TYPE_CHECKING:
    from generator.changes.question import Question
    from generator.config import Config
    from generator.pipeline import Asking, Summary
    from generator.progress import Report

_STOPPED = 130  # 128 and SIGINT's number, as a shell says it
_CHECK_DISK = "Check the path, its permissions and the room on the disk, then run the same command again."
# Where git's own programs and certificates are; everything else named GIT_ would change what git does or shows.
_GIT_PLACES = frozenset({"GIT_EXEC_PATH", "GIT_SSL_CAINFO"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edge:
    """What the edge hands to a command: how to show progress, and the secrets of the environment."""

    quiet: bool
    secrets: Mapping[str, str] = field(repr=False)


def main() -> None:
    """Run the command line of this process."""
    secrets = take_secrets(os.environ)
    drop_git_settings(os.environ)
    drop_openai_settings(os.environ)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A remote's words may hold letters that an old terminal has not.
            stream.reconfigure(errors="backslashreplace")
    daybook(prog_name="daybook", obj=secrets)


def take_secrets(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Take every variable whose name says it is a secret out of an environment, and return them.

    What stays is what other programs, git among them, get to see.
    """
    return {name: environ.pop(name) for name in list(environ) if is_secret(name)}


def drop_git_settings(environ: MutableMapping[str, str]) -> None:
    """Remove what would make git look into another repository, log, or run another program."""
    for name in [name for name in environ if name.upper().startswith("GIT_") and name not in _GIT_PLACES]:
        del environ[name]


def drop_openai_settings(environ: MutableMapping[str, str]) -> None:
    """Remove what would make the package send the key elsewhere, add headers, or log what it sends.

    Whom to ask is archive.yml's to say, alone.
    """
    for name in [name for name in environ if name.upper().startswith("OPENAI_")]:
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
    click.echo(_clean(text), err=True)


def _clean(text: str) -> str:
    from generator.console import clean_text

    return clean_text(text)


_NAMES = click.option(
    "--repository",
    "names",
    metavar="NAME",
    multiple=True,
    help="Only this one of archive.yml's repositories; may be given several times.",
)
_ANALYSER = click.option(
    "--analyser",
    type=click.Choice(["rules", "model"]),
    help="Who says what a commit means: the rules alone, or a model after them. "
    "A model, if not given, where archive.yml names one.",
)
_JOBS = click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="How many processes share the work. One a core, if not given, where there is enough of it.",
)
_SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Share the work with a Dask cluster instead: its scheduler's address, such as tcp://10.0.0.1:8786. "
    "Only in a network you trust, because who reaches a scheduler can run code on its workers.",
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
    context.obj = _Edge(quiet=quiet, secrets=context.obj or {})


@daybook.command()
@click.option(
    "--repository",
    "repositories",
    metavar="ADDRESS",
    multiple=True,
    help="One to follow, https://… or a path; may be given several times.",
)
@click.option("--language", type=click.Choice(["zh", "en"]), help="Of the pages and analyses.")
@click.option("--timezone", metavar="ZONE", help="Whose midnights are the borders of the days.")
@click.option("--site-name", metavar="NAME", help="What the site is called.")
@click.option("--site-url", metavar="ADDRESS", help="Where it will be published; empty for nowhere yet.")
@click.option("--model", metavar="NAME", help="Who analyses the commits; empty for the rules alone.")
@click.option("--base-url", metavar="ADDRESS", help="The model's OpenAI-compatible server.")
@click.option("--key", metavar="VARIABLE", help="The environment variable that holds its key, never the key.")
@click.option("--yes", is_flag=True, help="Ask nothing: what is not given is guessed.")
@click.pass_context
def init(context: click.Context, /, yes: bool, **given: Any) -> None:
    """Ask what the archive follows and how it tells of it, check the answers, and write archive.yml.

    A file that is there already is kept beside the new one.
    """
    from generator.starting.asking import Asking as Questions
    from generator.starting.asking import Given
    from generator.starting.beginning import begin

    questions = partial(
        Questions, given=Given(**given), secrets=context.obj.secrets, is_silent=yes, note=_tell
    )
    click.echo(begin(Path.cwd(), os.environ, questions))


@daybook.command()
@_NAMES
@_ANALYSER
@click.option(
    "--retry",
    is_flag=True,
    help="Also ask again about commits that a model refused, or that three runs asked about without result.",
)
@click.option(
    "--no-pages",
    is_flag=True,
    help="Write records alone; `daybook build --pages` writes the pages, elsewhere too.",
)
@_JOBS
@click.pass_context
def update(
    context: click.Context,
    names: tuple[str, ...],
    analyser: str | None,
    retry: bool,
    no_pages: bool,
    jobs: int | None,
) -> None:
    """Fetch, find what landed, analyse it (asking archive.yml's models, within the budget), write records and pages.

    A repository that is looked at for the first time begins with its newest landing days,
    as many as first_days in archive.yml says.
    """
    if retry and analyser == "rules":
        raise click.UsageError("--retry asks a model again, and --analyser rules asks none.")
    config = _load(names)
    asking = _open_asking(context, config, "model" if retry else analyser, retry=retry)
    from generator import pipeline
    from generator.workers import open_workers

    now = datetime.now(UTC)
    with open_workers(jobs) as workers:
        report = _open_report(context)
        summary = pipeline.update(Path.cwd(), config, now, report, names, asking, workers, pages=not no_pages)
    _finish(context, summary)


@daybook.command()
@click.option("--since", type=_DATE, metavar="DATE", required=True, help="The first day, such as 2026-01-06.")
@click.option("--until", type=_DATE, metavar="DATE", help="The last day; today, if not given.")
@_NAMES
@_ANALYSER
@_JOBS
@_SCHEDULER
@click.pass_context
def backfill(
    context: click.Context,
    since: datetime,
    until: datetime | None,
    names: tuple[str, ...],
    analyser: str | None,
    jobs: int | None,
    scheduler: str | None,
) -> None:
    """Do the same for past days; what is archived already stays as it is.

    With --analyser model, a model is also asked about those commits of these days
    of which the rules alone have spoken. Models are asked and records written by this
    process alone; what --jobs and --scheduler share out is collecting and the rules.
    """
    _check_days(since, until)
    _check_workers(jobs, scheduler)
    config = _load(names)
    asking = _open_asking(context, config, analyser, again=analyser == "model")
    from generator import pipeline
    from generator.workers import open_workers

    first, last, now = since.date(), until and until.date(), datetime.now(UTC)
    with open_workers(jobs, scheduler) as workers:
        summary = pipeline.backfill(
            Path.cwd(), config, now, _open_report(context), first, last, names, asking, workers
        )
    _finish(context, summary)


@daybook.command()
@click.option(
    "--since", type=_DATE, metavar="DATE", help="The first day of a backfill with --analyser model."
)
@click.option("--until", type=_DATE, metavar="DATE", help="Its last day; today, if not given.")
@_NAMES
@click.pass_context
def estimate(
    context: click.Context, since: datetime | None, until: datetime | None, names: tuple[str, ...]
) -> None:
    """Say what an update would send to a model and cost, without sending it.

    With --since, what `backfill --analyser model` would send about these days: those that are
    archived and those that are not. Fetches to find what landed, and writes nothing into the archive.
    """
    _check_days(since, until)
    config = _load(names)
    _check_models(config, "daybook estimate says what a model would cost")
    from generator import pipeline
    from generator.answers import render_estimate

    first, last = since and since.date(), until and until.date()
    report = _open_report(context)
    found = pipeline.estimate(Path.cwd(), config, datetime.now(UTC), report, names, first, last)
    click.echo(render_estimate(found))
    context.exit(3 if found.unseen else 0)


@daybook.command()
@click.option("--full", is_flag=True, help="Render all pages, not only those that changed.")
@click.option(
    "--pages",
    is_flag=True,
    help="First write the pages that the records ask for, if those came from elsewhere.",
)
@_JOBS
@_SCHEDULER
@click.pass_context
def build(context: click.Context, full: bool, pages: bool, jobs: int | None, scheduler: str | None) -> None:
    """Build the pages that changed into site/, with its search.

    The site that is there stays as it is until all that is new has come out whole.
    """
    _check_workers(jobs, scheduler)
    # First of all: nothing is written into a folder that is no archive, not even a lock.
    config = _load()
    if pages:
        from generator.pipeline import renew_pages

        renew_pages(Path.cwd(), config, _open_report(context))
    click.echo(_build(_open_report(context), full=full, jobs=jobs, scheduler=scheduler))


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
@click.argument("name")
@click.argument("commits", metavar="OLD..NEW")
@click.option(
    "--path",
    "globs",
    metavar="GLOB",
    multiple=True,
    help="Only commits that change a file on such a path, under its new or its old name; may be given several times. "
    "The rules are those of .gitignore: * is anything but /, ** any folders, a folder is all that is in it, "
    "and a backslash takes a mark's meaning away; without a / before its end the glob matches at any depth, "
    "and with one from the top.",
)
@click.option("--breaking", is_flag=True, help="Only commits that break their users, or may.")
@click.option(
    "--format", "form", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True,
    help="For people, or for programs; the schema of the latter has a number.",
)  # fmt: skip
@click.pass_context
def changes(
    context: click.Context, name: str, commits: str, globs: tuple[str, ...], breaking: bool, form: str
) -> None:
    """Say what landed between two commits of a repository: what NEW has and OLD has not, by ancestry.

    NAME is the repository's in archive.yml. OLD and NEW are SHAs, whole or short, tags, or branches; v1.0~3 is an
    ancestor as in git. A tag, or a commit of another branch, is looked up at the remote once and known
    until the next update; a branch other than the tracked one each time. What OLD has and NEW has not is listed as
    left behind. Ends with 1 where there is no such commit, and with 3 where one could not be looked up,
    commits between them are not archived, or analyses are pending or failed.
    """
    question = _read_question(commits, globs, breaking)
    config = _load([name], "NAME")
    from generator.changes.between import find_between
    from generator.changes.listing import render_json
    from generator.changes.telling import render_markdown

    repository = next(repository for repository in config.repositories if repository.name == name)
    try:
        found = find_between(Path.cwd(), repository, question, datetime.now(UTC), _open_report(context))
    except RemoteError as error:
        _tell(str(error))
        context.exit(3)
    url = config.site.url
    text = render_json(found, url) if form == "json" else render_markdown(found, config.language, url)
    # As bytes: the same answer is the same file in every locale.
    click.echo(text.encode(), nl=False)
    context.exit(found.exit_code)


def _read_question(commits: str, globs: tuple[str, ...], is_breaking_only: bool) -> Question:
    from generator.changes.question import parse_question

    try:
        return parse_question(commits, globs, is_breaking_only=is_breaking_only)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


@daybook.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Show how complete the archive is, what is missing and why, and what was spent on models."""
    config = _load()
    from generator.answers import render_status, render_status_json
    from generator.pipeline import read_missing_across, read_spending, read_status

    root = Path.cwd()
    spending = read_spending(root, config, datetime.now(UTC)) if config.analysis.models else None
    render = render_status_json if as_json else render_status
    click.echo(render(read_status(root, config), read_missing_across(root), spending))


@daybook.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def verify(context: click.Context, as_json: bool) -> None:
    """Read every record, page and file of the site, compare the days with git, and say what is wrong.

    Nothing is changed. Ends with 1 where something is wrong, and with 3 where nothing is as far
    as could be looked: without a mirror, or without site/, it says so.
    """
    config = _load()
    from generator.checking.telling import render_findings, render_findings_json
    from generator.checking.verifying import verify as look_over

    findings = look_over(Path.cwd(), config, datetime.now(UTC), _open_report(context))
    click.echo(_clean((render_findings_json if as_json else render_findings)(findings)))
    context.exit(findings.exit_code)


@daybook.command()
@click.pass_context
def repair(context: click.Context) -> None:
    """Put broken records aside, bring their days back, and have all that is made from records made again.

    Nothing is lost: what is put aside stands under .daybook/broken/. The site is mended by the next
    `daybook build`, and what a model said of a lost day comes back with the next `daybook update`.
    Ends with 1 where something is still broken, and with 3 where nothing is archived yet.
    """
    config = _load()
    from generator.checking.repairing import repair as mend
    from generator.checking.telling import render_repairs

    repairs = mend(Path.cwd(), config, datetime.now(UTC), _open_report(context))
    click.echo(_clean(render_repairs(repairs)))
    context.exit(repairs.exit_code)


daybook.add_command(import_reports)
daybook.add_command(export_day)


def _check_days(since: datetime | None, until: datetime | None) -> None:
    if since is None and until is not None:
        raise click.UsageError("--until is the last day of what --since begins; give both.")
    if since is not None and until is not None and until < since:
        raise click.UsageError(f"--until {until.date()} lies before --since {since.date()}.")


def _check_workers(jobs: int | None, scheduler: str | None) -> None:
    if jobs is not None and scheduler is not None:
        raise click.UsageError("--jobs counts processes of this machine, --scheduler names others; give one.")


def _load(names: Sequence[str] = (), hint: str = "--repository") -> Config:
    """Read archive.yml, and refuse names that are not in it."""
    from generator.config import load_config

    config = load_config(Path.cwd() / "archive.yml")
    known = [repository.name for repository in config.repositories]
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            step = f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(known)}."
            raise click.BadParameter(
                f"archive.yml has no repository {name!r}. {step}", param_hint=f"'{hint}'"
            )
    return config


def _open_asking(
    context: click.Context, config: Config, analyser: str | None, *, retry: bool = False, again: bool = False
) -> Asking | None:
    """Hand a run what it needs for asking the models; None where the rules are to speak alone."""
    if analyser == "model":
        _check_models(config, "A model is to be asked")
    if analyser == "rules" or not config.analysis.models:
        return None
    secrets = context.obj.secrets
    keys = {model.key: secrets[model.key] for model in config.analysis.models if model.key in secrets}
    from generator.pipeline import Asking

    return Asking(keys=keys, clock=lambda: datetime.now(UTC), retry=retry, again=again)


def _check_models(config: Config, fact: str) -> None:
    if not config.analysis.models:
        raise click.UsageError(
            f"{fact}, and archive.yml names none. Write `analysis: {{models: [gpt-5-mini]}}` into it."
        )


def _build(
    report: Report, *, full: bool = False, jobs: int | None = None, scheduler: str | None = None
) -> str:
    """Build the site and say what came of it; raise LockedError while another process does."""
    from generator.feeding import Feeding
    from generator.site.build import build_site
    from generator.store.archive import Archive
    from generator.store.lock import BUILD_LOCK, hold_lock
    from generator.workers import open_workers

    root = Path.cwd()
    with hold_lock(root / BUILD_LOCK), open_workers(jobs, scheduler) as workers:
        archive = Archive(root / "docs")
        built = build_site(root, archive, Feeding(root, archive), report, full=full, workers=workers)
    if not (built.pages or built.files):
        return "site/ is as new as its pages"
    return f"{built.pages:,} pages built into site/"


def _open_report(context: click.Context) -> Report:
    from generator.console import open_report

    return open_report(quiet=context.obj.quiet)


def _finish(context: click.Context, summary: Summary) -> None:
    from generator.answers import render_summary

    click.echo(render_summary(summary))
    context.exit(summary.exit_code)
