"""Describe the archive to programs that read, in Markdown: what it is, how addresses are made, where the data is.

This module must not list what a program can find by the rules it is told: the days and the commits.
https://llmstxt.org/
"""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from typing import Final

from generator.feeds import DAYS, HIGH
from generator.pages.markup import escape
from generator.records import Language, RepositoryRecord

# More of them are found by the sitemaps.
_MOST_REPOSITORIES = 200

GUIDES: Final[dict[Language, str]] = {
    "zh": """\
# {name}

> 一个 git 提交归档：所关注的仓库的每一天、每一个提交都有一个页面。

每个提交都有分析（类型、重要程度、概要、影响、风险），并写明是规则还是哪个模型写的。提交的日期是它进入所跟踪分支的那一天。
地址永久不变。下面的 `<name>` 是仓库名，例如 `owner/name`。

## 地址

- 提交：`<name>/commit/<sha>.html`，`<sha>` 是完整的 SHA
- 仓库的一天：`<name>/<YYYY>/<MM>/<DD>.html`
- 所有仓库的一天：`days/<YYYY>/<MM>/<DD>.html`
- 月和年：`<name>/<YYYY>/<MM>/index.html`、`<name>/<YYYY>/index.html`；所有仓库则以 `days` 代替 `<name>`
- 仓库：`<name>/index.html`
- 发布版本：`<name>/releases/index.html`、`<name>/releases/tag/<tag>.html`，`<tag>` 是标签名

## 数据

- 一天的记录（JSON，所有页面都由它生成）：`<name>/<YYYY>/<MM>/<DD>.json`，[格式]({day})
- 一天或一个月的摘要：`<name>/<YYYY>/<MM>/<DD>.digest.json`、`<name>/<YYYY>/<MM>/index.digest.json`，[格式]({digest})
- 仓库的状态和已查看的日期：`<name>/archive.json`，[格式]({repository})
- 一个发布版本比上一个多了哪些提交：`<name>/releases/tag/<tag>.json`，[格式]({release})
- 没有记录的日子：在 `archive.json` 的 `covered` 之内，表示没有提交；之外，表示还没有查看

## 订阅

- 每天一条：[Atom]({feed}.xml)、[JSON Feed]({feed}.json)；单个仓库：`<name>/feed.xml`、`<name>/feed.json`
- 仅高重要程度的提交：[Atom]({high}.xml)、[JSON Feed]({high}.json)；单个仓库：`<name>/high.xml`、`<name>/high.json`
{sitemap}
## 仓库

{repositories}
""",
    "en": """\
# {name}

> An archive of git commits: a page for every day and every commit of the repositories it follows.

Every commit has an analysis (kind, importance, summary, impact, risks) that says whether rules or which model wrote it.
A commit's day is the day it landed on the tracked branch.
Addresses never change. Below, `<name>` is the name of a repository, such as `owner/name`.

## Addresses

- A commit: `<name>/commit/<sha>.html`, where `<sha>` is the whole SHA
- A repository's day: `<name>/<YYYY>/<MM>/<DD>.html`
- A day across all repositories: `days/<YYYY>/<MM>/<DD>.html`
- Months and years: `<name>/<YYYY>/<MM>/index.html`, `<name>/<YYYY>/index.html`; across all with `days` for `<name>`
- A repository: `<name>/index.html`
- Releases: `<name>/releases/index.html`, `<name>/releases/tag/<tag>.html`, where `<tag>` is the name of the tag

## Data

- The record of a day (JSON, from which all pages are made): `<name>/<YYYY>/<MM>/<DD>.json`, [its form]({day})
- The digest of a day or a month: `<name>/<YYYY>/<MM>/<DD>.digest.json`, `<name>/<YYYY>/<MM>/index.digest.json`, \
[its form]({digest})
- How a repository stands, and which days were looked at: `<name>/archive.json`, [its form]({repository})
- What a release has that the one before has not: `<name>/releases/tag/<tag>.json`, [its form]({release})
- A day without a record had no commits where it is inside `covered` in `archive.json`; else nobody has looked yet

## Feeds

- An entry a day: [Atom]({feed}.xml), [JSON Feed]({feed}.json); of one repository `<name>/feed.xml`, `<name>/feed.json`
- Commits of high importance alone: [Atom]({high}.xml), [JSON Feed]({high}.json); of one repository \
`<name>/high.xml`, `<name>/high.json`
{sitemap}
## Repositories

{repositories}
""",
}
_SITEMAPS: Final[dict[Language, str]] = {
    "zh": "\n## 全部页面\n\n- [站点地图]({sitemap})，每月一份\n",
    "en": "\n## All pages\n\n- [Sitemaps]({sitemap}), one a month\n",
}
_SCHEMAS, _SITEMAP = "assets/schema", "sitemap.xml"


def render_guide(
    site_name: str, site_url: str | None, language: Language, repositories: Sequence[RepositoryRecord]
) -> str:
    """Render the guide; without a `site_url` its links are relative, and there are no sitemaps."""
    top = site_url or ""
    names = [record.repository for record in repositories]
    listed = [f"- [{name}]({top}{name}/index.html)" for name in names[:_MOST_REPOSITORIES]]
    if len(names) > len(listed):
        listed.append(f"- … +{len(names) - len(listed):,}")
    schemas = {sort: f"{top}{_SCHEMAS}/{sort}.json" for sort in ("day", "digest", "release", "repository")}
    return GUIDES[language].format(
        name=unescape(escape(site_name)),
        feed=f"{top}{DAYS}",
        high=f"{top}{HIGH}",
        sitemap=_SITEMAPS[language].format(sitemap=f"{top}{_SITEMAP}") if site_url else "",
        repositories="\n".join(listed) or "-",
        **schemas,
    )
