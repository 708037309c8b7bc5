"""Have people work on a repository as Hypothesis tells them: everything that can happen to a branch.

Only tests use it; the repository is a real one, which git reads, but written without git.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hypothesis import strategies as st

from tests.loose import EMPTY_TREE, LooseRepository

START = datetime(2026, 2, 20, 9, tzinfo=UTC)
_WRONG = [0, 1, 32_503_680_000, 2**40, int((START - timedelta(days=400)).timestamp())]
# Titles whose meaning depends on what the repository's titles were like before.
_TITLES = ["[Kernel] {}", "[Hardware][Kernel] {}", "kernel: {}", "Kernel {}", "fix: {}"]


class Step(NamedTuple):
    """One thing that happens; what the numbers mean is the action's to say."""

    action: str
    one: int
    two: int


# Each as often as it stands here.
PEACEFUL = [
    *(
        "work",
        "work",
        "work",
        "skew",
        "late",
        "side",
        "side",
        "side_work",
        "side_work",
        "merge",
        "merge",
        "merge",
    ),
    *(
        "cross",
        "rebase",
        "fast_forward",
        "delete_side",
        "rename",
        "go_away",
        "orphan",
        "wait",
        "wait",
        "wait",
    ),
    *("run", "run", "run", "lose_mirror"),
]
VIOLENT = [*PEACEFUL, "force_push", "force_push", "amend", "adopt", "restore", "restart", "prune"]


def plan(actions: list[str], longest: int) -> st.SearchStrategy[list[Step]]:
    """Plan what happens to a repository; the last thing is a run."""
    step = st.builds(Step, st.sampled_from(actions), st.integers(0, 9), st.integers(0, 9))
    return st.lists(step, min_size=5, max_size=longest)


class People:
    """People at work, and the graph that they made, as they know it.

    Each method is one action. `lost` are the commits that no branch reaches any more.
    """

    def __init__(self, folder: Path, *, has_files: bool) -> None:
        self.repository = LooseRepository(folder)
        self.now = START
        self.tracked = "main"
        self.parents: dict[str, tuple[str, ...]] = {}
        self.branches: dict[str, str] = {}
        self.is_away = False
        self._has_files = has_files
        self._former: list[str] = []
        self._sides = 0
        self.work(0, 0)

    @property
    def tip(self) -> str:
        """The tip of the branch that is followed."""
        return self.branches[self.tracked]

    def reach(self, *shas: str) -> set[str]:
        """Find all that is reachable from commits."""
        found: set[str] = set()
        waiting = list(shas)
        while waiting:
            sha = waiting.pop()
            if sha not in found:
                found.add(sha)
                waiting += self.parents[sha]
        return found

    def find_mainline(self, sha: str) -> list[str]:
        """Follow first parents, newest first."""
        chain = [sha]
        while self.parents[chain[-1]]:
            chain.append(self.parents[chain[-1]][0])
        return chain

    def act(self, step: Step) -> None:
        """Let one thing happen some minutes later."""
        self.now += timedelta(minutes=17)
        if self.is_away:
            self.repository.point(self.tracked, self.tip)
            self.is_away = False
        getattr(self, step.action)(step.one, step.two)

    def work(self, _one: int, _two: int) -> None:
        """Commit on the branch that is followed."""
        tip = self.branches.get(self.tracked)
        self._point(self.tracked, self._commit([tip] if tip else []))

    def skew(self, one: int, _two: int) -> None:
        """Commit with a clock that is wrong."""
        self._point(self.tracked, self._commit([self.tip], _WRONG[one % len(_WRONG)]))

    def late(self, one: int, two: int) -> None:
        """Push what was committed some days ago."""
        moment = self.now - timedelta(days=one % 4, hours=two)
        self._point(self.tracked, self._commit([self.tip], int(moment.timestamp())))

    def side(self, one: int, _two: int) -> None:
        """Start a side branch at one of the newest commits, with a commit on it."""
        chain = self.find_mainline(self.tip)[:5]
        self._sides += 1
        self._point(f"side/{self._sides}", self._commit([chain[one % len(chain)]]))

    def side_work(self, one: int, two: int) -> None:
        """Commit on a side branch, as of some days ago or now."""
        if name := self._choose(one):
            moment = self.now - timedelta(days=two % 3)
            self._point(name, self._commit([self.branches[name]], int(moment.timestamp())))

    def merge(self, one: int, two: int) -> None:
        """Merge one to three side branches with one commit."""
        names = [name for number in range(1 + two % 3) if (name := self._choose(one + number))]
        heads = [self.branches[name] for name in names if self.branches[name] not in self.reach(self.tip)]
        if heads:
            self._point(self.tracked, self._commit(list(dict.fromkeys([self.tip, *heads]))))
        for name in set(names):
            self._delete(name)

    def cross(self, one: int, _two: int) -> None:
        """Merge the branch that is followed into a side branch, which goes on."""
        if (name := self._choose(one)) and self.tip not in self.reach(self.branches[name]):
            self._point(name, self._commit([self.branches[name], self.tip]))

    def adopt(self, one: int, two: int) -> None:
        """Merge the branch that is followed into a side branch, and go on from there: its mainline is another."""
        self.cross(one, two)
        if (name := self._choose(one)) and self.tip in self.reach(self.branches[name]):
            self._point(self.tracked, self.branches[name])

    def rebase(self, one: int, _two: int) -> None:
        """Write a side branch's commits anew on top of the branch that is followed."""
        if name := self._choose(one):
            own = self.reach(self.branches[name]) - self.reach(self.tip)
            tip = self.tip
            for _ in [sha for sha in self.find_mainline(self.branches[name]) if sha in own]:
                tip = self._commit([tip])
            self._point(name, tip)

    def fast_forward(self, one: int, two: int) -> None:
        """Rebase a side branch, and let the branch that is followed follow it."""
        self.rebase(one, two)
        if name := self._choose(one):
            self._point(self.tracked, self.branches[name])
            self._delete(name)

    def orphan(self, _one: int, _two: int) -> None:
        """Merge a history that has nothing to do with this one."""
        root = self._commit([])
        self._point(self.tracked, self._commit([self.tip, self._commit([root])]))

    def force_push(self, one: int, two: int) -> None:
        """Throw the newest commits away, and mostly put another in their place."""
        chain = self.find_mainline(self.tip)
        kept = chain[min(len(chain) - 1, 1 + one % 4)]
        self._point(self.tracked, self._commit([kept]) if two % 3 else kept)

    def amend(self, _one: int, _two: int) -> None:
        """Write the newest commit anew."""
        self._point(self.tracked, self._commit(list(self.parents[self.tip])))

    def restore(self, one: int, _two: int) -> None:
        """Bring back what the branch once pointed at."""
        if self._former:
            self._point(self.tracked, self._former[-1 - one % len(self._former)])

    def restart(self, _one: int, _two: int) -> None:
        """Write the whole history anew, from its first commit on."""
        self._point(self.tracked, self._commit([self._commit([])]))

    def delete_side(self, one: int, _two: int) -> None:
        """Delete a side branch that nobody merged."""
        if name := self._choose(one):
            self._delete(name)

    def rename(self, _one: int, two: int) -> None:
        """Rename the branch that is followed, which is the default one."""
        old, new = self.tracked, f"trunk-{two % 3}"
        if new != old:
            self.tracked = new
            self.repository.point_head(new)
            self._point(new, self.branches[old])
            self._delete(old)

    def go_away(self, _one: int, _two: int) -> None:
        """Delete the branch that is followed, until the next thing happens."""
        self.repository.delete(self.tracked)
        self.is_away = True

    def wait(self, one: int, two: int) -> None:
        """Let 0 to 30 days pass, in which there is no run."""
        self.now += timedelta(days=min(30, one * (two % 4 + 1)))

    def prune(self, _one: int, _two: int) -> None:
        """Remove what no branch reaches, as git does after some weeks."""
        self._former.clear()
        kept = self.reach(*self.branches.values())
        self.repository.forget(self.parents.keys() - kept)

    def _choose(self, number: int) -> str | None:
        sides = [name for name in self.branches if name.startswith("side/")]
        return sides[number % len(sides)] if sides else None

    def _commit(self, parents: list[str], seconds: int | None = None) -> str:
        # A committer's clock has seconds, and rebased commits have one each.
        self.now += timedelta(seconds=1)
        number = len(self.parents)
        tree = (
            self.repository.write_files({f"{number % 3}.txt": f"{number}\n"})
            if self._has_files
            else EMPTY_TREE
        )
        message = _TITLES[number % len(_TITLES)].format(f"change {number}") + self._name_others(number)
        moment = int(self.now.timestamp()) if seconds is None else seconds
        sha = self.repository.commit(message, moment, parents, tree)
        self.parents[sha] = tuple(parents)
        return sha

    def _name_others(self, number: int) -> str:
        """Say in some messages of which pull request they are, and which commit or pull request they follow up."""
        shas = list(self.parents)
        claims = {
            1: f" (#{number % 4})",
            2: f"\n\nFollow-up to #{number % 3}.",
            4: f"\n\nFixes: {shas[number // 2][:9]}" if shas else "",
        }
        return claims.get(number % 6, "")

    def _point(self, branch: str, sha: str) -> None:
        old = self.branches.get(branch)
        if branch == self.tracked and old is not None and old not in self.reach(sha):
            self._former.append(old)
        self.branches[branch] = sha
        self.repository.point(branch, sha)

    def _delete(self, branch: str) -> None:
        del self.branches[branch]
        self.repository.delete(branch)
