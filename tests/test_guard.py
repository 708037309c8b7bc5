"""The guard: what it lets pass, and that nothing else does, however it is spelled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from justhtml import JustHTML

from generator.pages.classes import ATTRIBUTES
from generator.pages.classes import ELEMENTS as WRITTEN
from generator.site import guard
from generator.site.guard import check_content, check_scripts, check_text

HARMLESS = """
<h1 id="top">fix: &lt;script&gt; &#91;core&#93; &amp; a > b</h1>
<p>See <a class="x" href="https://github.com/ada/engine/pull/1?x=1&amp;y=2#z">#1</a>, <a href="../2026/01/06.html">the
day</a> and <a href="#top">the top</a>.<br><img src="../assets/icon.svg" alt="icon"></p>
<table><thead><tr><th align="right">+</th></tr></thead><tbody><tr><td align="right">3</td></tr></tbody></table>
<pre>a
b</pre><time datetime="2026-01-06T10:00:00+08:00">10:00</time><bdi dir="auto">Ada</bdi>
<p class=x><time datetime=2026-01-06T10:00:00+08:00>10:00</time><a href=../a/b.html>x</a><a href=https://x.org/>y</a>
<table><tr><td><svg class=x viewbox="0 0 20 9" preserveaspectratio=none role=img aria-label="Fix: 3"><path class=y
d="M0 9h20"/><path d="M5 9v-3"/></svg><td><svg viewBox="0 0 1 1" aria-hidden="true"><path d="M0 5h.5"/></svg></table>
"""

PLANTED = {
    "<script>alert(1)</script>": "element <script> is not on the list",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>": "element <script> is not on the list",
    "<svg><script>1</script></svg>": "element <script> is not on the list",
    "<svg><script/>": "element <script> is not on the list",
    '<svg><script href="//evil.example/x.js"/></svg>': "element <script> is not on the list",
    '<svg><use href="https://evil.example/x.svg#y"/></svg>': "element <use> is not on the list",
    "<svg onload=alert(1)>": "attribute onload of <svg> is not on the list",
    "<svg><path onclick=alert></path></svg>": "attribute onclick of <path> is not on the list",
    '<svg><path style="fill:red"/></svg>': "attribute style of <path> is not on the list",
    '<svg><path fill="url(//evil.example/)"/></svg>': "attribute fill of <path> is not on the list",
    '<svg><path d="M0 0&#34; onclick=1"/></svg>': "<path> drawn with 'M0 0\" onclick=1'",
    "<svg><a href=javascript:alert><path /></a></svg>": "link to 'javascript:alert'",
    '<svg><a xlink:href="javascript:alert(1)"><path/></a></svg>': "attribute xlink:href of <a> is not on the list",
    "<svg><style>*{}</style></svg>": "element <style> is not on the list",
    "<svg><title><p>x</p></title></svg>": "element <title> is not on the list",
    "<svg><foreignObject><p>x</p></foreignObject></svg>": "element <foreignObject> is not on the list",
    "<svg><animate attributeName=href values=javascript:1></svg>": "element <animate> is not on the list",
    "<svg><set attributeName=onload to=alert></svg>": "element <set> is not on the list",
    '<svg><image href="//evil.example/x.png"/></svg>': "element <image> is not on the list",
    "<path href=x></path>": "attribute href of <path> is not on the list",
    "<p onclick=alert(1)>x</p>": "attribute onclick of <p> is not on the list",
    '<p onclick="alert&#40;1&#41;">x</p>': "attribute onclick of <p> is not on the list",
    '<p/onclick="1">x</p>': "attribute onclick of <p> is not on the list",
    '<p class="a"onclick="1">x</p>': "attribute onclick of <p> is not on the list",
    "<p class=a onclick=alert>x</p>": "attribute onclick of <p> is not on the list",
    "<p class=a ONCLICK=alert>x</p>": "attribute onclick of <p> is not on the list",
    "<p class=a hidden>x</p>": "attribute hidden of <p> is not on the list",
    '<p class=a"b onclick=alert>x</p>': "attribute onclick of <p> is not on the list",
    "<p class=a\nonclick=alert>x</p>": "attribute onclick of <p> is not on the list",
    "<img src=//evil.example/x.png>": "<img> from '//evil.example/x.png'",
    "<a href=javascript:alert>x</a>": "link to 'javascript:alert'",
    "<a href=//evil.example/>x</a>": "link to '//evil.example/'",
    '<p style="color:red">x</p>': "attribute style of <p> is not on the list",
    '<img src="https://evil.example/x.png">': "<img> from 'https://evil.example/x.png'",
    '<img src="//evil.example/x.png">': "<img> from '//evil.example/x.png'",
    '<img src="data:image/png;base64,AA">': "<img> from 'data:image/png;base64,AA'",
    '<img src="x.png" srcset="//evil.example/x.png 2x">': "attribute srcset of <img> is not on the list",
    '<a href="javascript:alert(1)">x</a>': "link to 'javascript:alert(1)'",
    '<a href="&#106;avascript&#58;alert(1)">x</a>': "link to 'javascript:alert(1)'",
    '<a href="java&#10;script:alert(1)">x</a>': "link to 'java\\nscript:alert(1)'",
    '<a href=" javascript:alert(1)">x</a>': "link to ' javascript:alert(1)'",
    '<a href="JaVaScRiPt&colon;alert(1)">x</a>': "link to 'JaVaScRiPt:alert(1)'",
    '<a href="data:text/html,x">x</a>': "link to 'data:text/html,x'",
    '<a href="//evil.example">x</a>': "link to '//evil.example'",
    '<a href="\\\\evil.example">x</a>': "link to '\\\\\\\\evil.example'",
    "<iframe src=x></iframe>": "element <iframe> is not on the list",
    "<object data=x></object>": "element <object> is not on the list",
    "<form><input name=x></form>": "element <form> is not on the list",
    '<meta http-equiv="refresh" content="0;url=//evil.example">': "element <meta> is not on the list",
    '<base href="//evil.example">': "element <base> is not on the list",
    '<link rel="stylesheet" href="//evil.example/x.css">': "element <link> is not on the list",
    "<style>*{}</style>": "element <style> is not on the list",
    "<body onload=alert(1)>": "element <body> is not on the list",
    '</article></div><html class="x">': "element <html> is not on the list",
    "<!-- secret -->": "comment",
    "<math><mtext><script>1</script></mtext></math>": "element <math> is not on the list",
    "<template><script>1</script></template>": "element <template> is not on the list",
    '<noscript><p title="</noscript><img src=x onerror=1>"></noscript>': "element <noscript> is not on the list",
}
# Each takes what follows it in a page for a part of itself.
OPEN = [
    "<p>cut <img src=x onerror=",
    '<a title="',
    "<!--",
    "<?x",
    "<textarea>",
    "<p",
    "<plaintext>",
    "<![CDATA[",
]


def test_what_pages_hold_may_stand_there() -> None:
    assert check_content(HARMLESS) == []


def test_everything_that_the_pages_say_they_write_is_on_the_list() -> None:
    written = [f"<{element}></{element}>" for element in sorted(WRITTEN - {"br"})]
    assert check_content("".join(written)) == []
    allowed = guard.EVERYWHERE.union(*guard.ATTRIBUTES.values())
    assert {attribute.lower() for attribute in ATTRIBUTES} <= allowed


@pytest.mark.parametrize(("html", "finding"), PLANTED.items())
def test_planted_thing_is_named(html: str, finding: str) -> None:
    assert finding in check_content(f"<p>before</p>{html}<p>after</p>")


@pytest.mark.parametrize("html", OPEN)
def test_what_is_not_closed_is_named(html: str) -> None:
    assert check_content(f"<p>before</p>{html}") != []


def test_all_findings_of_a_page_are_told_at_once() -> None:
    assert check_content("<p style='x'><a href='javascript:1'>x</a></p><script>1</script>") == [
        "attribute style of <p> is not on the list",
        "link to 'javascript:1'",
        "element <script> is not on the list",
    ]


PIECES = st.sampled_from(
    [
        *PLANTED,
        *OPEN,
        *"<>\"'&=/ -!\n",
        *(
            "<p>",
            "</p>",
            "<a href=",
            "a",
            "&#60;",
            "&lt",
            '<td align="right">',
            "<p class=a",
            "<svg>",
            "</svg>",
            "<svg class=a>",
            '<path d="M0 0"/>',
            "<path d=M0>",
            "<title>",
            "<script>",
            "<desc>",
            " onclick=b",
            " href=javascript:c",
            "/onclick=d",
            "class=",
            "<br />",
            "<pre>",
            "</pre",
        ),
        *(
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?x",
            "</",
            '<p class="',
            '">',
            "\x00",
            "\x0c",
            "<textarea>",
            "</title>",
        ),
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_passes_holds_nothing_that_a_browser_would_act_on(html: str) -> None:
    if check_content(html):
        return
    page = f"<!doctype html><html><head></head><body><article>{html}</article><p class='a' title=\"b\"></p></body>"
    nodes, found = [JustHTML(page, sanitize=False).root], []
    while nodes:
        node = nodes.pop()
        nodes += node.children or []
        found.append((node.name, *(getattr(node, "attrs", None) or {})))
    foreign = [name for name, *_ in found if name not in guard.ELEMENTS]
    assert sorted(foreign) == sorted(
        ["#document", "!doctype", "html", "head", "body", "article"] + ["#text"] * foreign.count("#text")
    )
    allowed = guard.EVERYWHERE.union(*guard.ATTRIBUTES.values())
    assert {attribute for _, *attributes in found for attribute in attributes} <= allowed


def test_title_with_markup_is_named() -> None:
    assert check_text("title", "fix: a > b & </title>") == ["title holds markup: 'fix: a > b & </title>'"]
    assert check_text("title", "fix: &lt;b&gt; &#34;x&#34; Ada's") == []


def test_only_the_known_scripts_of_a_finished_page_pass() -> None:
    own = '<script src="assets/daybook.js"></script>'
    settings = '<script id="__config" type="application/json">{"base": "."}</script>'
    page = f"<html>{own}{settings}<script>alert(1)</script><SCRIPT src=x.js></SCRIPT><script>cut"
    assert check_scripts(page, [own]) == [
        "script '<script>alert(1)</script>' is not one of the site's own",
        "script '<SCRIPT src=x.js></SCRIPT>' is not one of the site's own",
        "script '<script>cut' is not one of the site's own",
    ]
