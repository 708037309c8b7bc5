"""The contract between the pages and the site's hooks."""

from __future__ import annotations

import pytest

from generator.errors import SiteError
from generator.pages.page import FrontMatter as Written
from generator.pages.page import Stop, make_page
from generator.site.front_matter import FrontMatter, Reference, parse_front_matter


def test_front_matter_is_read_as_the_pages_write_it() -> None:
    page = make_page(
        "a/b/commit/c.md",
        Written(
            title="feat: a <b>\n---\n",
            description="新增 \U0001f389",
            template="commit.html",
            trail=(Stop("首页", "index.md"), Stop("a/b", "a/b/index.md")),
            previous=Stop("x", "a/b/commit/b.md"),
            around=(Stop("2026-01-06", "a/b/2026/01/06.md"),),
            record="a/b/2026/01/06.json",
        ),
        "# One",
        "---",
        "feat: two",
    )
    parsed = FrontMatter(
        title="feat&#58; a &#60;b&#62; &#45;&#45;&#45;&#32;",
        description="新增 \U0001f389",
        template="commit.html",
        trail=(Reference("首页", "index.md"), Reference("a&#47;b", "a/b/index.md")),
        previous=Reference("x", "a/b/commit/b.md"),
        around=(Reference("2026&#45;01&#45;06", "a/b/2026/01/06.md"),),
    )
    assert parse_front_matter(page.text) == (parsed, "\n# One\n\n---\n\nfeat: two\n")


@pytest.mark.parametrize(
    "source", ["# A page\n", "---\ntitle: About us\n---\n# About\n", "title: x\n\ny\n", ""]
)
def test_page_that_somebody_wrote_by_hand_is_left_to_mkdocs(source: str) -> None:
    assert parse_front_matter(source) is None


@pytest.mark.parametrize(
    ("lines", "fact"),
    [
        ('title: "x"\nhooks: "y"', "front matter: unknown key 'hooks'"),
        ('description: "x"', "front matter: there is no title"),
        ('title: ["x"]', "front matter: title: not a text"),
        ('title: "x"\ntrail: {}', "front matter: trail: not a list"),
        ('title: "x"\nnext: ["y"]', "front matter: next: not a title and a page"),
    ],
)
def test_what_is_not_in_the_contract_is_named(lines: str, fact: str) -> None:
    with pytest.raises(SiteError) as caught:
        parse_front_matter(f"---\n{lines}\n---\n")
    assert caught.value.fact == fact
