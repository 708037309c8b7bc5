"""The day rule, over any graph: a commit lands with the first commit of the mainline that it is reachable from.

The rule is written here once more, as slowly and plainly as it can be said, and both must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.collect.landing import Before, Landing, find_landings
from generator.collect.mirror import Node
from generator.days import find_day, find_window
from tests.mutants import find_failure
from tests.soak import count_cases, try_examples

ZONES = [
    *("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"),
    *("Asia/Kathmandu", "Pacific/Kiritimati", "Africa/Casablanca", "America/Sao_Paulo"),
]
FETCHED = int(datetime(2026, 4, 1, tzinfo=UTC).timestamp())
# Around the clock changes of 2026 in these zones, and far from any.
_NEAR = [FETCHED - 86_400 * days for days in (0, 1, 3, 20, 24, 25, 26, 150, 160)]
_WRONG = [0, 1, 946_684_799, FETCHED, FETCHED + 1, 2**31, 2**33, 253_402_300_800, 2**63, 2**64 - 1]

Place = Callable[[Mapping[str, Node], str, Before, int, ZoneInfo], Iterator[Landing]]


class History(NamedTuple):
    """A graph in which every commit stands behind its parents, and its tip, the last one."""

    nodes: list[Node]
    zone: str

    @property
    def tip(self) -> str:
        return self.nodes[-1].sha

    @property
    def graph(self) -> dict[str, Node]:
        return {node.sha: node for node in self.nodes}

    def reach(self, sha: str) -> set[str]:
        """Find all that is reachable from a commit."""
        found: set[str] = set()
        waiting = [sha]
        while waiting:
            sha = waiting.pop()
            if sha not in found:
                found.add(sha)
                waiting += self.graph[sha].parents
        return found


@st.composite
def _grow(draw: st.DrawFn) -> History:
    nodes: list[Node] = []
    moments = st.one_of(
        st.builds(lambda near, more: near + more, st.sampled_from(_NEAR), st.integers(-86_400, 86_400)),
        st.sampled_from(_WRONG),
    )
    for number in range(draw(st.integers(1, 12))):
        # Mostly the newest ones, so that there is a mainline to speak of; sometimes none: another root.
        shas = [node.sha for node in nodes]
        count = min(len(shas), draw(st.sampled_from([1, 1, 1, 1, 2, 2, 3, 0])))
        newest_first = shas[::-1]
        parents = [
            newest_first[min(len(shas) - 1, draw(st.sampled_from([0, 0, 0, 1, 2, 3, 5, 8])))]
            for _ in range(count)
        ]
        nodes.append(Node(f"{number:040x}", tuple(dict.fromkeys(parents)), draw(moments)))
    history = History(nodes, draw(st.sampled_from(ZONES)))
    reachable = history.reach(history.tip)
    return history._replace(nodes=[node for node in nodes if node.sha in reachable])


histories = _grow()


def find_mainline(history: History) -> list[str]:
    """Follow first parents, oldest first."""
    chain = [history.tip]
    while parents := history.graph[chain[-1]].parents:
        chain.append(parents[0])
    return chain[::-1]


def say_rule(history: History) -> dict[str, tuple[str, date]]:
    """Say for every commit the landing commit and the day."""
    placed: dict[str, tuple[str, date]] = {}
    mainline = find_mainline(history)
    sane = [seconds for sha in mainline if (seconds := history.graph[sha].seconds) <= FETCHED]
    moment = sane[0] if sane else FETCHED
    for sha in mainline:
        seconds = history.graph[sha].seconds
        moment = moment if seconds > FETCHED else seconds
        day = datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(history.zone)).date()
        for reached in history.reach(sha):
            placed.setdefault(reached, (sha, day))
    return placed


def check_rule(history: History, find: Place = find_landings) -> None:
    """Check that every commit is placed once, by the rule, and in an order that follows from the graph."""
    landings = list(find(history.graph, history.tip, Before(), FETCHED, ZoneInfo(history.zone)))
    assert sorted(landing.sha for landing in landings) == sorted(history.graph)
    assert {landing.sha: (landing.landing_sha, landing.day) for landing in landings} == say_rule(history)
    position = {landing.sha: number for number, landing in enumerate(landings)}
    for node in history.nodes:
        assert all(position[parent] < position[node.sha] for parent in node.parents)
    mainline = find_mainline(history)
    assert [sha for sha in position if sha in set(mainline)] == mainline
    newest = None
    for landing in landings:
        assert landing.before == next(iter(history.graph[landing.landing_sha].parents), None)
        assert landing.late == (newest is not None and landing.day < newest)
        if landing.sha == landing.landing_sha:
            newest = max(landing.day, newest or landing.day)
    shuffled = dict(sorted(history.graph.items(), reverse=True))
    assert list(find(shuffled, history.tip, Before(), FETCHED, ZoneInfo(history.zone))) == landings


def check_piecewise(history: History, cuts: set[int], find: Place = find_landings) -> None:
    """Check that runs in between, each of which knows what the one before archived, place as one run does."""
    zone = ZoneInfo(history.zone)
    whole = list(find(history.graph, history.tip, Before(), FETCHED, zone))
    mainline = find_mainline(history)
    # A history that begins in the future is placed by what comes later, which an earlier run cannot know.
    first_sane = next((n for n, sha in enumerate(mainline) if history.graph[sha].seconds <= FETCHED), None)
    stops = sorted({cut % len(mainline) for cut in cuts} | {len(mainline) - 1})
    stops = [stop for stop in stops if first_sane is not None and stop >= first_sane] or [len(mainline) - 1]
    archived: set[str] = set()
    before, pieces = Before(), []
    for stop in stops:
        reached = history.reach(mainline[stop])
        graph = {sha: node for sha, node in history.graph.items() if sha in reached - archived}
        piece = list(find(graph, mainline[stop], before, FETCHED, zone))
        archived |= reached
        pieces += piece
        newest = max(landing.day for landing in pieces)
        before = Before(seconds=piece[-1].seconds, newest_day=newest)
    assert pieces == whole


def check_day(seconds: int, zone: str) -> None:
    """Check that a moment lies in the window of its day, and that windows meet without a gap."""
    day = find_day(seconds, ZoneInfo(zone))
    assert day is not None
    window = find_window(day, ZoneInfo(zone))
    assert window.start.timestamp() <= seconds < window.end.timestamp()
    assert find_day(int(window.start.timestamp()), ZoneInfo(zone)) == day
    assert find_day(int(window.end.timestamp()) - 1, ZoneInfo(zone)) == day
    assert find_day(int(window.end.timestamp()), ZoneInfo(zone)) != day


# From 1970 to 2100, and around days that were left out (Apia, 30 December 2011) or began at one (São Paulo).
# Not among the zones: those whose clock once went back over midnight (St. John's until 2011), where a day that has
# begun is interrupted by the day before, so that no span is that day.
_ODD = [int(datetime(*day, tzinfo=UTC).timestamp()) for day in [(2011, 12, 30), (2018, 11, 4), (2026, 10, 4)]]
seconds_of_time = st.one_of(
    st.integers(0, 4_102_444_800),
    st.builds(lambda odd, more: odd + more, st.sampled_from(_ODD), st.integers(-172_800, 172_800)),
)
cuts = st.sets(st.integers(0, 11), max_size=5)


def test_every_commit_lands_by_the_rule_once() -> None:
    with count_cases("day rule: at once") as count:

        @given(history=histories)
        @try_examples(600, 100_000)
        def check(history: History) -> None:
            count.add()
            check_rule(history)

        check()


def test_runs_in_between_place_as_one_run_does() -> None:
    with count_cases("day rule: in pieces") as count:

        @given(history=histories, cuts=cuts)
        @try_examples(400, 100_000)
        def check(history: History, cuts: set[int]) -> None:
            count.add()
            check_piecewise(history, cuts)

        check()


def test_every_moment_lies_in_the_window_of_one_day() -> None:
    with count_cases("day rule: windows") as count:

        @given(seconds=seconds_of_time, zone=st.sampled_from(ZONES))
        @try_examples(600, 100_000)
        def check(seconds: int, zone: str) -> None:
            count.add()
            check_day(seconds, zone)

        check()


def _by_own_date(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    for landing in find_landings(graph, tip, before, fetched, timezone):
        day = find_day(min(graph[landing.sha].seconds, fetched), timezone)
        assert day is not None
        yield replace(landing, day=day)


def _by_utc(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    del timezone
    return find_landings(graph, tip, before, fetched, ZoneInfo("UTC"))


def _mainline_alone(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    found = find_landings(graph, tip, before, fetched, timezone)
    return (landing for landing in found if landing.sha == landing.landing_sha)


def _along_last_parents(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    turned = {sha: node._replace(parents=node.parents[::-1]) for sha, node in graph.items()}
    return find_landings(turned, tip, before, fetched, timezone)


def _believing_the_future(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    return find_landings(graph, tip, before, max(fetched, 2**33), timezone)


def _by_date_window(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    # What `git log --since` does with the moment of the tip that was archived.
    since = before.seconds or 0
    found = find_landings(graph, tip, before, fetched, timezone)
    return (landing for landing in found if graph[landing.sha].seconds >= since)


def _forgetting_the_archived(
    graph: Mapping[str, Node], tip: str, before: Before, fetched: int, timezone: ZoneInfo
) -> Iterator[Landing]:
    del before
    return find_landings(graph, tip, Before(), fetched, timezone)


@pytest.mark.parametrize(
    "wrong", [_by_own_date, _by_utc, _mainline_alone, _along_last_parents, _believing_the_future]
)
def test_another_rule_is_caught(wrong: Place) -> None:
    assert find_failure(lambda history: check_rule(history, wrong), histories, examples=1000)


@pytest.mark.parametrize("wrong", [_by_date_window, _forgetting_the_archived])
def test_a_run_that_does_not_go_on_where_the_last_one_stopped_is_caught(wrong: Place) -> None:
    check = lambda history, cuts: check_piecewise(history, cuts, wrong)  # noqa: E731
    assert find_failure(check, histories, cuts, examples=1000)
