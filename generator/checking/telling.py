"""Put into words what a look over an archive found, and what was mended: as text or as JSON.

This module must not look at the archive or print.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from generator.checking.findings import Finding, Findings, Repairs

_SORTS = (
    ("records", "records"),
    ("pages", "pages"),
    ("files", "files of site/"),
    ("commits", "commits of the mirrors"),
)


def render_findings(findings: Findings) -> str:
    """Say what was found, a line for each place, and last what was looked at."""
    lines = [str(problem) for problem in findings.problems]
    lines += [f"could not look: {unseen}" for unseen in findings.unseen]
    lines += [str(waiting) for waiting in findings.waiting]
    looked = ", ".join(f"{findings.checked[sort]:,} {noun}" for sort, noun in _SORTS)
    lines.append(f"looked at {looked}: {_conclude(findings)}")
    return "\n".join(lines)


def render_findings_json(findings: Findings) -> str:
    """Say the same for programs."""
    everything = {
        "problems": _list(findings.problems),
        "unseen": _list(findings.unseen),
        "waiting": _list(findings.waiting),
        "checked": {sort: findings.checked[sort] for sort, _ in _SORTS},
    }
    return json.dumps(everything, ensure_ascii=False, indent=1, sort_keys=True)


def _conclude(findings: Findings) -> str:
    number = len(findings.problems)
    if number:
        return f"{_count(number, 'problem')}; `daybook repair` mends what can be mended"
    return "no problem in what could be looked at" if findings.unseen else "no problem"


def _list(found: Iterable[Finding]) -> Sequence[dict[str, str]]:
    return [asdict(finding) for finding in found]


def render_repairs(repairs: Repairs) -> str:
    """Say what was mended, what was put aside, and what is still broken."""
    lines = [f"{file}: put aside as {target}" for file, target in repairs.aside]
    lines += [f"{file}: taken from its copy in site/" for file in repairs.restored]
    lines += [f"docs/{name}/archive.json: made again" for name in repairs.remade]
    lines += [
        f"{name}: {_count(commits, 'commit')} of {_count(days, 'day')} collected again"
        for name, (days, commits) in repairs.collected.items()
    ]
    lines.append(f"{_count(repairs.pages, 'page')} written or removed")
    if repairs.files:
        lines.append(f"{_count(repairs.files, 'file')} of site/ to be mended: run `daybook build`")
    lines += [f"could not look: {unseen}" for unseen in repairs.unseen]
    lines += [f"not mended: {finding}" for finding in repairs.unmended]
    return "\n".join(lines)


def _count(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"
