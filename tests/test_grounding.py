"""Looking up what a model says: what the commit holds, what it does not, and what does not count as a claim."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.analyse.model.forms import Finding
from generator.analyse.model.grounding import (
    CLAIM_ROOM,
    MOST_CLAIMS,
    Claim,
    Material,
    drop_addresses,
    find_claims,
    ground,
)
from generator.patches import Change
from generator.record_additions import Grounding
from generator.records import (
    Impact,
)
from tests.changes import edit, grow, make_change

ROUTER = """
@@ -10,4 +10,6 @@ class Router:
     def widget(self):
-        return self.old_pick(load=1)
+        # Follows https://example.org/spec since v1.4.2, see issue #77.
+        return self.pick_worker(load, *, limit=3)
"""


def make_router() -> Change:
    return make_change(
        "feat(router): pick a worker by its load (#12)",
        edit("lib/kv-router/src/router.py", ROUTER),
        edit(
            "lib/kv-router/src/scheduler.py", "+limit = 3", status="R", old_path="lib/kv-router/src/plan.py"
        ),
        grow("lib/store/__init__.py", 3),
        grow("tests/__init__.py", 3),
        grow("docs/CI/CD notes, old.md", 2),
        body="Takes back 1234abc of last week. 修复worker_pool的错误。",
        trailers=(("Fixes", "GH-31"),),
        pull_request=12,
    )


def look_up(text: str) -> Grounding:
    return ground(Material(make_router()), (), [text]).grounding


def place(*names: str) -> tuple[tuple[Impact, ...], Grounding]:
    found = ground(Material(make_router()), [Finding(place=name, note="changes") for name in names], ())
    return found.impact, found.grounding


@pytest.mark.parametrize(
    ("text", "confirmed"),
    [
        ("改了 `lib/kv-router/src/router.py`。", "lib/kv-router/src/router.py"),
        ("In lib/kv-router/src/plan.py, which is gone.", "lib/kv-router/src/plan.py"),
        ("In src/router.py:12.", "src/router.py"),
        ("见router.py的改动", "router.py"),
        ("`./lib/store`", "./lib/store"),
        ("`lib/kv-router/**`", "lib/kv-router/**"),
        ("calls `pick_worker()`", "pick_worker()"),
        ("calls `Router.pick_worker`", "Router.pick_worker"),
        ("passes `pick_worker(load, limit=3)`", "pick_worker(load, limit=3)"),
        ("修复 `worker_pool`", "worker_pool"),
        ("PR 12", "#12"),
        ("修复了#77的问题", "#77"),
        ("Closes GH-31.", "#31"),
        ("since 1.4.2", "1.4.2"),
        ("从v1.4.2开始", "v1.4.2"),
        ("reverts 1234abc", "1234abc"),
        ("commit aaaaaaa1 is none, `aaaaaaaaaaaa` is this", "aaaaaaaaaaaa"),
        ("see https://example.org/spec.", "https://example.org/spec"),
    ],
)
def test_what_the_commit_holds_is_confirmed(text: str, confirmed: str) -> None:
    assert confirmed in look_up(text).confirmed


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Also in `lib/kv-router/src/cache.py`.", "lib/kv-router/src/cache.py"),
        ("Also in lib/gone.py.", "lib/gone.py"),
        ("见cache.rs的改动", "cache.rs"),
        ("outer.py is no end of a path", "outer.py"),
        ("calls `widge`", "widge"),
        ("calls `Router.drop_worker`", "Router.drop_worker"),
        ("passes `pick_worker(nothing=3)`", "pick_worker(nothing=3)"),
        ("see #7 and #777", "#7"),
        ("PR #1", "#1"),
        ("since 1.4.21", "1.4.21"),
        ("since v2.0", "v2.0"),
        ("reverts 9999abc", "9999abc"),
        ("see https://evil.example/login?token=1", "evil.example"),
        ("请访问www.evil.example/login。", "www.evil.example"),
    ],
)
def test_what_the_commit_does_not_hold_is_not_found(text: str, missing: str) -> None:
    assert missing in look_up(text).not_found
    assert missing not in look_up(text).confirmed


@pytest.mark.parametrize(
    "text",
    [
        "CI/CD and I/O, read/write, client/server, and/or",
        "Node.js runs 1.5 times faster, by 30%, on 2 of 3 machines",
        "e.g. this, i.e. that, 3.11 too",
        "feedback decade added facade",
        "the colour #ffffff and the item &#39;",
        "a `` b and a stray ` here",
        "`x`",
        "路由器的选择与调度。",
    ],
)
def test_words_that_cannot_be_looked_up_are_no_claims(text: str) -> None:
    assert find_claims([text]) == ()


def test_claim_that_stands_in_several_texts_is_listed_once() -> None:
    found = ground(
        Material(make_router()), [Finding(place="router.py", note="`nope_one`")], ["`nope_one`", "`load`"]
    )
    assert found.grounding == Grounding(
        confirmed=("lib/kv-router/src/router.py", "load"), not_found=("nope_one",)
    )


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("lib/kv-router/src/router.py", Impact(path="lib/kv-router/src/router.py", note="changes")),
        ("./lib/kv-router/src/router.py:10-12", Impact(path="lib/kv-router/src/router.py", note="changes")),
        ("`src/router.py`", Impact(path="lib/kv-router/src/router.py", note="changes")),
        ("router.py（路由）", Impact(path="lib/kv-router/src/router.py", note="changes")),
        ("lib/kv-router/src/plan.py", Impact(path="lib/kv-router/src/scheduler.py", note="changes")),
        ("docs/CI/CD notes, old.md", Impact(path="docs/CI/CD notes, old.md", note="changes")),
        ("*/kv-router/src/r*.py", Impact(path="lib/kv-router/src/router.py", note="changes")),
        ("lib/kv-router/", Impact(component="lib/kv-router/", note="changes")),
        ("__init__.py", Impact(component="__init__.py", note="changes")),
        ("KV 路由器", Impact(component="KV 路由器", note="changes")),
        ("CI/CD", Impact(component="CI/CD", note="changes")),
        ("the router, and its callers", Impact(component="the router, and its callers", note="changes")),
        ("Router.pick_worker", Impact(component="Router.pick_worker", note="changes")),
    ],
)
def test_place_is_the_path_it_means_or_a_component(name: str, entry: Impact) -> None:
    assert place(name)[0] == (entry,)


@pytest.mark.parametrize(
    "name",
    [
        "lib/kv-router/src/cache.py",
        "lib/gone",
        "cache.py",
        "src/cache.py（缓存）",
        "/etc/passwd",
        "gone/**/*.py",
        "Router.drop_worker",
        "drop_worker()",
    ],
)
def test_place_that_only_looks_like_the_commits_is_dropped_and_counted(name: str) -> None:
    impact, grounding = place(name)
    assert impact == ()
    assert grounding == Grounding(not_found=(name,))


def test_address_as_a_place_is_dropped_and_only_its_host_is_told() -> None:
    assert place("https://evil.example/x") == ((), Grounding(not_found=("evil.example",)))


def test_several_places_in_one_entry_are_told_apart() -> None:
    impact, grounding = place("src/router.py, lib/gone.py / `tests/__init__.py`")
    assert [entry.path for entry in impact] == ["lib/kv-router/src/router.py", "tests/__init__.py"]
    assert grounding.not_found == ("lib/gone.py",)


def test_place_named_twice_keeps_its_first_note_and_one_without_a_note_is_dropped() -> None:
    findings = [
        Finding(place="src/router.py", note="first"),
        Finding(place="lib/kv-router/src/router.py", note="second"),
        Finding(place="tests/__init__.py", note="- "),
    ]
    assert ground(Material(make_router()), findings, ()).impact == (
        Impact(path="lib/kv-router/src/router.py", note="first"),
    )


def test_addresses_that_the_commit_does_not_hold_are_taken_out() -> None:
    text = "见https://example.org/spec，不要点https://evil.example/a?b=c，`ftp://evil.example` 或 www.evil.example/x。"
    assert drop_addresses(text, Material(make_router())) == "见https://example.org/spec，不要点…，`…` 或 …。"


def test_lists_are_bounded_whatever_a_model_writes() -> None:
    texts = [f"`nope_{number}_{'x' * 300}` `pick_worker` `a{'b' * number}`" for number in range(500)]
    grounding = ground(Material(make_router()), (), texts).grounding
    assert len(grounding.not_found) == MOST_CLAIMS
    assert max(map(len, grounding.not_found)) <= CLAIM_ROOM
    assert grounding.confirmed == ("pick_worker",)
    late = [f"`nope_{number}`" for number in range(500)] + ["`pick_worker`"]
    assert ground(Material(make_router()), (), late).grounding.confirmed == ()


def test_old_name_of_a_file_and_its_folder_count_as_the_commits() -> None:
    material = Material(make_change("Move", edit("new/b.py", status="R", old_path="old/a.py")))
    assert material.find_paths("old/a.py") == ("new/b.py",)
    assert material.is_folder("old")
    assert not material.is_folder("ol")
    assert not material.holds(Claim("path", "newer/b.py"))


@given(st.lists(st.text(), max_size=5), st.text(max_size=40))
def test_no_text_whatever_raises(texts: list[str], name: str) -> None:
    found = ground(Material(make_router()), [Finding(place=name, note="x")], texts)
    assert not set(found.grounding.confirmed) & set(found.grounding.not_found)
    paths = {entry.path for entry in found.impact if entry.path is not None}
    assert paths <= {file.path for file in make_router().facts.files}
