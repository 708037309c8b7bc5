"""Make archives for tests that ask a model: commits that a server knows by their subject, settings, runs, results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from generator.analyse.model.exchanges import Saved, parse_exchange
from generator.config import AnalysisSettings, Budget, Config, ModelSettings, TrackedRepository
from generator.pipeline import Asking, Summary, update
from generator.records import Analysis, Commit, Language, Reason
from tests.archives import NAME, read_records
from tests.histories import Upstream
from tests.quiet import QuietReport

KEY = "OPENAI_API_KEY"
# Put together, because a scanner of this repository would take it for one.
KEY_VALUE = "-".join(("sk", "test", "4f9a7c21d0"))
DAY = "2026-01-06"
# On the day itself, so that nobody asks for its digest yet; and on the next one.
THAT_EVENING = f"{DAY}T23:00+08:00"
NEXT_MORNING = "2026-01-07T08:00+08:00"
_START = datetime(2026, 1, 6, 15, 0, tzinfo=UTC)


def name_item(number: int) -> str:
    """Name a commit as the server finds it."""
    return f"item-{number:04}"


def make_source(number: int, lines: int = 12) -> str:
    """Write a file of Python that reads like one; every `number` gives another, with the same names."""
    body = "\n".join(
        f"    if settings.get('limit_{line}', {line}) > {number + line}:\n        queue.append({line})"
        for line in range(lines)
    )
    return f'"""Part {number} of the engine."""\n\n\ndef start(settings, queue):\n{body}\n    return queue\n'


def add_item(
    upstream: Upstream,
    number: int,
    when: str = f"{DAY}T10:00+08:00",
    *,
    subject: str = "fix(engine): read the limit from the settings",
    body: str = "",
    lines: int = 12,
    files: Mapping[str, str] | None = None,
) -> str:
    """Commit one item; return its SHA."""
    content = files or {f"src/engine/part_{number}.py": make_source(number, lines)}
    message = f"{subject} ({name_item(number)})" + (f"\n\n{body}" if body else "")
    return upstream.commit(message, when, content)


def make_model(url: str, name: str = "test-model", **more: Any) -> ModelSettings:
    """Name a model at a server."""
    return ModelSettings(name=name, base_url=url, **more)


def make_config(
    upstreams: Sequence[tuple[str, Upstream]],
    models: Sequence[ModelSettings],
    *,
    language: Language = "en",
    deadline: float = 20,
    budget: Budget | None = None,
    **more: Any,
) -> Config:
    """Make the settings of an archive whose models are these; `deadline` may be shorter than archive.yml allows."""
    settings = AnalysisSettings(models=tuple(models), budget=budget or Budget(), **more)
    return Config(
        repositories=tuple(TrackedRepository(url=upstream.url, name=name) for name, upstream in upstreams),
        first_days=366,
        language=language,
        # Not checked: no test has the time to wait out what an archive may ask for.
        analysis=settings.model_copy(update={"deadline": deadline}),
    )


def run_asking(
    root: Path, config: Config, now: str = THAT_EVENING, *, report: QuietReport | None = None, **asking: Any
) -> Summary:
    """Update an archive, asking its models."""
    keys = asking.pop("keys", {KEY: KEY_VALUE})
    ticks = count()

    def clock() -> datetime:
        return _START + timedelta(milliseconds=next(ticks))

    return update(
        root,
        config,
        datetime.fromisoformat(now),
        report or QuietReport(),
        (),
        Asking(keys=keys, clock=clock, **asking),
    )


def read_commits(root: Path, name: str = NAME) -> Iterator[Commit]:
    """Read the archived commits, oldest day first."""
    for record in read_records(root, name).values():
        yield from record.commits


def read_analyses(root: Path, name: str = NAME) -> dict[str, Analysis]:
    """Read what is said of each item, by its marker."""
    return {
        commit.subject.rpartition("(")[2].rstrip(")"): commit.analysis for commit in read_commits(root, name)
    }


def read_replies(root: Path, sha: str, name: str = NAME) -> list[Saved]:
    """Read what is kept of the exchanges about a commit, in the order in which they came."""
    folder = root / ".daybook" / "replies" / name / sha
    saved = [parse_exchange(path.read_bytes()) for path in sorted(folder.glob("*.reply"))]
    return sorted(saved, key=lambda one: one.sent.sent)


def spend_nothing(config: Config) -> Config:
    """Make the same settings with no money to spend."""
    analysis = config.analysis.model_copy(update={"budget": Budget(calls_per_day=0)})
    return config.model_copy(update={"analysis": analysis})


def count_reasons(root: Path, name: str = NAME) -> dict[Reason | None, int]:
    """Count the reasons that stand in the records."""
    reasons = [analysis.reason for analysis in read_analyses(root, name).values()]
    return {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
