"""Questions that are handed in as batches, and what a later run makes of their answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.config import Budget, Config, Price
from generator.records import Outcome, Reason
from tests.archives import NAME
from tests.batch_server import Batch, BatchDesk, Done
from tests.histories import Upstream
from tests.model_archives import add_item, make_config, make_model, name_item, read_analyses, run_asking
from tests.model_server import Answer, ModelServer, complete, fail

COMMITS = 5
PRICE = Price(input=2.0, output=8.0)


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    upstream = Upstream(tmp_path / "upstream")
    for number in range(COMMITS):
        add_item(upstream, number)
    return upstream


def follow(
    upstream: Upstream, server: ModelServer, *, batch: bool = True, budget: Budget | None = None
) -> Config:
    return make_config([(NAME, upstream)], [make_model(server.url, price=PRICE)], batch=batch, budget=budget)


def find_states(root: Path) -> set[tuple[Outcome, Reason | None]]:
    return {(analysis.outcome, analysis.reason) for analysis in read_analyses(root).values()}


def skip(number: int) -> Callable[[str, Callable[[], Done]], Done | None]:
    """Leave one commit undone."""
    return lambda request, work: None if name_item(number) in request else work()


def replace(number: int, done: Done) -> Callable[[str, Callable[[], Done]], Done | None]:
    """Answer one commit otherwise."""
    return lambda request, work: done if name_item(number) in request else work()


def find_request(batch: Batch, number: int) -> dict[str, object]:
    return next(body for body in batch.lines.values() if name_item(number) in str(body["messages"]))


def test_a_batch_is_handed_in_waited_for_and_read_at_half_the_price(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        first = run_asking(root, config)
        assert (find_states(root), len(desk.batches), server.count()) == (
            {(Outcome.PENDING, Reason.BATCH)},
            1,
            0,
        )
        assert (first.exit_code, len(desk.batches[0].lines)) == (3, COMMITS)
        run_asking(root, config)
        assert (find_states(root), len(desk.batches)) == ({(Outcome.PENDING, Reason.BATCH)}, 1)
        desk.finish(desk.batches[0])
        last = run_asking(root, config)
        assert (find_states(root), len(desk.batches), last.exit_code) == ({(Outcome.OK, None)}, 1, 0)
        assert set(server.bills.values()) == {1}
    for analysis in read_analyses(root).values():
        provenance = analysis.provenance
        assert provenance.tokens is not None
        full = (provenance.tokens.prompt * 2.0 + provenance.tokens.completion * 8.0) / 1e6
        assert provenance.calls == 1
        assert provenance.cost == pytest.approx(full / 2)


def test_what_an_expired_batch_left_undone_is_handed_in_again_and_the_rest_is_not(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        run_asking(root, config)
        desk.finish(desk.batches[0], "expired", skip(2))
        run_asking(root, config)
        assert [len(batch.lines) for batch in desk.batches] == [COMMITS, 1]
        assert read_analyses(root)[name_item(2)].reason is Reason.BATCH
        desk.finish(desk.batches[1])
        run_asking(root, config)
        assert (find_states(root), len(desk.batches)) == ({(Outcome.OK, None)}, 2)
        assert set(server.bills.values()) == {1}


def test_a_line_that_failed_at_the_provider_is_handed_in_again(tmp_path: Path, upstream: Upstream) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        run_asking(root, config)
        desk.finish(desk.batches[0], do=replace(0, (500, b'{"error": {"message": "no"}}')))
        run_asking(root, config)
        desk.finish(desk.batches[1])
        run_asking(root, config)
        assert (find_states(root), [len(batch.lines) for batch in desk.batches]) == (
            {(Outcome.OK, None)},
            [COMMITS, 1],
        )


def test_a_form_of_answer_that_the_server_does_not_know_is_not_handed_in_twice(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    refusal = b'{"error": {"message": "This response_format type is unavailable now"}}'
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        run_asking(root, config)
        desk.finish(desk.batches[0], do=lambda _request, _work: (400, refusal))
        run_asking(root, config)
        formats = [
            {body["response_format"]["type"] for body in batch.lines.values()} for batch in desk.batches
        ]
        assert formats == [{"json_schema"}, {"json_object"}]


def test_a_cut_answer_gets_twice_the_room_in_the_next_batch_and_is_given_up_when_cut_again(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    cut = (200, complete('{"summary": "Reads', finish_reason="length"))
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        run_asking(root, config)
        desk.finish(desk.batches[0], do=replace(3, cut))
        run_asking(root, config)
        rooms = [find_request(batch, 3)["max_completion_tokens"] for batch in desk.batches]
        assert rooms[1] == 2 * rooms[0]  # type: ignore[operator]
        desk.finish(desk.batches[1], do=replace(3, cut))
        run_asking(root, config)
        analysis = read_analyses(root)[name_item(3)]
        assert (analysis.outcome, analysis.reason, analysis.provenance.writer) == (
            Outcome.FAILED,
            Reason.CUT,
            "rules",
        )
        assert analysis.trial is not None
        assert (analysis.trial.runs, analysis.trial.calls) == (1, 2)


def test_a_batch_whose_creation_nobody_heard_of_is_found_and_not_created_again(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        desk.loses_answer = True
        run_asking(root, config)
        desk.loses_answer = False
        desk.finish(desk.batches[0])
        run_asking(root, config)
        assert (find_states(root), len(desk.batches)) == ({(Outcome.OK, None)}, 1)
        assert set(server.bills.values()) == {1}


def test_a_refused_batch_waits_with_its_reason_and_is_handed_in_by_the_next_run(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        desk.script_create = lambda: fail(403)(None)  # type: ignore[arg-type]
        summary = run_asking(root, config)
        assert (find_states(root), summary.exit_code) == ({(Outcome.PENDING, Reason.KEY_REFUSED)}, 3)
        assert summary.asked is not None
        assert [stop.model for stop in summary.asked.stopped] == ["test-model"]
        desk.script_create = None
        run_asking(root, config)
        assert (find_states(root), len(desk.batches)) == ({(Outcome.PENDING, Reason.BATCH)}, 1)


def test_what_lies_in_a_batch_is_not_asked_live_and_is_collected_all_the_same(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk = BatchDesk(server)
        run_asking(root, follow(upstream, server))
        add_item(upstream, COMMITS)
        live = follow(upstream, server, batch=False)
        run_asking(root, live)
        assert server.bills == {name_item(COMMITS): 1}
        desk.finish(desk.batches[0])
        run_asking(root, live)
        assert find_states(root) == {(Outcome.OK, None)}
        assert set(server.bills.values()) == {1}


def test_no_more_is_handed_in_than_the_budget_allows(tmp_path: Path, upstream: Upstream) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server, budget=Budget(calls_per_day=2))
        run_asking(root, config)
        reasons = sorted(str(analysis.reason) for analysis in read_analyses(root).values())
        assert (reasons, len(desk.batches[0].lines)) == (["batch"] * 2 + ["budget"] * 3, 2)


def test_a_batch_that_cannot_be_looked_for_stays_where_it_is(tmp_path: Path, upstream: Upstream) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        desk.loses_answer = True
        run_asking(root, config)
        desk.loses_answer = False
        listing = server.routes.pop(("GET", "/v1/batches"))
        run_asking(root, config)
        server.routes["GET", "/v1/batches"] = listing
        desk.finish(desk.batches[0])
        output = desk.batches[0].fields["output_file_id"]
        content = server.routes["GET", f"/v1/files/{output}/content"]
        server.routes["GET", f"/v1/files/{output}/content"] = lambda _: Answer(status=503)
        run_asking(root, config)
        assert (find_states(root), len(desk.batches)) == ({(Outcome.PENDING, Reason.BATCH)}, 1)
        server.routes["GET", f"/v1/files/{output}/content"] = content
        run_asking(root, config)
        assert (find_states(root), len(desk.batches)) == ({(Outcome.OK, None)}, 1)


def test_a_batch_that_the_server_does_not_take_spends_nothing_of_the_day(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk = BatchDesk(server)
        config = follow(upstream, server, budget=Budget(calls_per_day=COMMITS))
        desk.script_create = lambda: fail(500)(None)  # type: ignore[arg-type]
        refused = run_asking(root, config)
        desk.script_create = None
        taken = run_asking(root, config)
        assert refused.asked is not None
        assert taken.asked is not None
        assert (refused.asked.handed_in, refused.asked.calls) == (0, 0)
        assert (taken.asked.handed_in, taken.asked.calls) == (COMMITS, 0)
        assert find_states(root) == {(Outcome.PENDING, Reason.BATCH)}


def test_a_batch_that_the_provider_has_thrown_away_is_asked_again(tmp_path: Path, upstream: Upstream) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        run_asking(root, config)
        del server.routes["GET", f"/v1/batches/{desk.batches[0].batch_id}"]
        run_asking(root, config)
        assert [len(batch.lines) for batch in desk.batches] == [COMMITS, COMMITS]


def test_a_key_that_was_refused_yesterday_is_tried_again_today(tmp_path: Path, upstream: Upstream) -> None:
    root = tmp_path / "archive"
    refused = (429, b'{"error": {"code": "insufficient_quota", "message": "no"}}')
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        run_asking(root, config)
        desk.finish(desk.batches[0], do=lambda _request, _work: refused)
        run_asking(root, config)
        desk.finish(desk.batches[1])
        run_asking(root, config)
        assert find_states(root) == {(Outcome.OK, None)}


def test_what_was_handed_in_to_one_model_is_not_asked_of_another(tmp_path: Path, upstream: Upstream) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk = BatchDesk(server)
        run_asking(root, follow(upstream, server))
        other = make_config(
            [(NAME, upstream)], [make_model(server.url, "other"), make_model(server.url, price=PRICE)]
        )
        run_asking(root, other)
        assert server.count() == 0
        desk.finish(desk.batches[0])
        run_asking(root, other)
        assert find_states(root) == {(Outcome.OK, None)}
        assert set(server.bills.values()) == {1}
        assert {analysis.provenance.model for analysis in read_analyses(root).values()} == {"test-model"}


def test_retry_hands_a_refused_commit_in_again(tmp_path: Path, upstream: Upstream) -> None:
    root = tmp_path / "archive"
    refused = (200, complete(None, refusal="No."))
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        run_asking(root, config)
        desk.finish(desk.batches[0], do=replace(1, refused))
        run_asking(root, config)
        assert read_analyses(root)[name_item(1)].outcome is Outcome.REFUSED
        run_asking(root, config, retry=True)
        desk.finish(desk.batches[1])
        run_asking(root, config)
        assert (find_states(root), len(desk.batches[1].lines)) == ({(Outcome.OK, None)}, 1)


def test_a_run_that_was_cut_short_while_it_kept_a_batch_keeps_nothing_twice(
    tmp_path: Path, upstream: Upstream
) -> None:
    root = tmp_path / "archive"
    with ModelServer() as server:
        desk, config = BatchDesk(server), follow(upstream, server)
        run_asking(root, config)
        notes = {path: path.read_bytes() for path in (root / ".daybook" / "batches").iterdir()}
        desk.finish(desk.batches[0])
        run_asking(root, config)
        # As if it had not come to forget the batch.
        for path, content in notes.items():
            path.write_bytes(content)
        run_asking(root, config)
    folder = root / ".daybook" / "replies" / NAME
    assert [len([*commit.iterdir()]) for commit in folder.iterdir()] == [1] * COMMITS
