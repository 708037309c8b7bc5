"""Write an answer down in JSON, for programs.

This module must not look anything up or print. What it writes is ASCII, so that no terminal and no locale changes it.
"""

from __future__ import annotations

import json
from typing import Any

from generator.changes.between import Archived, Between, Entry, Side
from generator.changes.links import Places
from generator.changes.telling import show_backfill
from generator.collect.revisions import Revision

SCHEMA = 1


def render_json(between: Between, site_url: str | None) -> str:
    """Write the answer down; the same answer gives the same text, which ends in a newline.

    `schema` is 1 as long as no key goes or changes its meaning; keys may be added. `old` and `new` are the two ends,
    as they were named and as the SHA that this is. `paths` and `breaking_only` say what was wanted. `landed` has the
    commits of `new` that `old` has not, `left_behind` those of `old` that `new` has not; both count all of them
    (`total`), those in no day record (`not_archived`) and those of these that are not on the tracked branch
    (`elsewhere`), and list the wanted ones in `commits`, parents before children, together with those of which it is
    not known. `next_step` is the command that archives what is missing of the tracked branch, or null.

    A commit has `sha`, `subject`, `author`, `author_date` (ISO 8601 with the original offset), `pull_request` (a
    number or null), `touches_paths` (true, or null where it is not known), `url` (its page on the site or else on the
    host, or null) and `archived`: null where git alone speaks, else `day`, `landed` (UTC), `gone`, `reverted_by` and
    `analysis`, the last three as in a day record.
    """
    answer = {
        "schema": SCHEMA,
        "repository": between.repository,
        "old": _render_end(between.question.old, between.old),
        "new": _render_end(between.question.new, between.new),
        "paths": list(between.question.globs),
        "breaking_only": between.question.is_breaking_only,
        "landed": _render_side(between.landed, Places(between, site_url)),
        "left_behind": _render_side(between.left_behind, Places(between, site_url)),
        "next_step": show_backfill(between),
    }
    return json.dumps(answer, indent=1, sort_keys=True) + "\n"


def _render_end(revision: Revision, sha: str) -> dict[str, str]:
    return {"name": revision.text, "sha": sha}


def _render_side(side: Side, places: Places) -> dict[str, Any]:
    return {
        "total": side.total,
        "not_archived": side.unarchived,
        "elsewhere": side.elsewhere,
        "commits": [_render_entry(entry, places) for entry in side.entries],
    }


def _render_entry(entry: Entry, places: Places) -> dict[str, Any]:
    return {
        "sha": entry.sha,
        "subject": entry.subject,
        "author": entry.author.name,
        "author_date": entry.author.date,
        "pull_request": entry.pull_request,
        "touches_paths": entry.is_touching,
        "url": places.find(entry),
        "archived": entry.archived and _render_archived(entry.archived),
    }


def _render_archived(archived: Archived) -> dict[str, Any]:
    return {
        "day": archived.day.isoformat(),
        "landed": archived.landed.isoformat(),
        "gone": archived.gone,
        "reverted_by": list(archived.reverted_by),
        "analysis": archived.analysis.model_dump(mode="json"),
    }
