"""Let jobs begin in the order in which they were handed out, however long each takes to prepare.

This module must not know what a job is or does.
"""

from __future__ import annotations

import asyncio


class Turnstile:
    """Hands out turns; the next job in line begins, all others wait."""

    def __init__(self) -> None:
        self._given = 0
        self._begun: set[int] = set()
        self._first = 0
        self._changed = asyncio.Condition()

    def take_turn(self) -> Turn:
        """Take the next turn."""
        self._given += 1
        return Turn(self, self._given - 1)

    async def wait(self, number: int) -> None:
        """Wait until all before this one have begun."""
        async with self._changed:
            await self._changed.wait_for(lambda: number <= self._first)

    async def begin(self, number: int) -> None:
        """Let the next one begin; more than once is as good as once."""
        async with self._changed:
            self._begun.add(number)
            while self._first in self._begun:
                self._begun.remove(self._first)
                self._first += 1
            self._changed.notify_all()


class Turn:
    """One job's place in line."""

    def __init__(self, turnstile: Turnstile, number: int) -> None:
        self._turnstile = turnstile
        self._number = number
        self._has_begun = False

    async def wait(self) -> None:
        """Wait for the turn; a job that has begun goes on at once."""
        if not self._has_begun:
            await self._turnstile.wait(self._number)

    async def begin(self) -> None:
        """Begin, or end without ever having begun: the next one's turn has come."""
        if not self._has_begun:
            self._has_begun = True
            await self._turnstile.begin(self._number)
