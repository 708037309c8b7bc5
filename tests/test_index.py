"""The records index says what the records say, whatever happened to either, and costs what changed."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from generator import record_bytes
from generator.analyse.model.asks import MOST_RUNS
from generator.analyse.model.prompt import COMMIT_VERSION
from generator.analysing import Asking, find_waiting, let_go
from generator.config import Config, TrackedRepository
from generator.digesting import write_digests
from generator.errors import ArchiveError
from generator.pipeline import read_missing_across, read_status
from generator.record_additions import Related
from generator.record_bytes import render_record
from generator.records import (
    Commit,
    DayRecord,
    DigestRecord,
    Outcome,
    Provenance,
    Reason,
    RepositoryRecord,
    Tokens,
    Trial,
)
from generator.release_records import ReleaseDay, ReleaseRecord
from generator.store import files, index, places, reading, relations, tables
from generator.store.archive import Archive
from generator.store.index import INDEX
from generator.store.marks import link_commits, mark_gone
from tests.digests import ENGINE, TOOLS
from tests.page_archive import make_analysis, make_commit, make_day, name_sha, plain
from tests.quiet import QuietReport

SCOPES = (ENGINE, TOOLS, "days", "not/there")
DAYS = [date(2026, 1, 30) + timedelta(days=number) for number in range(4)]
NOON = "2026-01-05T12:00:00+00:00"


def commit(number: int, **fields: object) -> Commit:
    return make_commit(number, NOON, plain, **fields)


def make_digest(scope: str, period: str, outcome: Outcome = Outcome.OK) -> DigestRecord:
    provenance = Provenance(writer="rules", version="digest-rules-1", language="en", share_read=1.0)
    return DigestRecord(
        scope=scope, period=period, basis="0" * 64, outcome=outcome, lines=(), provenance=provenance
    )


def keep_repositories(docs: Path) -> Archive:
    archive = Archive(docs)
    for name in (ENGINE, TOOLS):
        archive.write_repository(RepositoryRecord(repository=name, timezone="UTC"))
    return archive


def ask_all(archive: Archive) -> dict[str, object]:
    """Ask all that the index answers, also what is wrong."""

    def ask(question: Callable[[str], object], scope: str) -> object:
        try:
            return question(scope)
        except ArchiveError as error:
            return str(error)

    questions: tuple[Callable[[str], object], ...] = (
        archive.days,
        archive.day_hashes,
        archive.summaries,
        archive.find_open_days,
        archive.commit_days,
        archive.find_reverters,
        archive.find_reverted,
        archive.find_relations,
        archive.find_related,
        archive.digest_summaries,
        archive.release_summaries,
        archive.find_open_digests,
        lambda scope: archive.find_mismarked_days(scope, {name_sha(2)}),
        lambda scope: [archive.is_archived(scope, name_sha(number)) for number in range(9)],
        lambda scope: archive.headlines(scope, date.min, date.max),
        lambda scope: archive.headlines_touching(scope, date.min, date.max, lambda path: "1" in path),
        lambda scope: archive.find_headlines(scope, [name_sha(number) for number in range(9)]),
        lambda scope: archive.tallies(scope, date.min, date.max),
    )
    return {
        f"{getattr(question, '__name__', '')} {place} {scope}": ask(question, scope)
        for scope in SCOPES
        for place, question in enumerate(questions)
    }


def ask_anew(root: Path) -> dict[str, object]:
    """Ask an index that is made from the records alone."""
    shutil.rmtree(root / "anew", ignore_errors=True)
    (root / "anew").mkdir()
    (root / "anew" / "docs").symlink_to(root / "docs")
    return ask_all(Archive(root / "anew" / "docs"))


class World:
    """What may happen to an archive: runs that write, people with editors, disks that lie, and runs that are killed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.docs = root / "docs"
        self.chance = random.Random(seed)
        self.archive = keep_repositories(self.docs)

    def go_on(self) -> None:
        """Let one thing happen."""
        happenings = (
            *(self.write_day, self.write_day, self.write_digest, self.remove_digest, self.confirm),
            self.write_release,
            *(self.edit, self.flip_a_bit, self.remove, self.misplace, self.look_old, self.write_without_rows),
            *(self.forget_rows, self.restore_an_old_index, self.damage_index, self.make_another_version),
            *(self.run_anew, self.run_anew),
        )
        self.chance.choice(happenings)()

    def make_record(self) -> DayRecord:
        pick = self.chance.choice
        commits = [
            commit(
                number,
                # Of equal length, so that an edit leaves the size as it was.
                subject=f"feat: subject {pick('abc')}",
                gone=pick((False, False, True)),
                pull_request=pick((None, 7, 8)),
                reverts=pick(((), (), (name_sha(pick((1, 2, 3, 4))),))),
                reverts_pull_request=pick((None, None, 7)),
                reverted_by=pick(((), (name_sha(3),))),
                body=pick(("", "Follow-up to #7.", f"Fixes: {name_sha(pick((1, 2, 3)))[:9]}")),
                related=pick((None, Related(follows=(name_sha(3),)))),
                landed=datetime(2026, 1, pick((4, 5)), tzinfo=UTC),
                analysis=self.make_analysis(),
            )
            for number in self.chance.sample(range(1, 6), pick((1, 2)))
        ]
        return make_day(pick((ENGINE, TOOLS)), pick(DAYS), commits)

    def make_analysis(self) -> object:
        outcome = self.chance.choice(tuple(Outcome))
        needs = outcome in (Outcome.PENDING, Outcome.FAILED, Outcome.REFUSED)
        return make_analysis(str, outcome=outcome, reason=Reason.CUT if needs else None)

    def find_file(self) -> Path | None:
        files = sorted(path for path in self.docs.rglob("*.json") if path.name != "archive.json")
        return self.chance.choice(files) if files else None

    def find_place(self, record: DayRecord) -> Path:
        return self.docs / record.repository / f"{record.day.isoformat().replace('-', '/')}.json"

    def write_day(self) -> None:
        self.archive.write_day(self.make_record())

    def write_digest(self) -> None:
        period = self.chance.choice(("2026-01", "2026-02", *map(str, DAYS)))
        outcome = self.chance.choice((Outcome.OK, Outcome.PENDING))
        self.archive.write_digest(make_digest(self.chance.choice((ENGINE, "days")), period, outcome))

    def write_release(self) -> None:
        pick = self.chance.choice
        tag = pick(("v1.0", "a/v2.0", "a/b/v3.0"))
        release = ReleaseRecord(
            repository=pick((ENGINE, TOOLS)),
            file=tag,
            tag=tag,
            sha=name_sha(pick((1, 2))),
            is_prerelease=False,
            total=pick((1, 2)),
            archived=1,
            days=(ReleaseDay(day=pick(DAYS), commits=(name_sha(1),)),),
        )
        self.archive.write_release(release)

    def remove_digest(self) -> None:
        self.archive.remove_digest(self.chance.choice((ENGINE, "days")), str(self.chance.choice(DAYS)))

    def confirm(self) -> None:
        self.archive.confirm_digests("days", {str(day): "matter" for day in DAYS})

    def edit(self) -> None:
        """Edit a record in its place, as long as before, and let the file look untouched."""
        record = self.make_record()
        place = self.find_place(record)
        if place.is_file():
            before = place.stat()
            place.write_bytes(render_record(record))
            os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))

    def flip_a_bit(self) -> None:
        if path := self.find_file():
            content = bytearray(path.read_bytes())
            content[self.chance.randrange(len(content))] ^= 1
            path.write_bytes(content)

    def remove(self) -> None:
        if path := self.find_file():
            path.unlink()
            if self.chance.random() < 0.2:
                shutil.rmtree(path.parent.parent)

    def misplace(self) -> None:
        if path := self.find_file():
            path.with_name("28.json").write_bytes(path.read_bytes())

    def look_old(self) -> None:
        if path := self.find_file():
            os.utime(path, (1_000_000_000, 1_000_000_000))

    def write_without_rows(self) -> None:
        """Die between a file and its rows."""
        record = self.make_record()
        self.find_place(record).parent.mkdir(parents=True, exist_ok=True)
        self.find_place(record).write_bytes(render_record(record))

    def forget_rows(self) -> None:
        """Lose what was written last, as in a power cut."""
        day = str(self.chance.choice(DAYS))
        with self.open_index() as connection, connection:
            connection.execute("DELETE FROM records WHERE period = ?", (day,))
            for table in ("commits", "reverts", "reverted"):
                connection.execute(f"DELETE FROM {table} WHERE day = ?", (day,))
        self.run_anew()

    def restore_an_old_index(self) -> None:
        kept = self.root / "kept.sqlite"
        if kept.is_file() and self.chance.random() < 0.5:
            self.drop_index()
            shutil.copy(kept, self.root / INDEX)
        else:
            with self.open_index() as source, closing(sqlite3.connect(kept)) as target:
                source.backup(target)
        self.run_anew()

    def damage_index(self) -> None:
        with self.open_index() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        content = (self.root / INDEX).read_bytes()
        self.drop_index()
        place = self.chance.randrange(len(content) // 4096 + 1) * 4096
        damages = (
            b"no database",
            b"",
            content[: len(content) // 2],
            content[:place] + b"\xaa" * 4096 + content[place + 4096 :],
        )
        (self.root / INDEX).write_bytes(self.chance.choice(damages))
        self.run_anew()

    def make_another_version(self) -> None:
        with self.open_index() as connection, connection:
            connection.execute("DELETE FROM commits")
            connection.execute("PRAGMA user_version = 7")
        self.run_anew()

    @contextmanager
    def open_index(self) -> Iterator[sqlite3.Connection]:
        """Open the index behind Daybook's back; it is sound and complete."""
        self.archive = Archive(self.docs)
        ask_all(self.archive)
        with closing(sqlite3.connect(self.root / INDEX)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
                yield connection
                return
        # Damage where no question has looked yet.
        self.drop_index()
        with self.open_index() as connection:
            yield connection

    def drop_index(self) -> None:
        for ending in ("", "-wal", "-shm"):
            (self.root / f"{INDEX}{ending}").unlink(missing_ok=True)

    def run_anew(self) -> None:
        self.archive = keep_repositories(self.docs)


@pytest.mark.parametrize("seed", range(12))
def test_the_index_says_what_one_made_anew_says_whatever_happened(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, seed)
    for _ in range(20):
        for _ in range(world.chance.randrange(1, 5)):
            world.go_on()
        assert ask_all(Archive(world.docs)) == ask_anew(tmp_path)


@pytest.mark.parametrize("seed", range(2))
def test_what_a_run_writes_it_knows_at_once(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path, seed)
    for _ in range(20):
        world.chance.choice((world.write_day, world.write_digest, world.remove_digest))()
        assert ask_all(world.archive) == ask_anew(tmp_path)


def test_a_damaged_record_is_named_by_every_question_about_its_scope_and_by_no_other(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    archive = keep_repositories(docs)
    for name in (ENGINE, TOOLS):
        archive.write_day(make_day(name, DAYS[0], [commit(1)]))
        archive.write_digest(make_digest(name, "2026-01"))
    path = docs / ENGINE / "2026/01/30.json"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"subject 1", b"subject 2"))
    damaged = Archive(docs)
    for _ in range(2):
        with pytest.raises(ArchiveError, match=r"^docs/ada/engine/2026/01/30.json: the content is not what"):
            damaged.summaries(ENGINE)
        with pytest.raises(ArchiveError, match=r"^docs/ada/engine/2026/01/30.json: the content is not what"):
            damaged.days(ENGINE)
    assert list(damaged.digest_summaries(ENGINE)) == ["2026-01"]
    assert damaged.days(TOOLS) == (DAYS[0],)
    # Mended by hand, or by a run that writes the day anew.
    path.write_bytes(whole)
    assert Archive(docs).days(ENGINE) == (DAYS[0],)
    damaged.write_day(make_day(ENGINE, DAYS[0], [commit(1)]))
    assert damaged.days(ENGINE) == (DAYS[0],)


class Counted:
    """Counts what is read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.parsed: list[str] = []
        self.read: list[Path] = []
        parse, read = record_bytes.parse_record, files.read_existing

        def count_parsed(
            kind: type[DayRecord], content: bytes, place: str, *, is_known: bool = False
        ) -> DayRecord:
            self.parsed.append(place)
            return parse(kind, content, place, is_known=is_known)

        def count_read(path: Path) -> bytes | None:
            self.read.append(path)
            return read(path)

        monkeypatch.setattr(reading, "parse_record", count_parsed)
        monkeypatch.setattr(index, "read_existing", count_read)


def believe_young_stamps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do as if the files had been written long ago."""
    monkeypatch.setattr(index, "_TICK", -(10**18))


def test_a_fresh_checkout_is_hashed_once_and_no_record_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = keep_repositories(tmp_path / "docs")
    for day in DAYS:
        archive.write_day(make_day(ENGINE, day, [commit(1)]))
        archive.write_digest(make_digest(ENGINE, str(day)))
    expected = ask_all(archive)
    shutil.copytree(tmp_path / "docs", tmp_path / "checkout" / "docs", copy_function=shutil.copyfile)
    (tmp_path / "checkout" / ".daybook").mkdir()
    with (
        closing(sqlite3.connect(tmp_path / INDEX)) as source,
        closing(sqlite3.connect(tmp_path / "checkout" / INDEX)) as target,
    ):
        source.backup(target)
    believe_young_stamps(monkeypatch)
    counted = Counted(monkeypatch)
    assert ask_all(Archive(tmp_path / "checkout" / "docs")) == expected
    assert (counted.parsed, len(counted.read)) == ([], 8)
    assert ask_all(Archive(tmp_path / "checkout" / "docs")) == expected
    assert len(counted.read) == 8


def test_what_was_written_a_moment_ago_is_hashed_again_because_its_time_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_repositories(tmp_path / "docs").write_day(make_day(ENGINE, DAYS[0], [commit(1)]))
    counted = Counted(monkeypatch)
    for number in (1, 2):
        Archive(tmp_path / "docs").days(ENGINE)
        assert len(counted.read) == number


def test_an_edit_that_sets_size_and_time_back_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    believe_young_stamps(monkeypatch)
    docs = tmp_path / "docs"
    path = docs / ENGINE / "2026/01/30.json"
    keep_repositories(docs).write_day(make_day(ENGINE, DAYS[0], [commit(1)]))
    Archive(docs).days(ENGINE)
    before = path.stat()
    # Longer than the file system's clock takes for a tick.
    time.sleep(0.05)
    path.write_bytes(render_record(make_day(ENGINE, DAYS[0], [commit(1, subject="feat: subject 2")])))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert Archive(docs).summaries(ENGINE)[0].first.subject == "feat: subject 2"


def run_a_day(root: Path, config: Config, record: DayRecord) -> None:
    """Do what a run does with records, git and pages aside."""
    archive = Archive(root / "docs")
    archive.remove_leftovers()
    archive.find_day(record.repository, record.day)
    archive.write_day(record)
    mark_gone(archive, ENGINE, archive.commit_days(ENGINE))
    link_commits(archive, ENGINE)
    let_go(archive, ENGINE)
    asking = Asking(keys={}, clock=lambda: datetime(2026, 2, 1, tzinfo=UTC))
    assert len(find_waiting(archive, ENGINE, asking)) == 1
    write_digests(archive, [ENGINE], "en", record.day, None, QuietReport())
    assert archive.is_archived(ENGINE, name_sha(9000))
    read_status(root, config)
    read_missing_across(root)


def test_a_run_with_one_new_day_reads_as_much_of_a_long_archive_as_of_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(repositories=(TrackedRepository(url="https://example.org/x", name=ENGINE),))
    waiting = make_analysis(str, outcome=Outcome.PENDING, reason=Reason.WAITING)
    tokens = Tokens(prompt=1, completion=1)
    trial = Trial(runs=MOST_RUNS, model="m", version=COMMIT_VERSION, calls=1, tokens=tokens)
    given_up = make_analysis(str, outcome=Outcome.FAILED, reason=Reason.CUT, trial=trial)
    counts = []
    for length in (3, 300):
        root = tmp_path / str(length)
        archive = keep_repositories(root / "docs")
        # One day a month: a month's digest is made from all its days.
        days = [date(2026 - number // 12, 12 - number % 12, 5) for number in range(length + 1)]
        with monkeypatch.context() as patch:
            # Nobody pulls the plug, and a thousand files are soon written.
            patch.setattr(os, "fsync", lambda _: None)
            for number, day in enumerate(days[1:], 1):
                old = commit(number, reverts=(name_sha(number + 1),), analysis=given_up)
                archive.write_day(make_day(ENGINE, day, [old]))
            assert len(link_commits(archive, ENGINE)) == length - 1
            write_digests(archive, [ENGINE], "en", days[0], None, QuietReport())
        with monkeypatch.context() as patch:
            counted = Counted(patch)
            reverting = commit(9000, reverts=(name_sha(1),), analysis=waiting)
            run_a_day(root, config, make_day(ENGINE, days[0], [reverting]))
        marks = Archive(root / "docs").find_reverted(ENGINE)
        assert (marks[days[1], name_sha(1)], len(marks)) == ((name_sha(9000),), length)
        counts.append(len(counted.parsed))
    assert counts[0] == counts[1] < 30


def count_steps(connection: sqlite3.Connection, work: Callable[[], object]) -> int:
    """Count the steps that SQLite takes, in tens of its machine's instructions."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.set_progress_handler(count, 10)
    work()
    connection.set_progress_handler(None, 0)
    return steps


def test_what_concerns_few_commits_takes_as_few_steps_among_many(tmp_path: Path) -> None:
    steps = []
    for length in (10, 200):
        with closing(tables.open_tables(tmp_path / f"{length}.sqlite")) as connection:
            for number in range(length):
                day = DAYS[0] + timedelta(days=number)
                commits = [
                    commit(20 * number + place, pull_request=20 * number + place) for place in range(20)
                ]
                if number < 3:
                    landed = datetime(2027, 1, 1, tzinfo=UTC)
                    fields = {"reverts": (name_sha(2),), "reverts_pull_request": 5, "landed": landed}
                    fields |= {"body": f"Fixes: {name_sha(2)[:9]}\n\nFollow-up to #5", "pull_request": 7}
                    commits.append(commit(9000 + number, **fields))
                record = make_day(ENGINE, day, commits)
                tables.write_day(connection, places.place_day(ENGINE, day), record, "0" * 64, None)
            place = places.place_day(ENGINE, DAYS[0])
            works: tuple[Callable[[], object], ...] = (
                partial(tables.find_reverters, connection, ENGINE),
                partial(tables.read_reverted, connection, ENGINE),
                partial(relations.find_relations, connection, ENGINE),
                partial(relations.read_related, connection, ENGINE),
                partial(tables.is_archived, connection, ENGINE, name_sha(100)),
                partial(tables.read_days, connection, ENGINE, is_open=True),
                partial(tables.read_digests, connection, ENGINE, is_open=False),
                partial(tables.remove_rows, connection, place),
            )
            steps.append([count_steps(connection, work) for work in works])
    assert steps[0] == steps[1]
    assert max(steps[0]) > 10


def test_no_folder_of_commit_pages_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = keep_repositories(tmp_path / "docs")
    archive.write_day(make_day(ENGINE, DAYS[0], [commit(1)]))
    pages = tmp_path / "docs" / ENGINE / "commit"
    pages.mkdir()
    listed: list[str] = []
    scan = os.scandir

    @contextmanager
    def note(folder: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
        listed.append(str(folder))
        with scan(folder) as entries:
            yield entries

    monkeypatch.setattr(os, "scandir", note)
    ask_all(Archive(tmp_path / "docs"))
    assert (listed.count(str(pages)), listed.count(str(pages.parent / "2026/01"))) == (0, 1)
    archive.remove_leftovers()
    assert (listed.count(str(pages)), listed.count(str(pages.parent / "2026/01"))) == (0, 2)


def _open_many(folder: Path, barrier: Barrier) -> None:
    for number in range(20):
        barrier.wait(60)
        with closing(tables.open_tables(folder / f"{number}.sqlite")) as connection:
            assert tables.read_scopes(connection) == []


def _work_at_once(work: Callable[..., None], *arguments: tuple[object, ...]) -> None:
    """Do work in a process for each of the arguments, which begin together."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(arguments))
    processes = [context.Process(target=work, args=(*one, barrier)) for one in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * len(arguments)


def test_an_index_is_made_once_however_many_processes_want_it(tmp_path: Path) -> None:
    _work_at_once(_open_many, *[(tmp_path,)] * 4)


def _write_and_ask(docs: Path, name: str, barrier: Barrier) -> None:
    barrier.wait(60)
    for number in range(30):
        archive = Archive(docs)
        archive.write_day(make_day(name, DAYS[number % 4], [commit(1, subject=f"{name} {number}")]))
        archive.summaries(ENGINE)
        archive.summaries(TOOLS)


def test_processes_may_work_at_once(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    _work_at_once(_write_and_ask, *[(docs, name) for name in (ENGINE, TOOLS, "c")])
    assert ask_all(Archive(docs)) == ask_anew(tmp_path)


def test_threads_may_share_an_archive(tmp_path: Path) -> None:
    archive = keep_repositories(tmp_path / "docs")
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(40):
                archive.write_day(make_day(name, DAYS[number % 4], [commit(number + 1)]))
                archive.summaries(ENGINE)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=work, args=(name,)) for name in (ENGINE, TOOLS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert ask_all(archive) == ask_anew(tmp_path)


def test_the_rows_of_a_folder_that_is_gone_go_too(tmp_path: Path) -> None:
    archive = keep_repositories(tmp_path / "docs")
    for name in (ENGINE, TOOLS):
        archive.write_day(make_day(name, DAYS[0], [commit(1)]))
    shutil.rmtree(tmp_path / "docs" / ENGINE)
    assert Archive(tmp_path / "docs").days(TOOLS) == (DAYS[0],)
    with closing(tables.open_tables(tmp_path / INDEX)) as connection:
        assert tables.read_scopes(connection) == [TOOLS]


def test_a_copy_for_another_process_knows_the_same_archive(tmp_path: Path) -> None:
    archive = keep_repositories(tmp_path / "docs")
    archive.write_day(make_day(ENGINE, DAYS[0], [commit(1)]))
    copy = pickle.loads(pickle.dumps(archive))
    copy.write_day(make_day(ENGINE, DAYS[1], [commit(2)]))
    assert archive.days(ENGINE) == tuple(DAYS[:2])


def test_an_index_that_cannot_be_had_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / INDEX).mkdir(parents=True)
    with pytest.raises(ArchiveError, match="^.daybook/index.sqlite: unable to open database file"):
        Archive(tmp_path / "docs").days(ENGINE)
    assert (tmp_path / INDEX).is_dir()


def test_a_digest_is_confirmed_until_it_changes(tmp_path: Path) -> None:
    archive = keep_repositories(tmp_path / "docs")
    for period in ("2026-01-30", "2026-01"):
        archive.write_digest(make_digest("days", period))
    archive.confirm_digests("days", {"2026-01-30": "a", "2026-01": "b", "2026-02": "none there"})
    assert Archive(tmp_path / "docs").confirmed_digests("days") == {"2026-01-30": "a", "2026-01": "b"}
    archive.write_digest(make_digest("days", "2026-01", Outcome.PENDING))
    assert archive.confirmed_digests("days") == {"2026-01-30": "a"}
    archive.remove_digest("days", "2026-01-30")
    archive.write_digest(make_digest("days", "2026-01-30"))
    assert archive.confirmed_digests("days") == {}
