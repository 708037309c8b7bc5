"""An archive that changes from one build of its site to the next, in every way that one can."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from generator.pages.render import PageSettings
from generator.paging import write_pages
from generator.records import Commit, Language
from generator.site.build import Built
from generator.store.archive import Archive
from tests.page_archive import make_commit, make_day, make_digest, make_line, make_repository
from tests.quiet import QuietReport
from tests.sites import ROOT, build

FIRST = date(2026, 1, 20)
ENGINE, TABLES = "kernel/engine", "kernel/tables"


@dataclass
class GrowingArchive:
    """Records that change, on disk with the pages that are made of them."""

    root: Path
    name: str = "Daybook"
    url: str | None = "https://example.org/daybook/"
    language: Language = "en"
    days: dict[str, dict[date, list[Commit]]] = field(default_factory=dict)
    digests: dict[tuple[str, str], str] = field(default_factory=dict)
    commits: int = 0

    def __post_init__(self) -> None:
        """Begin with the look of this checkout and no record, unless there is something already."""
        if (self.root / "mkdocs.yml").exists():
            return
        for name in ("mkdocs.yml", "docs/search.md"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.root / name)
        for name in ("hooks", "overrides", "docs/assets"):
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))

    def land(self, name: str, day: date, number: int = 2) -> None:
        """Have commits land on a day."""
        for _ in range(number):
            self.commits += 1
            moment = f"{day}T{9 + self.commits % 9:02}:00:00+08:00"
            commit = make_commit(self.commits, moment, parents=())
            self.days.setdefault(name, {}).setdefault(day, []).append(commit)

    def lose(self, name: str, day: date) -> None:
        """Have a force-push remove the last commit of a day."""
        commits = self.days[name][day]
        commits[-1] = commits[-1].model_copy(update={"gone": True})

    def remove(self, name: str) -> None:
        """Stop to follow a repository, and remove what is archived of it."""
        del self.days[name]
        shutil.rmtree(self.root / "docs" / name, ignore_errors=True)

    def write(self) -> None:
        """Write the settings, the records and the pages."""
        address = f", url: {self.url}" if self.url else ""
        (self.root / "archive.yml").write_text(
            f"site: {{name: {self.name}{address}}}\nlanguage: {self.language}\n"
            "repositories:\n  - url: https://github.com/kernel/engine\n",
            encoding="utf-8",
        )
        archive = Archive(self.root / "docs")
        for name, days in self.days.items():
            covered = ({"first": min(days), "last": max(days)},)
            archive.write_repository(make_repository(name, covered=covered))
            for day, commits in days.items():
                archive.write_day(make_day(name, day, commits))
        for (scope, period), text in self.digests.items():
            name = ENGINE if scope == "days" else scope
            number = int(next(iter(self.days[name].values()))[0].sha[:7], 16)
            archive.write_digest(make_digest(scope, period, make_line(text, (name, number))))
        settings = PageSettings(site_name=self.name, language=self.language)
        write_pages(self.root, archive, settings, QuietReport())

    def build(self, *, full: bool = False) -> Built:
        """Bring the site up to date."""
        self.write()
        return build(self.root, full=full)

    def write_by_hand(self, src_uri: str, content: str) -> None:
        """Write a page as somebody does who knows front matter."""
        path = self.root / "docs" / src_uri
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'---\ntitle: "Notes"\n---\n{content}\n', encoding="utf-8")


def start_archive(root: Path, days: int = 3) -> GrowingArchive:
    """Start with two repositories, and days over the end of a month."""
    archive = GrowingArchive(root)
    for number in range(days):
        archive.land(ENGINE, FIRST + timedelta(days=4 * number))
        archive.land(TABLES, FIRST + timedelta(days=5 * number))
    archive.write_by_hand(
        "about.md", "# About\n\n## Why\n\nSee [home](index.md) and [this](notes/more.md#more)."
    )
    archive.write_by_hand("notes/more.md", "# Notes\n\n## More\n\n[Why](../about.md#why) ![a](pic%20one.png)")
    (root / "docs" / "notes" / "pic one.png").write_bytes(b"\x89PNG one")
    return archive


def _add_day(archive: GrowingArchive, random: Random) -> None:
    name = random.choice(sorted(archive.days))
    archive.land(name, max(archive.days[name]) + timedelta(days=random.choice([1, 2, 15])))


def _push_late(archive: GrowingArchive, random: Random) -> None:
    name = random.choice(sorted(archive.days))
    archive.land(name, random.choice(sorted(archive.days[name])), 1)


def _lose(archive: GrowingArchive, random: Random) -> None:
    name = random.choice(sorted(archive.days))
    archive.lose(name, random.choice(sorted(archive.days[name])))


def _write_digest(archive: GrowingArchive, random: Random) -> None:
    scope = random.choice(["days", *sorted(archive.days)])
    day = random.choice(sorted(archive.days[random.choice(sorted(archive.days))]))
    if scope == "days" or day in archive.days[scope]:
        archive.digests[scope, str(day)] = f"What mattered, {random.random()}."


def _add_repository(archive: GrowingArchive, random: Random) -> None:
    archive.land(f"other/new{random.randrange(3)}", FIRST + timedelta(days=random.randrange(40)))


def _remove_repository(archive: GrowingArchive, _: Random) -> None:
    for name in [name for name in archive.days if name.startswith("other/")]:
        archive.remove(name)
        archive.digests = {key: text for key, text in archive.digests.items() if key[0] != name}


def _write_by_hand(archive: GrowingArchive, random: Random) -> None:
    commits = archive.root / "docs" / ENGINE / "commit"
    commit = random.choice(sorted(path.name for path in commits.iterdir()))
    archive.write_by_hand(
        f"hand{random.randrange(2)}.md", f"# Hand\n\n[one]({ENGINE}/commit/{commit}) {random.random()}"
    )


def _remove_by_hand(archive: GrowingArchive, random: Random) -> None:
    (archive.root / "docs" / f"hand{random.randrange(2)}.md").unlink(missing_ok=True)


def _change_files(archive: GrowingArchive, random: Random) -> None:
    docs = archive.root / "docs"
    (docs / "notes" / "pic one.png").write_bytes(f"\x89PNG {random.random()}".encode())
    spare = docs / "files" / "spare.txt"
    if spare.exists():
        shutil.rmtree(spare.parent)
    else:
        spare.parent.mkdir()
        spare.write_text("spare")


def _change_site(archive: GrowingArchive, random: Random) -> None:
    archive.name = random.choice(["Daybook", "Other", "Third"])
    archive.url = random.choice([None, "https://example.org/daybook/", "https://example.org/other/"])


def _change_language(archive: GrowingArchive, _: Random) -> None:
    archive.language = "zh" if archive.language == "en" else "en"


def _change_template(archive: GrowingArchive, random: Random) -> None:
    template = archive.root / "overrides" / "partials" / "head.html"
    text = re.sub(r"{#- \d+ -#}\n", "", template.read_text(encoding="utf-8"))
    meta = f'<meta name="generator" content="{random.randrange(10**6)}">'
    text = re.sub(r'<meta name="generator" content="\d+">', "", text)
    assert "<meta charset=utf-8>" in text
    template.write_text(text.replace("<meta charset=utf-8>", f"<meta charset=utf-8>{meta}"), encoding="utf-8")


CHANGES: tuple[Callable[[GrowingArchive, Random], None], ...] = (
    _add_day,
    _push_late,
    _lose,
    _write_digest,
    _add_repository,
    _remove_repository,
    _write_by_hand,
    _remove_by_hand,
    _change_files,
    _change_site,
    _change_language,
    _change_template,
)
