"""What asking costs: an estimate counts what the run then asks, and the status tells what was spent and is missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from generator.config import Budget, Config, Price
from generator.pipeline import (
    Asking,
    Bill,
    Estimate,
    Missing,
    Spending,
    backfill,
    estimate,
    read_missing_across,
    read_spending,
    read_status,
)
from generator.records import Outcome, Reason, Tokens
from generator.store.archive import Archive
from generator.store.replies import Journal
from tests.archives import NAME, read_files, run_update
from tests.histories import Upstream
from tests.model_archives import (
    KEY,
    KEY_VALUE,
    NEXT_MORNING,
    THAT_EVENING,
    add_item,
    make_config,
    make_model,
    run_asking,
    spend_nothing,
)
from tests.model_server import Answer, Heard, ModelServer, answer_well, complete
from tests.quiet import QuietReport

OTHER = "ada/loom"
PRICE = Price(input=1, output=2)
MARCH = "2026-03-01T08:00+08:00"


def configure(
    upstreams: Sequence[tuple[str, Upstream]],
    server: ModelServer | None,
    first_days: int = 366,
    **more: object,
) -> Config:
    url = server.url if server else "http://127.0.0.1:9/v1"
    model = make_model(url, price=PRICE, context=100_000)
    config = make_config(upstreams, [model], **more)  # type: ignore[arg-type]
    return config.model_copy(update={"first_days": first_days})


def run_estimate(
    root: Path, config: Config, now: str, since: date | None = None, until: date | None = None
) -> Estimate:
    return estimate(root, config, datetime.fromisoformat(now), QuietReport(), (), since, until)


def run_backfill_by_model(root: Path, config: Config, now: str, since: date, until: date | None) -> None:
    moment = datetime.fromisoformat(now)
    asking = Asking(keys={KEY: KEY_VALUE}, clock=lambda: moment, again=True)
    backfill(root, config, moment, QuietReport(), since, until, (), asking)


def fill(upstream: Upstream, *days: int) -> None:
    """Commit one item on each of these days of January; a day may stand there several times."""
    for place, day in enumerate(days):
        add_item(upstream, day * 10 + place, f"2026-01-{day:02}T10:{place:02}+08:00")


def count_calls(found: Estimate) -> tuple[int, int]:
    return sum(one.calls for one in found.repositories), found.digests.calls


# One repository: its days and its month. Two: also those across, where both have something.
@pytest.mark.parametrize(
    ("now", "digests"), [(NEXT_MORNING, 3), (MARCH, 3 + 3)], ids=["days", "days and months"]
)
def test_an_estimate_counts_the_calls_that_the_update_then_makes(
    tmp_path: Path, now: str, digests: int
) -> None:
    upstreams = [(NAME, Upstream(tmp_path / "engine")), (OTHER, Upstream(tmp_path / "loom"))]
    fill(upstreams[0][1], 5, 5, 6)
    fill(upstreams[1][1], 6, 6)
    with ModelServer() as server:
        config = configure(upstreams, server)
        found = run_estimate(tmp_path, config, now)
        assert server.arrived == []
        run_asking(tmp_path, config, now)
        assert count_calls(found) == (server.count("commit"), server.count("digest")) == (5, digests)
        sent = sum(len("".join(heard.messages).encode()) for heard in server.heard) // 4
        again = run_estimate(tmp_path, config, now)
    prompts = sum(one.prompt_tokens for one in found.repositories) + found.digests.prompt
    assert sent <= prompts <= 3 * sent
    assert count_calls(again) == (0, 0)


def test_the_morning_after_an_estimate_has_the_digest_of_yesterday(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "engine")
    fill(upstream, 6, 6, 6)
    with ModelServer() as server:
        config = configure([(NAME, upstream)], server)
        assert count_calls(run_estimate(tmp_path, config, THAT_EVENING)) == (3, 0)
        run_asking(tmp_path, config, THAT_EVENING)
        found = run_estimate(tmp_path, config, NEXT_MORNING)
        assert server.count("digest") == 0
        run_asking(tmp_path, config, NEXT_MORNING)
        assert count_calls(found) == (0, server.count("digest")) == (0, 1)
    # A question of a digest holds more than its material, and its price is as of any other call.
    assert found.digests.prompt > 3 * 300
    assert found.digests.cost == pytest.approx((found.digests.prompt + 900 * 2) / 1_000_000)


@pytest.mark.parametrize(
    ("until", "commits", "new", "calls"), [(None, 9, 4, (9, 3)), (date(2026, 1, 3), 3, 3, (3, 1))]
)
def test_an_estimate_of_past_days_counts_what_the_backfill_by_a_model_then_asks(
    tmp_path: Path, until: date | None, commits: int, new: int, calls: tuple[int, int]
) -> None:
    upstream = Upstream(tmp_path / "engine")
    fill(upstream, 1, 2, 3, 3, 5, 5, 6, 6, 6)
    since = date(2026, 1, 2)
    with ModelServer() as server:
        config = configure([(NAME, upstream)], server, first_days=2)
        # Of the fifth and the sixth the rules have spoken; the sixth has one commit that lands only now.
        run_update(tmp_path, config, THAT_EVENING)
        add_item(upstream, 99, "2026-01-06T23:30+08:00")
        if until:
            # What an update brings is archived first, and asked about whatever days are named.
            run_update(tmp_path, config, NEXT_MORNING)
        before = read_files(tmp_path)
        found = run_estimate(tmp_path, config, NEXT_MORNING, since, until)
        assert (read_files(tmp_path), server.arrived) == (before, [])
        run_backfill_by_model(tmp_path, config, NEXT_MORNING, since, until)
        assert count_calls(found) == (server.count("commit"), server.count("digest")) == calls
        again = run_estimate(tmp_path, config, NEXT_MORNING, since, until)
    assert count_calls(again) == (0, 0)
    (one,) = found.repositories
    assert (one.commits, one.new, found.days) == (commits, new, (since, until))


def test_what_lies_in_a_batch_is_not_estimated_once_more(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "engine")
    fill(upstream, 6, 6)
    with ModelServer() as server:
        config = configure([(NAME, upstream)], server)
        run_asking(tmp_path, spend_nothing(config), THAT_EVENING)
        assert run_estimate(tmp_path, config, THAT_EVENING).repositories[0].commits == 2
        archive = Archive(tmp_path / "docs")
        record = archive.read_day(NAME, date(2026, 1, 6))
        first, *rest = record.commits
        handed_in = first.analysis.model_copy(update={"reason": Reason.BATCH})
        commits = (first.model_copy(update={"analysis": handed_in}), *rest)
        archive.write_day(record.model_copy(update={"commits": commits}))
        assert run_estimate(tmp_path, config, THAT_EVENING).repositories[0].commits == 1


def test_spending_is_that_of_today_and_of_the_month_in_the_archives_time_zone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / ".daybook" / "spending")
    for day, calls, cost in (("2026-01-31", 1, 9.0), ("2026-02-01", 2, 0.5), ("2026-02-03", 4, None)):
        entry = {"calls": calls, "prompt": 100 * calls, "completion": 10 * calls, "cost": cost}
        journal.add(date.fromisoformat(day), entry)
    config = configure([(NAME, Upstream(tmp_path / "up"))], None, budget=Budget(calls_per_day=5))
    # In Shanghai the third has begun.
    found = read_spending(tmp_path, config, datetime.fromisoformat("2026-02-02T20:00+00:00"))
    today = Bill(calls=4, tokens=Tokens(prompt=400, completion=40), cost=0.0, unpriced=4)
    month = Bill(calls=6, tokens=Tokens(prompt=600, completion=60), cost=0.5, unpriced=4)
    assert found == Spending(today=today, month=month, left=Budget(calls_per_day=1))


def test_status_tells_what_is_asked_again_from_what_was_given_up(tmp_path: Path) -> None:
    upstream = Upstream(tmp_path / "engine")
    fill(upstream, 6)

    def say_nothing(_: Heard) -> Answer:
        return Answer(body=complete(""))

    with ModelServer(say_nothing) as server:
        config = configure([(NAME, upstream)], server)
        for is_given_up in (False, False, True, True):
            summary = run_asking(tmp_path, config, THAT_EVENING)
            missing = Missing(outcome=Outcome.FAILED, reason=Reason.EMPTY, is_given_up=is_given_up, number=1)
            (status,) = read_status(tmp_path, config)
            assert (status.analyses, status.digests, read_missing_across(tmp_path)) == ((missing,), (), ())
            assert (summary.analyses, summary.exit_code) == ((missing,), 3)


def test_a_digest_is_missing_when_a_model_was_asked_and_not_before_its_day_is_over(tmp_path: Path) -> None:
    upstreams = [(NAME, Upstream(tmp_path / "engine")), (OTHER, Upstream(tmp_path / "loom"))]
    for _, upstream in upstreams:
        fill(upstream, 6, 6)

    def write_no_digest(heard: Heard) -> Answer:
        return Answer(body=complete("")) if heard.sort == "digest" else answer_well(heard)

    with ModelServer(write_no_digest) as server:
        config = configure(upstreams, server)
        assert run_asking(tmp_path, config, THAT_EVENING).exit_code == 0
        assert [status.digests for status in read_status(tmp_path, config)] == [(), ()]
        summary = run_asking(tmp_path, config, NEXT_MORNING)
    missing = Missing(outcome=Outcome.FAILED, reason=Reason.EMPTY, is_given_up=False, number=1)
    assert [status.digests for status in read_status(tmp_path, config)] == [(missing,), (missing,)]
    assert read_missing_across(tmp_path) == (missing,)
    assert (summary.digests, summary.analyses, summary.exit_code) == ((missing,) * 3, (), 3)


def test_a_repository_that_is_away_is_named_and_the_others_are_counted(tmp_path: Path) -> None:
    away, there = Upstream(tmp_path / "away"), Upstream(tmp_path / "there")
    add_item(away, 1)
    add_item(there, 2)
    config = configure([(NAME, away), (OTHER, there)], None)
    away.folder.rename(tmp_path / "gone")
    found = estimate(tmp_path / "archive", config, datetime.fromisoformat(MARCH), QuietReport())
    assert (found.unseen, [each.commits for each in found.repositories]) == ((NAME,), [0, 1])
