"""Read the command line of `daybook import` and `daybook export`, and print what they say.

This module must not read a report or a record; like `cli`, it imports what does only inside a command.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from generator.reports.importing import Imported
    from generator.reports.reading.document import Finding

_DATE = click.DateTime(["%Y-%m-%d"])
_MOST_SHOWN = 200
# By the values of imports.Trouble, which an account shows to programs.
TROUBLES = {
    "not-utf8": "bytes that are not UTF-8",
    "no-day": "neither its title nor its name says which day it is of",
    "nothing": "there is no repository in it",
    "no-name": "of which repository this is cannot be known, or no archive can have such a name",
    "row-alone": "no analysis belongs to this row, so its commit's SHA is not known",
    "no-row": "the table has no row of this commit, so its author and time are not known",
    "no-sha": "the commit's whole SHA is not there",
    "twice": "the commit was told of above",
    "no-analysis": "nothing is said of the commit",
    "failed": "the report has no analysis of the commit",
    "no-fields": "no heading of the analysis is known; its text is kept",
    "some-fields": "the analysis does not say it; the rules' word stands",
    "other-day": "by git the commit landed on another day",
    "not-on-branch": "git does not know the commit on the tracked branch",
    "kept": "what the archive has of the commit was kept; --replace replaces it",
    "differs": "an export would not give this report back letter for letter",
}


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--replace", is_flag=True, help="Replace analyses that the archive has by those of these reports."
)
@click.option("--dry-run", is_flag=True, help="Say what would come in, and write nothing.")
@click.pass_context
def import_reports(context: click.Context, paths: tuple[Path, ...], replace: bool, dry_run: bool) -> None:
    """Bring reports of past days into the archive, one Markdown document a day.

    PATH is a report, or a folder with reports below it. Where archive.yml names the repository and its mirror is
    there, commits are joined with what git says of them. Importing again changes nothing. What could not be
    understood is listed by file and line. Ends with 1 where a document could not be read or is no report, and
    with 3 where something was not understood or an analysis is missing.
    """
    from generator.config import load_config
    from generator.console import clean_text, open_report
    from generator.reports.importing import import_reports as bring_in
    from generator.reports.importing import list_documents

    config = load_config(Path.cwd() / "archive.yml")
    done = bring_in(
        Path.cwd(),
        config,
        list_documents(paths),
        datetime.now(UTC),
        open_report(quiet=context.obj.quiet),
        replace=replace,
        dry_run=dry_run,
    )
    click.echo(clean_text(render_imported(done, is_dry=dry_run)))
    context.exit(done.exit_code)


def render_imported(done: Imported, *, is_dry: bool) -> str:
    """Say what came of an import: a line each document where nothing is written, what was not understood, the sum."""
    lines: list[str] = []
    for told in done.told if is_dry else ():
        file = told.file
        names = ", ".join(file.repositories) or "no repository"
        counts = f"{_count(file.commits, 'commit')}, {told.new:,} new, {told.changed:,} changed"
        analyses = f"{file.in_fields:,} analysed, {file.failed:,} failed"
        lines.append(f"{file.file}: {file.day or 'no day'}, {names}: {counts}, {analyses}")
    findings = [(told.file.file, found) for told in done.told for found in told.findings]
    lines += [_render_finding(file, found) for file, found in sorted(findings, key=_find_order)[:_MOST_SHOWN]]
    if len(findings) > _MOST_SHOWN:
        lines.append(
            f"... and {len(findings) - _MOST_SHOWN:,} more; docs/imports.json has those of each document"
        )
    lines += [
        *done.unread,
        *(f"{text}\n  What was told stays as it is; the next run tries again." for text in done.unjoined),
    ]
    lines.append(_render_sum(done, is_dry=is_dry))
    return "\n".join(lines)


def _find_order(found: tuple[str, Finding]) -> tuple[str, int, str, str]:
    file, finding = found
    return file, finding.line, finding.trouble, finding.detail


def _render_finding(file: str, found: Finding) -> str:
    detail = f" ({found.detail})" if found.detail else ""
    return f"{file}:{found.line}: {TROUBLES[found.trouble.value]}{detail}"


def _render_sum(done: Imported, *, is_dry: bool) -> str:
    commits = sum(told.file.commits for told in done.told)
    new, changed = sum(told.new for told in done.told), sum(told.changed for told in done.told)
    rows, fields = sum(told.file.rows for told in done.told), sum(told.file.in_fields for told in done.told)
    failed = sum(told.file.failed for told in done.told)
    verb = "would come in" if is_dry else "came in"
    text = (
        f"{_count(len(done.told), 'report')} with {_count(rows, 'row')} and {_count(commits, 'commit')}: "
        f"{new:,} {verb}, {changed:,} changed; {_count(fields, 'analysis', 'analyses')} in fields, {failed:,} failed"
    )
    return text if is_dry else f"{text}; {_count(done.pages, 'page')} written or removed"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@click.command("export")
@click.argument("day", metavar="DATE", type=_DATE)
@click.option(
    "--repository", "names", metavar="NAME", multiple=True, help="Only this one; may be given several times."
)
@click.option(
    "--format", "form", type=click.Choice(["report", "json"]), default="report", show_default=True,
    help="As a report, or as the day's records.",
)  # fmt: skip
@click.option(
    "--most",
    type=click.IntRange(1000),
    metavar="CHARACTERS",
    help="Split the report into pieces of at most so many characters, such as 65536 for an issue of a code host; "
    "never inside an analysis. Needs --into.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write DATE.md, or DATE-1.md and so on, into this folder instead of printing.",
)
@click.pass_context
def export_day(
    context: click.Context,
    day: datetime,
    names: tuple[str, ...],
    form: str,
    most: int | None,
    into: Path | None,
) -> None:
    """Give a day back as one Markdown document: a table of its commits, then each commit's message and analysis.

    A report that was imported comes back letter for letter. Ends with 1 where nothing is archived of the day,
    and with 3 where a single commit is longer than a piece may be.
    """
    if most is not None and (into is None or form != "report"):
        raise click.UsageError("--most splits a report into files; give --into FOLDER with it.")
    from generator.config import load_config
    from generator.reports.exporting import export_json, export_report

    root = Path.cwd()
    config = load_config(root / "archive.yml")
    if form == "json":
        pieces = [export_json(root, config, day.date(), names)]
    else:
        pieces = export_report(root, config, day.date(), names, most)
    if into is None:
        # As bytes: the same day is the same file in every locale.
        click.echo(pieces[0].encode(), nl=False)
        return
    _write_pieces(into, f"{day.date()}", ".json" if form == "json" else ".md", pieces)
    context.exit(3 if most is not None and any(len(piece) > most for piece in pieces) else 0)


def _write_pieces(folder: Path, day: str, ending: str, pieces: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, piece in enumerate(pieces, 1):
        name = f"{day}{ending}" if len(pieces) == 1 else f"{day}-{number}{ending}"
        (folder / name).write_bytes(piece.encode())
        click.echo(str(folder / name))
