"""What is installed is what was looked at: exact versions by their hashes, from any index, and nothing else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# Both would come between Daybook and what a model was paid for.
EXCLUDED = {"litellm", "instructor"}
PIN = re.compile(r"(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)==(?P<version>[0-9][0-9a-z.+]*)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
# An action by anything that can be moved to another commit: a tag, a branch, an image's name.
USES = re.compile(r"^\s*(?:-\s+)?uses:\s*['\"]?([^\s'\"#]+)", re.MULTILINE)
PINNED_ACTION = re.compile(r"\./.*|[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}|docker://\S+@sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One entry of a lock; `wanted_by` are packages, or the project itself."""

    version: str
    hashes: int
    wanted_by: frozenset[str]


def read_lock(text: str) -> dict[str, Pin]:
    """Read a lock as pip does, and refuse all but pins with hashes."""
    found: dict[str, Pin] = {}
    assert "://" not in text, "names an index or an address"
    # A backslash joins lines; what is below an entry, in comments, says who wants it.
    for entry, comments in re.findall(
        r"^(?!\s*#)(.+)\n((?:\s*#.*\n)*)", text.replace("\\\n", " "), re.MULTILINE
    ):
        first, *rest = entry.split()
        pin = PIN.fullmatch(first)
        assert pin, f"{first}: no pin"
        assert rest, f"{first}: no hash"
        assert all(map(HASH.fullmatch, rest)), f"{first}: something else than hashes"
        assert pin["name"] not in found, f"{first}: twice"
        words = re.sub(r"^\s*#(?:\s*via)?|\(.*\)$", "", comments, flags=re.MULTILINE).split()
        found[pin["name"]] = Pin(version=pin["version"], hashes=len(rest), wanted_by=frozenset(words))
    return found


def read_locks() -> list[dict[str, Pin]]:
    return [read_lock((ROOT / name).read_text(encoding="utf-8")) for name in LOCKS]


def list_wanted(*extras: str) -> Iterator[Requirement]:
    """List what the project names: to run, to be built, and for its extras, which may name each other."""
    optional = PROJECT["project"]["optional-dependencies"]
    lists = [PROJECT["project"]["dependencies"], PROJECT["build-system"]["requires"]]
    for requirement in map(
        Requirement, [one for each in (*lists, *map(optional.get, extras)) for one in each]
    ):
        if canonicalize_name(requirement.name) == PROJECT["project"]["name"]:
            yield from map(Requirement, (one for extra in requirement.extras for one in optional[extra]))
        else:
            yield requirement


def check_versions(lock: dict[str, Pin], wanted: Iterator[Requirement]) -> None:
    for requirement in wanted:
        pin = lock.get(canonicalize_name(requirement.name))
        assert pin, f"{requirement}: not locked"
        assert requirement.specifier.contains(pin.version), f"{requirement}: locked as {pin.version}"


@pytest.mark.parametrize(("name", "extras"), [(LOCKS[0], ()), (LOCKS[1], ("dev",))])
def test_a_lock_holds_what_the_project_names_at_versions_it_allows(
    name: str, extras: tuple[str, ...]
) -> None:
    lock = read_lock((ROOT / name).read_text(encoding="utf-8"))
    check_versions(lock, list_wanted(*extras))
    own = {package for package, pin in lock.items() if PROJECT["project"]["name"] in pin.wanted_by}
    # What the build's backend asks for on its own stands there too.
    built = {package for package in own if package == "editables"}
    assert own - built == {canonicalize_name(requirement.name) for requirement in list_wanted(*extras)}


@pytest.mark.parametrize("name", LOCKS)
def test_nothing_is_locked_that_nobody_wants(name: str) -> None:
    lock = read_lock((ROOT / name).read_text(encoding="utf-8"))
    known = {*lock, PROJECT["project"]["name"], "-c", *LOCKS}
    assert {package for package, pin in lock.items() if not pin.wanted_by} == set()
    assert {one for pin in lock.values() for one in pin.wanted_by} - known == set()


def test_tests_run_with_what_users_run() -> None:
    runtime, development = read_locks()
    assert {name: (pin.version, pin.hashes) for name, pin in runtime.items()}.items() <= {
        name: (pin.version, pin.hashes) for name, pin in development.items()
    }.items()


def test_what_the_design_excludes_is_not_locked() -> None:
    assert [EXCLUDED & lock.keys() for lock in read_locks()] == [set(), set()]


DIGEST = "0" * 64


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("click==8.5.1\n    # via daybook (pyproject.toml)\n", "no hash"),
        ("click==8.5.1 \\\n    --hash=md5:" + "0" * 32 + "\n", "something else"),
        ("click==8.5.1 \\\n    --hash=sha256:" + "0" * 63 + "\n", "something else"),
        (f"click>=8.5.1 \\\n    --hash=sha256:{DIGEST}\n", "no pin"),
        (f"click \\\n    --hash=sha256:{DIGEST}\n", "no pin"),
        (f"click==8.* \\\n    --hash=sha256:{DIGEST}\n", "no pin"),
        ("--index-url https://example.org/simple\n", "an index"),
        ("-r other.lock\n", "no pin"),
        ("-e .\n", "no pin"),
        ("--find-links wheels\n", "no pin"),
        (f"click @ https://example.org/click.whl \\\n    --hash=sha256:{DIGEST}\n", "an address"),
        (f"click==8.5.1 --hash=sha256:{DIGEST}\nclick==8.5.1 --hash=sha256:{DIGEST}\n", "twice"),
        (f"click==8.5.1 --hash=sha256:{DIGEST} --no-binary\n", "something else"),
    ],
)
def test_a_lock_that_pins_less_is_refused(text: str, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        read_lock(text)


def test_a_version_that_the_project_does_not_allow_is_refused() -> None:
    (lock, _) = read_locks()
    with pytest.raises(AssertionError, match="mkdocs<2.*: locked as 2.0"):
        check_versions(
            {**lock, "mkdocs": Pin(version="2.0", hashes=1, wanted_by=frozenset())},
            iter([Requirement("mkdocs<2,>=1.6.1")]),
        )
    with pytest.raises(AssertionError, match="requests-oauth: not locked"):
        check_versions(lock, iter([Requirement("requests-oauth")]))


def test_make_installs_nothing_without_its_hashes() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = re.findall(r"^\t@\$\(PIP\) install (.*)$", makefile, re.MULTILINE)
    assert len(installs) >= 3
    # The project itself, from this folder, with nothing fetched for it.
    own = "--no-deps --no-build-isolation --editable ."
    assert [line for line in installs if line != own and not line.startswith("--require-hashes ")] == []


def find_loose_actions(text: str) -> list[str]:
    """Find the actions of a workflow that somebody else can change behind our back."""
    return [action for action in USES.findall(text) if not PINNED_ACTION.fullmatch(action)]


def test_workflows_pin_what_they_use() -> None:
    workflows = [*(ROOT / ".github").rglob("*.yml"), *(ROOT / ".github").rglob("*.yaml")]
    loose = {path.name: find_loose_actions(path.read_text(encoding="utf-8")) for path in workflows}
    assert {name: actions for name, actions in loose.items() if actions} == {}


def test_an_action_that_can_be_moved_is_found() -> None:
    text = f"""
      - uses: actions/checkout@v5
      - uses: actions/checkout@{"a" * 40}  # v5
      - name: build
        uses: "owner/action/folder@main"
      - uses: ./.github/actions/own
      - uses: docker://alpine:3
      - uses: docker://alpine@sha256:{DIGEST}
      - uses: owner/action@{"a" * 7}
    """
    assert find_loose_actions(text) == [
        "actions/checkout@v5",
        "owner/action/folder@main",
        "docker://alpine:3",
        "owner/action@aaaaaaa",
    ]
