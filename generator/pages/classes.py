"""Name every CSS class a generated page may carry: the contract between the pages and the stylesheet.

This module must not know how anything looks; it only says what each class marks.
A page holds no class that is not listed here, no style attribute and no id of its own.
Without the stylesheet every page still reads well: no meaning hangs on a class alone.
"""

from __future__ import annotations

from typing import Final

# Small rounded labels inside a line: `<span class="db-high">`.
HIGH: Final = "db-high"  # importance high: red, the only loud colour of a page
MEDIUM: Final = "db-medium"  # importance medium: amber, calm
LOW: Final = "db-low"  # importance low: green or grey, quiet
KIND: Final = "db-kind"  # a kind of change: neutral outline
BREAKING: Final = "db-breaking"  # a breaking change: red outline
MARK: Final = "db-mark"  # amended, gone, pending, failed, refused: amber outline

# Lines.
LEAD: Final = "db-lead"  # <p>: key facts right under an h1; muted, wraps
ACCOUNT: Final = "db-account"  # <span> around a day's account; muted, slightly smaller
QUIET: Final = "db-quiet"  # <p> or <span>: provenance, legends, notes; muted and smaller
# <span>: something is missing or could not be looked at; <code>: a name that the commit does not hold; amber, bold
WARN: Final = "db-warn"

# Inside lines and cells.
# A <time> is a date or a time of day, with tabular figures, which does not wrap. A <bdi> is a name or a subject, which
# may break anywhere; right inside a cell it is the author of a commit.
SHA: Final = "db-sha"  # <code>: a short SHA; no background, does not wrap
PLUS: Final = "db-plus"  # <span>: lines added; green, tabular figures
MINUS: Final = "db-minus"  # <span>: lines removed; red, tabular figures
NAME: Final = "db-name"  # <bdi>: the name of a branch in a cell; may break anywhere
GONE: Final = "db-gone"  # <bdi>: the subject of a commit that left the branch; struck through, muted

# Blocks.
MESSAGE: Final = "db-message"  # <pre>: the full commit message; white-space: pre-wrap, breaks anywhere
FILES: Final = "db-files"  # <div> around the plain <table> of changed files; columns: status, path, +, -

# Calendars: a table whose seven columns are Monday to Sunday. Every day's cell holds the number of
# the day and, on its own line, `<span class=db-heat-N>` with the count; N is 0 (none) to 4 (most).
HEATS: Final = ("db-heat-0", "db-heat-1", "db-heat-2", "db-heat-3", "db-heat-4")
UNKNOWN: Final = "db-unknown"  # in place of db-heat-N: a day nobody has looked at; dashed, never like 0

ALL: Final = frozenset(
    {
        *(HIGH, MEDIUM, LOW, KIND, BREAKING, MARK),
        *(LEAD, ACCOUNT, QUIET, WARN),
        *(SHA, NAME, PLUS, MINUS, GONE),
        *(MESSAGE, FILES),
        *(*HEATS, UNKNOWN),
    }
)

# The elements and attributes of a page's content, what Markdown makes of it included.
ELEMENTS: Final = frozenset(
    "a b bdi br code div h1 h2 h3 li p pre span table tbody td th thead time tr ul wbr".split()
)
ATTRIBUTES: Final = frozenset({"class", "datetime", "href", "id"})
