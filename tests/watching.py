"""Open pages in a real browser, many at once, and hear whatever runs, is fetched from elsewhere or breaks a policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, WebError

from tests.payload_pages import Element, ReadPage
from tests.payloads import FUNCTION

# A document of the site that has no policy, so that it may hold pages in frames: a list that the search reads.
_HOLDER = "assets/search/shards.json"
_AT_ONCE = 40
_OWN = ("http://127.0.0.1:", "data:", "blob:", "about:")
# Every page has it from the start: the browser tells of each break of a policy, whatever became of it.
_LISTEN = f"""
    const tell = window.{FUNCTION};
    document.addEventListener("securitypolicyviolation", ({{ effectiveDirective, blockedURI }}) => {{
        if (!window.isTried) tell("violation", `${{location.href}}: ${{effectiveDirective}} ${{blockedURI}}`);
    }});
"""
_KEYS = {"type": "button", "class": "db-link"}
# A frame stays until it is ready, and until what a page loads late or runs when it is idle has had its time.
_OPEN = (
    """async ([frames, pause]) => {
    const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));
    const isReady = READY;
    // Material's program adds marks of its own, and boxes around tables; our script draws what needs it.
    const isDrawn = (element) => element.parentElement.closest(".db-filters, .db-visit");
    const isOurs = (element) => !/^md-typeset__/.test(element.getAttribute("class")) && !isDrawn(element);
    const isWritten = (attribute) => !/^(data-md-.*|tabindex)$/.test(attribute);
    const name = (element) => element.getAttributeNames().filter(isWritten);
    const read = ({ contentDocument: page }) => page && ({
        address: page.location.href,
        title: page.title,
        elements: [...page.querySelectorAll("article *, footer *")].filter(isOurs).map((element) => [
            element.localName,
            Object.fromEntries(name(element).map((attribute) => [attribute, element.getAttribute(attribute)])),
        ]),
        handlers: [...page.querySelectorAll("*")].flatMap(name).filter((attribute) => attribute.startsWith("on")),
    });
    // Whether the page's own policy refuses a script that somebody got into it.
    const tryPolicy = ({ contentDocument: page, contentWindow: window }) => {
        window.isTried = true;
        const refused = new Promise((resolve) => page.addEventListener("securitypolicyviolation", resolve));
        const script = page.createElement("script");
        script.textContent = "FUNCTION('the policy lets scripts run')";
        page.body.append(script);
        return Promise.race([refused.then(() => true), sleep(2000).then(() => false)]);
    };
    const opened = frames.map((attributes) => Object.assign(document.createElement("iframe"), attributes));
    const loaded = opened.map((frame) => new Promise((resolve) => frame.addEventListener("load", resolve)));
    document.body.replaceChildren(...opened);
    await Promise.all(loaded);
    for (let turn = 0; turn < 600 && !opened.every(isReady); turn++) await sleep(50);
    await sleep(pause);
    const seen = opened.map(read);
    const isSafe = await Promise.all(opened.map((frame) => frame.srcdoc ? false : tryPolicy(frame)));
    return seen.map((page, place) => page && { ...page, isSafe: isSafe[place] });
}"""
).replace("FUNCTION", FUNCTION)
_ALWAYS = "() => true"
_PAUSE = 100
# What the browser writes of an address that is not there, and of an inline script that was refused: an event tells of
# those too, and of the one by which a policy is tried it must not.
_KNOWN = ("status of 404", "inline script")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page as the browser has it; `elements` are those of its content and its foot.

    `handlers` are attributes that would run something. `is_safe` says that its policy refused a script.
    """

    address: str
    title: str
    elements: list[Element]
    handlers: list[str]
    is_safe: bool

    def check(self, address: str, path: str, read: ReadPage) -> None:
        """Check that the browser has at an address what a parser reads at its path, and that nothing of it may run."""
        assert (self.address, self.title) == (address, read.title)
        assert (self.handlers, self.is_safe) == ([], True), path
        # The search draws its own page.
        if path != "search.html":
            assert self.written == read.content, path

    @property
    def written(self) -> list[Element]:
        """The elements but for the button that names the keys, which need a script as it does."""
        return [element for element in self.elements if element != ("button", _KEYS)]


@dataclass
class Watch:
    """A browser profile of its own, and all that was heard since it was opened and must not be."""

    page: Page
    runs: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def heard(self) -> list[str]:
        """All of it."""
        return [*self.runs, *self.violations, *self.requests, *self.errors]

    def open(
        self, site: str, paths: Sequence[str], *, ready: str = _ALWAYS, at_once: int = _AT_ONCE
    ) -> Iterator[Seen]:
        """Open pages of a site, each in a frame of its own; `ready` is JavaScript that says when a frame is.

        A page that left for elsewhere, where nobody can see it, fails.
        """
        for seen in self._hold(site, [{"src": site + path} for path in paths], ready, at_once):
            assert seen is not None, f"one of these pages left: {paths}"
            yield seen

    def write(self, site: str, pages: Sequence[str]) -> None:
        """Open texts as pages that have no policy and no guard."""
        for _ in self._hold(site, [{"srcdoc": text} for text in pages], _ALWAYS, _AT_ONCE):
            pass

    def _hold(
        self, site: str, frames: Sequence[dict[str, str]], ready: str, at_once: int
    ) -> Iterator[Seen | None]:
        script = _OPEN.replace("READY", ready)
        for start in range(0, len(frames), at_once):
            # Anew each time: what ran in a frame may have changed its holder.
            self.page.goto(site + _HOLDER)
            for read in self.page.evaluate(script, [list(frames[start : start + at_once]), _PAUSE]):
                yield read and _take(read)

    def hear(self, _: object, *said: object) -> None:
        """Take a call of the function that every page has."""
        heard = self.violations if said[:1] == ("violation",) else self.runs
        heard.append(" ".join(map(str, said)))

    def note_request(self, request: Request) -> None:
        """Keep what is asked of another host."""
        if not request.url.startswith(_OWN):
            self.requests.append(f"asked {request.url}")

    def note_message(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings, but for that of an address that is not there."""
        if message.type in ("error", "warning") and not any(known in message.text for known in _KNOWN):
            self.errors.append(message.text)

    def note_error(self, error: WebError) -> None:
        """Keep what a script did not catch."""
        self.errors.append(str(error.error))

    def note_dialog(self, dialog: Dialog) -> None:
        """Keep what a page asks its reader, and answer no."""
        self.runs.append(f"dialog {dialog.message}")
        dialog.dismiss()


def _take(read: dict[str, object]) -> Seen:
    elements = [(name, attributes) for name, attributes in read["elements"]]  # type: ignore[attr-defined]
    return Seen(
        address=str(read["address"]),
        title=str(read["title"]),
        elements=elements,
        handlers=list(read["handlers"]),  # type: ignore[call-overload]
        is_safe=bool(read["isSafe"]),
    )


@contextmanager
def watch(browser: Browser) -> Iterator[Watch]:
    """Open a browser profile that is watched."""
    context = browser.new_context()
    watching = Watch(context.new_page())
    context.expose_binding(FUNCTION, watching.hear)
    context.add_init_script(_LISTEN)
    context.on("request", watching.note_request)
    context.on("console", watching.note_message)
    context.on("weberror", watching.note_error)
    context.on("dialog", watching.note_dialog)
    try:
        yield watching
    finally:
        context.close()
