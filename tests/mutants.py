"""Ask of a property whether it would notice that the code is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy


def find_failure(
    check: Callable[..., None], *strategies: SearchStrategy[Any], examples: int
) -> Exception | None:
    """Try a property on the same examples every time, and return what the first one that fails says.

    None says that the property holds: then it would not notice what was done to the code.
    """

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(*strategies)
    def run(*values: Any) -> None:
        check(*values)

    try:
        run()
    # Whatever a mutant does, a crash or a wrong answer, is a failure that was noticed.
    except Exception as error:
        return error
    return None
