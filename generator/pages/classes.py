"""Name every CSS class a generated page may carry: the contract between the pages and the stylesheet.

This module must not know how anything looks; it only says what each class marks.
A page holds no class that is not listed here, no style attribute and no id of its own but those of kinds.
Without the stylesheet every page still reads well: no meaning hangs on a class alone.
"""

from __future__ import annotations

from typing import Final

from generator.records import Importance, Kind

# Small rounded labels inside a line: `<span class="db-high">`.
HIGH: Final = "db-high"  # importance high: red, the only loud colour of a page
MEDIUM: Final = "db-medium"  # importance medium: amber, calm
LOW: Final = "db-low"  # importance low: green or grey, quiet
KIND: Final = "db-kind"  # a kind of change: neutral outline
# The same in a list that a script filters by kind.
KINDS: Final = {kind: f"db-kind-{kind}" for kind in Kind}
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
REPOSITORY: Final = "db-repository"  # <span>: which repository a commit is of, in a list of several
GONE: Final = "db-gone"  # <bdi>: the subject of a commit that left the branch; struck through, muted

# Blocks.
MESSAGE: Final = "db-message"  # <pre>: the full commit message; white-space: pre-wrap, breaks anywhere
# <div> around the <ul> of changed files, folders being a <details> in it: letter, <bdi> of the path, <ins> and <del> of
# numbers. A line or a folder's <summary> has a bar of up to five pieces, the first digit added, the second removed.
FILES: Final = "db-files"
LINES: Final = {
    (plus, minus): f"db-lines-{plus}{minus}"
    for plus in range(6)
    for minus in range(6)
    if 0 < plus + minus < 6
}
# <div> around a <details> with a <pre>: an <ins> or <del> is a run of lines, an <i> the heads of a hunk, a <b> a path
DIFF: Final = "db-diff"
# <ul> of commits of one importance, one line each; in a <details> is what is said of one. Scripts filter and walk it.
COMMITS: Final = {importance: f"db-commits-{importance}" for importance in Importance}
FILTERS: Final = "db-filters"  # <div>, empty: room for a script's choice of which commits are shown
VISIT: Final = "db-visit"  # <p>, empty: room for what a script says of the last visit

# Calendars: a table whose seven columns are Monday to Sunday. Every day's cell holds the number of
# the day and, on its own line, `<span class=db-heat-N>` with the count; N is 0 (none) to 4 (most).
HEATS: Final = ("db-heat-0", "db-heat-1", "db-heat-2", "db-heat-3", "db-heat-4")
UNKNOWN: Final = "db-unknown"  # in place of db-heat-N: a day nobody has looked at; dashed, never like 0
# A year: <div> around a <figure>, which scrolls, of a <table> with a column for each week and a row for each weekday.
# Its cells bear the classes of a calendar's days, and hold what they mean as text, to be shown on demand.
YEAR: Final = "db-year"
WEEKS: Final = "db-weeks"

# Trends: a table of rows of bars, one svg each, over a <div> that names the months; of what is drawn in it, the line
# that says which weeks are known is the ground.
TRENDS: Final = "db-trends"
MONTHS: Final = "db-months"
BARS: Final = "db-bars"
BARS_TALL: Final = "db-bars-tall"
BARS_HIGH: Final = "db-bars-high"
GROUND: Final = "db-ground"
NUMBERS: Final = "db-numbers"  # <div> around a plain <details> that folds a table of numbers away
# Ranked lists: a table with a name, one lying bar and a number in each row.
RANKS: Final = "db-ranks"
SHARE: Final = "db-share"

ALL: Final = frozenset(
    {
        *(HIGH, MEDIUM, LOW, KIND, *KINDS.values(), BREAKING, MARK),
        *(LEAD, ACCOUNT, QUIET, WARN),
        *(SHA, NAME, REPOSITORY, PLUS, MINUS, GONE),
        *(MESSAGE, FILES, *LINES.values(), DIFF, *COMMITS.values(), FILTERS, VISIT),
        *(*HEATS, UNKNOWN, YEAR, WEEKS),
        *(TRENDS, MONTHS, BARS, BARS_TALL, BARS_HIGH, GROUND, NUMBERS, RANKS, SHARE),
    }
)

# The elements and attributes of a page's content, what Markdown makes of it included.
ELEMENTS: Final = frozenset(
    "a b bdi br code del details div figure h1 h2 h3 i ins li p path pre rect span summary svg table tbody td th thead "
    "time tr ul wbr".split()
)
ATTRIBUTES: Final = frozenset(
    {
        *("class", "colspan", "datetime", "href", "id", "open", "scope"),
        *("aria-hidden", "aria-label", "d", "height", "preserveAspectRatio", "role", "viewBox", "width"),
    }
)
# The elements that Markdown of unknown writers may become; beside these, `<ol start=N>`, `<a href=…>` and MESSAGE.
RICH_TEXT: Final = frozenset(
    "a blockquote br code del em h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul".split()
)
