"""Say in a badge's few words how the archive stands: up to which day, or what could not be looked at.

This module must not draw: a badge's service does, from what https://shields.io/badges/endpoint-badge asks for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from generator.records import Language, RepositoryRecord

# Label, an archive that is complete, one with repositories that could not be looked at, an empty one.
BADGES: Final[dict[Language, tuple[str, str, str, str]]] = {
    "zh": ("归档", "截至 {day}", "{all} 个仓库中 {number} 个自 {day} 起无法查看", "还没有内容"),
    "en": ("archive", "up to {day}", "{number} of {all} out of reach since {day}", "nothing yet"),
}


def render_badge(language: Language, repositories: Sequence[RepositoryRecord]) -> str:
    """Render the badge as JSON: red with the first day on which a repository could not be looked at, else green."""
    label, complete, failed, empty = BADGES[language]
    failures = [record.failure.since for record in repositories if record.failure]
    days = [record.covered[-1].last for record in repositories if record.covered]
    if failures:
        message, color = failed.format(all=len(repositories), number=len(failures), day=min(failures)), "red"
    elif days:
        # Each was looked at to the end of its own: what holds for all is the earliest.
        message, color = complete.format(day=min(days)), "brightgreen"
    else:
        message, color = empty, "lightgrey"
    badge = {"schemaVersion": 1, "label": label, "message": message, "color": color}
    return json.dumps(badge, ensure_ascii=False, sort_keys=True) + "\n"
