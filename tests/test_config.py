"""archive.yml: what it may hold, and one clear line with a next step for everything else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.config import (
    AnalysisSettings,
    Budget,
    Config,
    ModelSettings,
    Price,
    Site,
    TrackedRepository,
    find_place,
    find_setting,
    list_keys,
    load_config,
)
from generator.config_provider import SecretRefusal, check_base_url, check_key, is_secret
from generator.config_values import Refusal, check_branch, check_name, check_url
from generator.errors import ConfigError

HTTPS = "repositories:\n  - url: https://github.com/pallets/flask\n"


def load(folder: Path, text: str) -> Config:
    path = folder / "archive.yml"
    path.write_bytes(text.encode())
    return load_config(path)


def refuse(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        load(folder, text)
    return str(raised.value)


def make_repository(folder: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def test_every_key_but_repositories_has_a_default(tmp_path: Path) -> None:
    assert load(tmp_path, HTTPS) == Config(
        site=Site(name="Daybook", url=None),
        timezone="Asia/Shanghai",
        language="zh",
        first_days=7,
        repositories=(
            TrackedRepository(
                url="https://github.com/pallets/flask",
                name="pallets/flask",
                local=False,
                branch=None,
                web="https://github.com/pallets/flask",
            ),
        ),
        analysis=AnalysisSettings(
            base_url="https://api.openai.com/v1",
            models=(),
            budget=Budget(usd_per_day=None, tokens_per_day=None, calls_per_day=None),
            concurrency=8,
            deadline=300,
            parts=4,
            batch=False,
        ),
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    text = """\
site:
  name: 每日提交
  url: https://example.org/daybook
timezone: Europe/Berlin
language: en
first_days: 30
repositories:
  - url: https://git.example.org/tool.git
    name: tools/tool
    branch: release/1.x
    web: https://gitlab.example.org/tools/tool/
    watch: ["lib/kv-router/**", "*.proto", "lib/kv-router/**"]
analysis:
  base_url: https://llm.example.org/v1/
  models:
    - gpt-5-mini
    - name: deepseek-chat
      base_url: https://api.deepseek.com/v1
      key: DEEPSEEK_API_KEY
      context: 64000
      price: {input: 0.28, output: 1, cached: .028}
  budget: {usd_per_day: 2.5, tokens_per_day: 5_000_000, calls_per_day: 0}
  concurrency: 16
  deadline: 60
  parts: 8
  batch: yes
"""
    config = load(tmp_path, text)
    assert config == Config(
        site=Site(name="每日提交", url="https://example.org/daybook/"),
        timezone="Europe/Berlin",
        language="en",
        first_days=30,
        repositories=(
            TrackedRepository(
                url="https://git.example.org/tool.git",
                name="tools/tool",
                local=False,
                branch="release/1.x",
                web="https://gitlab.example.org/tools/tool",
                watch=("lib/kv-router/**", "*.proto"),
            ),
        ),
        analysis=AnalysisSettings(
            base_url="https://llm.example.org/v1",
            models=(
                ModelSettings(
                    name="gpt-5-mini",
                    base_url="https://llm.example.org/v1",
                    key="OPENAI_API_KEY",
                    context=None,
                    price=None,
                ),
                ModelSettings(
                    name="deepseek-chat",
                    base_url="https://api.deepseek.com/v1",
                    key="DEEPSEEK_API_KEY",
                    context=64000,
                    price=Price(input=0.28, output=1, cached=0.028),
                ),
            ),
            budget=Budget(usd_per_day=2.5, tokens_per_day=5_000_000, calls_per_day=0),
            concurrency=16,
            deadline=60,
            parts=8,
            batch=True,
        ),
    )
    assert config.zone.key == "Europe/Berlin"


def test_the_archive_that_daybook_ships_with_tracks_its_own_checkout() -> None:
    root = Path(__file__).parent.parent
    assert load_config(root / "archive.yml").repositories == (
        TrackedRepository(url=str(root.resolve()), name="daybook/daybook", local=True, branch=None, web=None),
    )


@pytest.mark.parametrize(
    "url", ["src/flask", "./src/flask/", "{folder}/src/flask", "file://{folder}/src/flask"]
)
def test_a_local_repository_becomes_an_absolute_path_from_the_files_folder(tmp_path: Path, url: str) -> None:
    flask = make_repository(tmp_path / "src" / "flask")
    url = url.format(folder=tmp_path)
    assert load(tmp_path, f"repositories:\n- url: {url}\n").repositories == (
        TrackedRepository(url=str(flask.resolve()), name="local/flask", local=True, branch=None, web=None),
    )


def test_a_bare_repository_a_work_tree_and_a_folder_with_a_space_are_repositories(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "bare.git")], check=True)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: elsewhere\n")
    make_repository(tmp_path / "my src")
    text = (
        "repositories:\n- url: bare.git\n- url: tree\n"
        + f"- {{url: file://{tmp_path}/my%20src, name: my/src}}\n"
    )
    assert [(one.name, one.url) for one in load(tmp_path, text).repositories] == [
        ("local/bare", str(tmp_path.resolve() / "bare.git")),
        ("local/tree", str(tmp_path.resolve() / "tree")),
        ("my/src", str(tmp_path.resolve() / "my src")),
    ]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + HTTPS.replace("\n", "\r\n")) == load(tmp_path, HTTPS)


def test_keys_are_the_ones_of_the_documentation() -> None:
    assert list_keys() == {
        "": ("site", "timezone", "language", "first_days", "repositories", "analysis"),
        "site": ("name", "url", "host"),
        "repositories": ("url", "name", "branch", "web", "watch"),
        "analysis": ("base_url", "models", "budget", "concurrency", "deadline", "parts", "batch"),
        "models": ("name", "base_url", "key", "context", "price"),
        "price": ("input", "output", "cached"),
        "budget": ("usd_per_day", "tokens_per_day", "calls_per_day"),
    }


def test_a_file_that_is_not_there_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(tmp_path / "archive.yml")
    assert str(raised.value) == (
        f"archive.yml: there is no such file in {tmp_path.resolve()}\n"
        "Run Daybook in the archive's folder, or write the file: `repositories:` and under it `- url: https://…`."
    )


def test_a_folder_in_its_place_says_so(tmp_path: Path) -> None:
    (tmp_path / "archive.yml").mkdir()
    with pytest.raises(ConfigError) as raised:
        load_config(tmp_path / "archive.yml")
    assert str(raised.value) == (
        "archive.yml: the file cannot be read: Is a directory\nCheck that it is a file and its permissions."
    )


def test_text_that_is_not_utf8_is_named_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "archive.yml").write_bytes(b"site:\n  name: caf\xe9\n")
    with pytest.raises(ConfigError) as raised:
        load_config(tmp_path / "archive.yml")
    assert str(raised.value) == "archive.yml:2: the text is not UTF-8\nSave the file as UTF-8."


LIST = "Write `repositories:` and under it, for each one, `- url: https://…`."
YAML = "Check the colons, dashes, quotes and indentation there and in the line before."
NO_SECRET = (
    "Remove all that stands before the host, and change that password or token if it was ever committed."
)
PLACES = "Write an https:// address, or the path of a repository on this machine."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "archive.yml: the file is empty\nWrite `repositories:` and under it `- url: https://…`."),
        (
            "# nothing\n",
            "archive.yml: the file is empty\nWrite `repositories:` and under it `- url: https://…`.",
        ),
        (
            "\n- a\n",
            "archive.yml:2: the file is not a list of keys with values\n"
            "Begin with `repositories:` and under it `- url: https://…`.",
        ),
        (
            "site:\n  name: [a\nlanguage: zh\n",
            "archive.yml:3: this is not YAML: expected ',' or ']', but got ':'\n" + YAML,
        ),
        ("a: 1\n---\nb: 2\n", "archive.yml:2: this is not YAML: but found another document\n" + YAML),
        (
            "site:\n  name: a\u0007\n",
            "archive.yml:2: YAML allows no control character U+0007\nRemove the character; an editor may not show it.",
        ),
        (
            "a: " + "[" * 5000,
            "archive.yml: lists or mappings stand inside each other too deeply\n"
            "Remove the brackets; five levels are enough.",
        ),
        (
            "? [a]\n: b\n",
            "archive.yml:1: a list or mapping stands where a key should\nWrite a key, a colon and a value.",
        ),
        (
            "language: zh\ntimezone: UTC\nlanguage: en\n" + HTTPS,
            "archive.yml:3: key 'language' stands twice, first in line 1\nRemove one of the two.",
        ),
        (
            HTTPS + "    url: https://github.com/a/b\n",
            "archive.yml:3: key 'url' stands twice, first in line 2\nRemove one of the two.",
        ),
        (
            "\nrepositorys:\n- url: .\n",
            "archive.yml:2: unknown key 'repositorys'\nDid you mean 'repositories'?",
        ),
        (HTTPS + "    Branch: main\n", "archive.yml:3: unknown key 'Branch'\nDid you mean 'branch'?"),
        ("site: {nmae: x}\n" + HTTPS, "archive.yml:1: unknown key 'nmae'\nDid you mean 'name'?"),
        (
            HTTPS + "    local: yes\n",
            "archive.yml:3: unknown key 'local'\nThe keys here are url, name, branch, web, watch.",
        ),
        (
            HTTPS + "watch: {models: [a]}\n",
            "archive.yml:3: unknown key 'watch'\n"
            "The keys here are site, timezone, language, first_days, repositories, analysis.",
        ),
    ],
)
def test_what_is_no_archive_file_is_one_line_and_a_next_step(tmp_path: Path, text: str, message: str) -> None:
    assert refuse(tmp_path, text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("language: zh\n", f"archive.yml:1: repositories is missing\n{LIST}"),
        (
            "repositories:\n",
            "archive.yml:1: repositories has no value\nWrite one behind the colon, or remove the line.",
        ),
        ("repositories: []\n", f"archive.yml:1: repositories is not a list of repositories\n{LIST}"),
        (
            "repositories: https://github.com/a/b\n",
            f"archive.yml:1: repositories 'https://github.com/a/b' is not a list of repositories\n{LIST}",
        ),
        (
            "repositories:\n  - https://github.com/a/b\n",
            f"archive.yml:2: a repository is a mapping of keys, not a value alone\n{LIST}",
        ),
        ("repositories:\n\n  - name: a/b\n", f"archive.yml:3: url is missing\n{LIST}"),
        (
            "timezone:\n" + HTTPS,
            "archive.yml:1: timezone has no value\nWrite one behind the colon, or remove the line.",
        ),
        (
            "timezone: asia/shangai\n" + HTTPS,
            "archive.yml:1: timezone 'asia/shangai' is not a time zone of the IANA list\n"
            "Did you mean 'Asia/Shanghai'?",
        ),
        (
            "timezone: New York\n" + HTTPS,
            "archive.yml:1: timezone 'New York' is not a time zone of the IANA list\n"
            "Did you mean 'America/New_York'?",
        ),
        (
            "timezone: ../../etc/passwd\n" + HTTPS,
            "archive.yml:1: timezone '../../etc/passwd' is not a time zone of the IANA list\n"
            "Write a name such as 'Asia/Shanghai', 'Europe/Berlin' or 'UTC'.",
        ),
        (
            "site: {host: netlify}\n" + HTTPS,
            "archive.yml:1: host 'netlify' is not github, cloudflare, gitlab or none\n"
            "Write whose limits the site must keep, or remove the line: the address tells.",
        ),
        (
            "language: english\n" + HTTPS,
            "archive.yml:1: language 'english' is not zh or en\nWrite zh for Chinese or en for English.",
        ),
        (
            "language: no\n" + HTTPS,
            "archive.yml:1: language 'no' is not zh or en\nWrite zh for Chinese or en for English.",
        ),
        (
            HTTPS + "    branch: 1.10\n",
            'archive.yml:3: branch 1.10 is read as a number, not as text\nPut it in quotes: branch: "1.10"',
        ),
        (
            HTTPS + "    branch: 2026-01-06\n",
            'archive.yml:3: branch 2026-01-06 is read as a date, not as text\nPut it in quotes: branch: "2026-01-06"',
        ),
        (HTTPS + "    name: [a, b]\n", "archive.yml:3: name is not text\nWrite one value behind the colon."),
        (
            HTTPS + "    branch: refs/heads/main\n",
            "archive.yml:3: branch 'refs/heads/main' is a whole reference\nWrite `branch: main`.",
        ),
        (
            HTTPS + "    branch: --upload-pack=x\n",
            "archive.yml:3: branch '--upload-pack=x' is not a name that git allows for a branch\n"
            "Write the name as `git branch` prints it.",
        ),
        (
            "site: Daybook\n" + HTTPS,
            "archive.yml:1: site 'Daybook' is not a mapping\n"
            "Write `site:` and under it, indented, `name: …` and `url: …`.",
        ),
        (
            "site: {name: ' '}\n" + HTTPS,
            "archive.yml:1: name ' ' is not one line of text\nWrite a short name, such as Daybook.",
        ),
        (
            "site:\n  url: example.org\n" + HTTPS,
            "archive.yml:2: url 'example.org' is not a web address\n"
            "Write it as a browser shows it: https://host/path/.",
        ),
        (
            "site:\n  url: https://me:word@example.org/\n" + HTTPS,
            "archive.yml:2: url 'https://***@example.org/' holds a user name or password, and archive.yml is public\n"
            + NO_SECRET,
        ),
        (
            HTTPS + "    web: http://github.com/pallets/flask\n",
            "archive.yml:3: web 'http://github.com/pallets/flask' is not an https:// address\n"
            "Write it as a browser shows it: https://host/owner/repository.",
        ),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert refuse(tmp_path, text) == message


@pytest.mark.parametrize("written", ["0", "367", "-1", "7.5", "'7'", "yes", "[7]", "9" * 5000, "!!int x"])
def test_first_days_is_a_whole_number_from_1_to_366(tmp_path: Path, written: str) -> None:
    fact, next_step = refuse(tmp_path, f"first_days: {written}\n{HTTPS}").split("\n")
    assert fact.startswith("archive.yml:1: first_days")
    assert fact.endswith(" is not a whole number from 1 to 366")
    assert next_step == "Write for how many landing days to look back at first, such as 7."


def test_of_several_errors_the_first_in_the_file_is_told(tmp_path: Path) -> None:
    text = "language: english\nfirst_days: 0\nrepositories:\n- url: http://a.org/b/c\n"
    assert refuse(tmp_path, text).startswith("archive.yml:1: language 'english' ")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "git@github.com:pallets/flask.git",
            "url 'git@github.com:pallets/flask.git' needs an SSH key, and Daybook fetches without any key\n"
            "Write https://github.com/pallets/flask.git instead.",
        ),
        (
            "ssh://git@github.com/pallets/flask",
            "url 'ssh://***@github.com/pallets/flask' needs an SSH key, and Daybook fetches without any key\n"
            "Write https://github.com/pallets/flask instead.",
        ),
        (
            "http://github.com/pallets/flask",
            "url 'http://github.com/pallets/flask' is fetched without encryption, so that anyone on the way can "
            "change it\nWrite https://github.com/pallets/flask instead.",
        ),
        (
            "git://github.com/pallets/flask",
            "url 'git://github.com/pallets/flask' is fetched without encryption, so that anyone on the way can "
            "change it\nWrite https://github.com/pallets/flask instead.",
        ),
        (
            "ext::sh -c touch% x",
            "url 'ext::sh -c touch% x' runs a program of git's choosing to fetch\n" + PLACES,
        ),
        (
            "ftp://a.org/b/c",
            "url 'ftp://a.org/b/c' is neither an https:// address nor a local path\n" + PLACES,
        ),
        (
            "https://ghp_abc@github.com/a/b",
            "url 'https://***@github.com/a/b' holds a user name or password, and archive.yml is public\n"
            + NO_SECRET,
        ),
        (
            "http://me:word@github.com/a/b",
            "url 'http://***@github.com/a/b' holds a user name or password, and archive.yml is public\n"
            + NO_SECRET,
        ),
        (
            "me:word@github.com/a/b",
            "url '***@github.com/a/b' holds a user name or password, and archive.yml is public\n" + NO_SECRET,
        ),
        (
            "https://github.com/a/b?token=abc",
            "url 'https://github.com/a/b?***' holds a ? or #, which no address here needs\n"
            "Remove it and what comes after it.",
        ),
        (
            "'https://github.com/a/b#main'",
            "url 'https://github.com/a/b#***' holds a ? or #, which no address here needs\n"
            "Remove it and what comes after it.",
        ),
        (
            "https://github.com/a b/c",
            "url 'https://github.com/a b/c' is not an https:// address\n"
            "Write it as a browser shows it: https://host/owner/repository.",
        ),
        (
            "https://github.com",
            "url 'https://github.com' names a host but no repository\n"
            "Add the repository's path: https://host/owner/repository.",
        ),
        (
            "--upload-pack=x",
            "url '--upload-pack=x' begins with a dash, which git would read as an option\n"
            "Write ./--upload-pack=x if it is a folder.",
        ),
        (
            '"a\\nb"',
            "url 'a\\nb' holds white space at an end, or a control character\n"
            "Remove what is not part of the address.",
        ),
        (
            "file://host/srv/a",
            "url 'file://host/srv/a' names a host, or no whole path\n"
            "Write file:/// and the absolute path, or the path alone.",
        ),
    ],
)
def test_an_address_that_is_not_fetched_from_says_why_and_what_instead(
    tmp_path: Path, url: str, message: str
) -> None:
    assert refuse(tmp_path, f"repositories:\n- url: {url}\n") == f"archive.yml:2: {message}"


def test_a_local_path_need_not_be_there(tmp_path: Path) -> None:
    (one,) = load(tmp_path, "repositories:\n- url: away\n").repositories
    assert (one.name, one.url) == ("local/away", f"{tmp_path.resolve()}/away")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("flask", "needs an owner and a name, with a / between\nWrite `name: local/flask`"),
        ("days/x", "begins with days, an address of Daybook's own pages\nWrite `name: days-x/x`"),
        ("Search/x", "begins with Search, an address of Daybook's own pages\nWrite `name: Search-x/x`"),
        ("feed.xml/x", "begins with feed.xml, an address of Daybook's own pages\nWrite `name: feed-xml/x`"),
        ("a/commit", "holds commit, the address of pages below a repository\nWrite `name: a/commit-x`"),
        ("a/2048", "holds 2048, the address of pages below a repository\nWrite `name: a/2048-x`"),
        ("a/2048/b", "holds 2048, the address of pages below a repository\nWrite `name: a/2048-x/b`"),
        ("a/b.git", "ends in .git at b.git, which files here do\nWrite `name: a/b-git`"),
        ("a/CON.txt", "holds CON.txt, which Windows keeps for a device\nWrite `name: a/CON-txt`"),
    ],
)
def test_a_name_that_would_not_do_as_an_address_or_a_folder_is_refused(
    tmp_path: Path, name: str, message: str
) -> None:
    text = f"{HTTPS}    name: {name}\n"
    assert (
        refuse(tmp_path, text) == f"archive.yml:3: name '{name}' {message}, or any other name of that form."
    )


@pytest.mark.parametrize(
    "name", ["a/..", "a//b", "/a/b", "a/b/", "a/.b", "a/-b", "a/b.", "a/b c", "a/b..c", "a/日"]
)
def test_a_name_has_plain_segments_only(name: str) -> None:
    with pytest.raises(Refusal, match=r"\Amay hold letters, digits, dots, dashes and underscores"):
        check_name(name)


@given(st.text(alphabet="abcon./-_ 2048days日", max_size=20) | st.text(max_size=20))
def test_a_name_that_is_offered_would_be_accepted(name: str) -> None:
    try:
        assert check_name(name) == name
    except Refusal as refusal:
        offered = refusal.next_step.removeprefix("Write `name: ").removesuffix(
            "`, or any other name of that form."
        )
        assert check_name(offered) == offered


def test_a_name_that_follows_from_the_address_is_told_apart_from_one_that_was_written(tmp_path: Path) -> None:
    assert refuse(tmp_path, "repositories:\n- url: https://example.org/tool.git\n") == (
        "archive.yml:2: the name that follows from the address is 'tool', which needs an owner and a name, "
        "with a / between\nWrite `name: local/tool`, or any other name of that form."
    )


def test_two_repositories_with_one_name_are_refused_with_both_lines_whatever_the_letter_case(
    tmp_path: Path,
) -> None:
    text = HTTPS + "  - url: https://gitlab.com/Pallets/Flask\n"
    assert refuse(tmp_path, text) == (
        "archive.yml:3: name 'Pallets/Flask' is the name in line 2 too\nGive one of the two another `name:`."
    )


def test_a_name_below_another_name_is_refused(tmp_path: Path) -> None:
    text = HTTPS + "  - url: https://gitlab.com/a/b\n    name: pallets/flask/docs\n"
    assert refuse(tmp_path, text) == (
        "archive.yml:4: name 'pallets/flask/docs' and 'pallets/flask' in line 2 would have one's pages among the "
        "other's\nGive one of the two another `name:`."
    )


def test_one_repository_may_be_followed_on_two_branches(tmp_path: Path) -> None:
    text = HTTPS + "  - {url: https://github.com/pallets/flask, name: pallets/flask-2.x, branch: 2.3.x}\n"
    assert [(one.name, one.branch) for one in load(tmp_path, text).repositories] == [
        ("pallets/flask", None),
        ("pallets/flask-2.x", "2.3.x"),
    ]


@given(st.text(alphabet=st.sampled_from("ab/.-@{~^:?*[\\ lock\x7f\n日"), min_size=1, max_size=12))
def test_a_branch_is_accepted_exactly_if_git_accepts_it(branch: str) -> None:
    allowed = not subprocess.run(["git", "check-ref-format", f"refs/heads/{branch}"], check=False).returncode
    # git's plumbing allows these two, its commands take them for something else.
    expected = allowed and not branch.startswith("-") and branch != "@"
    try:
        accepted = check_branch(branch) == branch
    except Refusal:
        accepted = False
    assert accepted == expected


@pytest.mark.parametrize("branch", ["HEAD", "@", "refs/heads/main", "-x", "", "\ud800"])
def test_a_branch_that_git_would_take_for_something_else_is_refused(branch: str) -> None:
    with pytest.raises(Refusal):
        check_branch(branch)


@given(st.text(max_size=40) | st.text(alphabet="htps:/@.?#%ab-\\[]~ ", max_size=40))
def test_an_accepted_address_has_no_secret_no_option_and_no_transport_but_https(url: str) -> None:
    try:
        accepted = check_url(url)
    except Refusal:
        return
    if accepted.lower().startswith("https://"):
        assert not set("?#\\ ") & set(accepted)
        assert "@" not in accepted.split("/")[2]
    else:
        assert not accepted.startswith("-")
        assert ":" not in accepted.partition("/")[0]


MODELS = HTTPS + "analysis:\n  models:\n"
MODEL_STEP = "Write `- gpt-5-mini`, or `- name: …` and under it `base_url:`, `key:`, `context:` or `price:`."
PRICE_STEP = "Write US dollars per million tokens: `price: {input: 0.25, output: 2}`."
URL_STEP = (
    "Write the address that the provider's manual gives as the base URL, such as https://api.example.org/v1."
)
KEY_STEP = (
    "Write the name of an environment variable, such as OPENAI_API_KEY; and change that key at the provider if this "
    "file was ever committed."
)


def test_settings_made_in_python_hand_the_common_address_on_too() -> None:
    settings = AnalysisSettings(
        base_url="https://llm.example.org/v1",
        models=(ModelSettings(name="a"), ModelSettings(name="b", base_url="https://api.openai.com/v1")),
    )
    assert [model.base_url for model in settings.models] == [
        "https://llm.example.org/v1",
        "https://api.openai.com/v1",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("analysis:\n", "3: analysis has no value\nWrite one behind the colon, or remove the line."),
        (
            "analysis: gpt-5-mini\n",
            "3: analysis 'gpt-5-mini' is not a mapping\n"
            "Write `analysis:` and under it, indented, `models: [gpt-5-mini]`.",
        ),
        (
            "analysis:\n  models: gpt-5-mini\n",
            "4: models 'gpt-5-mini' is not a list of models\n"
            "Write `models: [gpt-5-mini]`; the first that answers is taken.",
        ),
        ("analysis:\n  model: [a]\n", "4: unknown key 'model'\nDid you mean 'models'?"),
        ("analysis:\n  budget:\n    usd: 2\n", "5: unknown key 'usd'\nDid you mean 'usd_per_day'?"),
        (
            "analysis:\n  models:\n  - a\n  - name: b\n    api_key: hunter2\n",
            "7: unknown key 'api_key'\nDid you mean 'key'?",
        ),
        (
            "analysis:\n  models:\n  - name: b\n    price:\n      in: 2\n",
            "7: unknown key 'in'\nDid you mean 'input'?",
        ),
        ("analysis:\n  models: [4.1]\n", f"4: a model is its name, or a mapping of keys\n{MODEL_STEP}"),
        ("analysis:\n  models:\n  - key: A_KEY\n", f"5: name is missing\n{MODEL_STEP}"),
        (
            "analysis:\n  models:\n  - name: 4.1\n",
            '5: name 4.1 is read as a number, not as text\nPut it in quotes: name: "4.1"',
        ),
        *[
            (
                f"analysis:\n  models:\n  - {written}\n",
                "5: name 'gpt 5' is not a model's name, which holds letters, digits and . _ : / + - @ alone\n"
                "Write it as the provider does, such as gpt-5-mini.",
            )
            for written in ("gpt 5", "name: gpt 5")
        ],
        (
            "analysis:\n  models: [a, {name: a, key: B_KEY}]\n",
            "4: model 'a' stands in line 4 too, at the same address\n"
            "Remove one of the two, or give one another `base_url:`.",
        ),
        (
            "analysis:\n  models:\n  - gpt-5-mini\n  - {name: b, base_url: https://api.example.org/v1}\n",
            "6: model 'b' would have api.example.org see OPENAI_API_KEY, "
            "which is the key to api.openai.com in line 5\n"
            "Give each server a `key:` of its own, the name of another environment variable.",
        ),
        (
            "analysis:\n  models:\n  - name: a\n    price: {input: 1}\n",
            f"6: output is missing\n{PRICE_STEP}",
        ),
        (
            "analysis:\n  models:\n  - name: a\n    price: 2\n",
            f"6: price '2' is not a mapping\n{PRICE_STEP}",
        ),
        (
            "analysis:\n  budget: 2\n",
            "4: budget '2' is not a mapping\nWrite `budget: {usd_per_day: 2}`, or leave it out for no limit.",
        ),
    ],
)
def test_what_no_analysis_can_hold_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert refuse(tmp_path, HTTPS + text) == f"archive.yml:{message}"


@pytest.mark.parametrize(
    ("key", "written", "form"),
    [
        *[
            ("concurrency", value, "a whole number from 1 to 64")
            for value in ("0", "65", "8.0", "yes", "'8'")
        ],
        *[("deadline", value, "a whole number from 10 to 3600") for value in ("9", "3601", "1e2", "5m")],
        *[("parts", value, "a whole number from 1 to 32") for value in ("0", "33")],
        *[("batch", value, "yes or no") for value in ("1", "'yes'", "maybe", "!!bool x", "[yes]")],
        *[
            ("budget", f"{{usd_per_day: {value}}}", "a number of dollars, 0 or more")
            for value in ("-0.01", ".inf", ".nan", "!!float nan", "!!float inf", "'2'", "$2", "1:30.0", "yes")
        ],
        *[
            ("budget", f"{{{name}: {value}}}", "a whole number, 0 or more")
            for name in ("tokens_per_day", "calls_per_day")
            for value in ("-1", "1.5", "5e6", "many")
        ],
        *[
            ("models", f"[{{name: a, context: {value}}}]", "a whole number from 8000 to 10000000")
            for value in ("7999", "10000001", "64k")
        ],
        *[
            (
                "models",
                f"[{{name: a, price: {{{', '.join(figures)}}}}}]",
                "a number of dollars, 0 or more",
            )
            for figures in (
                ["input: -1", "output: 2"],
                ["input: 1", "output: free"],
                ["input: 1", "output: 2", "cached: .inf"],
            )
        ],
    ],
)
def test_a_figure_out_of_its_bounds_is_told_the_bounds(
    tmp_path: Path, key: str, written: str, form: str
) -> None:
    fact, next_step = refuse(tmp_path, f"{HTTPS}analysis:\n  {key}: {written}\n").split("\n")
    assert fact.startswith("archive.yml:4: ")
    assert fact.endswith(f" is not {form}")
    assert next_step


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("api.example.org", f"'api.example.org' is not a web address\n{URL_STEP}"),
        ("ftp://a.org/v1", f"'ftp://a.org/v1' is not a web address\n{URL_STEP}"),
        ("https://a.org:70000/v1", f"'https://a.org:70000/v1' is not a web address\n{URL_STEP}"),
        (
            "http://api.example.org/v1",
            "'http://api.example.org/v1' is reached without encryption, so that anyone on the way can read the key\n"
            "Write https://api.example.org/v1 instead; http is for this machine and private networks.",
        ),
        (
            "https://api.example.org/v1/chat/completions/",
            "'https://api.example.org/v1/chat/completions/' ends in /chat/completions, which is added for each call\n"
            "Write https://api.example.org/v1 instead.",
        ),
        (
            "https://me:word@a.org/v1",
            f"'https://***@a.org/v1' holds a user name or password, and archive.yml is public\n{NO_SECRET}",
        ),
        (
            "https://a.org/v1?key=word",
            "'https://a.org/v1?***' holds a ? or #, which no address here needs\n"
            "Remove it and what comes after it.",
        ),
    ],
)
def test_an_address_of_a_provider_is_refused_where_one_repositorys_would_be(
    tmp_path: Path, url: str, message: str
) -> None:
    assert (
        refuse(tmp_path, f"{HTTPS}analysis: {{base_url: '{url}'}}\n") == f"archive.yml:3: base_url {message}"
    )
    text = f"{MODELS}  - name: a\n    base_url: {url}\n"
    assert refuse(tmp_path, text) == f"archive.yml:6: base_url {message}"


@pytest.mark.parametrize(
    "host",
    [
        "localhost:11434",
        "127.0.0.1:8000",
        "[::1]:8000",
        "10.1.2.3",
        "192.168.0.7:1234",
        "[fd00::7]",
        "ollama",
        "gpu-7.local",
        "llm.team.internal",
    ],
)
def test_a_server_near_by_may_be_reached_without_encryption(host: str) -> None:
    assert check_base_url(f"http://{host}/v1/") == f"http://{host}/v1"


@pytest.mark.parametrize(
    "host",
    # The last four are numbers that some programs take for an address, and a name that only begins like a near one.
    [
        "8.8.8.8",
        "[2001:4860:4860::8888]",
        "example.org",
        "134744072",
        "0x08080808",
        "010.0.0.1",
        "localhost.example.org",
    ],
)
def test_a_server_far_away_may_not(host: str) -> None:
    with pytest.raises(Refusal, match="without encryption"):
        check_base_url(f"http://{host}/v1")


# Put together here, so that no scanner takes this file for one with keys in it.
KEYS = [
    "sk-" + "proj-abc" * 3,
    "sk_" + "live_API_KEY",
    "AIza" + "SyA" * 11,
    "0123456789abcdef" * 2,
    "Zm9v" * 10 + "1",
    "AB12" * 5 + "_KEY",
    "Qm7" + "z" * 10 + "KEY",
    "Bearer" + " x",
    "a key",
    "abc-def",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_itself_is_refused_without_being_shown(tmp_path: Path, key: str) -> None:
    assert refuse(tmp_path, f"{MODELS}  - name: a\n    key: '{key}'\n") == (
        f"archive.yml:6: key holds what looks like a key itself, and archive.yml is public\n{KEY_STEP}"
    )


@pytest.mark.parametrize("written", ["1234567890123", "[hunter2]", "{hunter2: x}", "2026-01-06"])
def test_what_is_no_text_is_not_shown_where_a_key_may_stand(tmp_path: Path, written: str) -> None:
    assert refuse(tmp_path, f"{MODELS}  - name: a\n    key: {written}\n") == (
        "archive.yml:6: key is not text\nWrite the name of an environment variable, such as OPENAI_API_KEY."
    )


def test_a_key_in_a_models_place_is_not_shown(tmp_path: Path) -> None:
    for written in (KEYS[0], f"name: {KEYS[0]}"):
        assert refuse(tmp_path, f"{MODELS}  - {written}\n") == (
            "archive.yml:5: name holds what looks like a key, and archive.yml is public\n"
            "Write the model's name; and change that key at the provider if this file was ever committed."
        )


def test_a_variable_that_git_would_see_is_refused(tmp_path: Path) -> None:
    assert refuse(tmp_path, f"{MODELS}  - name: a\n    key: my_model\n") == (
        "archive.yml:6: key 'my_model' is not named like a secret, so that git and other programs would see it\n"
        "Call the variable MY_MODEL_KEY, here and where it is set."
    )


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,40}", fullmatch=True) | st.text(max_size=30))
def test_an_accepted_key_is_the_name_of_a_secret_and_the_offered_one_is_accepted(name: str) -> None:
    try:
        assert is_secret(check_key(name))
    except SecretRefusal:
        return
    except Refusal as refusal:
        offered = refusal.next_step.removeprefix("Call the variable ").removesuffix(
            ", here and where it is set."
        )
        assert check_key(offered) == offered


def test_one_server_may_offer_several_models_for_one_key_and_several_servers_one_model(
    tmp_path: Path,
) -> None:
    text = f"{MODELS}  - a\n  - b\n  - {{name: a, base_url: http://ollama/v1, key: OLLAMA_KEY}}\n"
    assert [(one.name, one.base_url, one.key) for one in load(tmp_path, text).analysis.models] == [
        ("a", "https://api.openai.com/v1", "OPENAI_API_KEY"),
        ("b", "https://api.openai.com/v1", "OPENAI_API_KEY"),
        ("a", "http://ollama/v1", "OLLAMA_KEY"),
    ]


def test_the_place_of_a_setting_can_be_found_afterwards(tmp_path: Path) -> None:
    load(tmp_path, f"{MODELS}  - a\n  - name: b\n    key: B_KEY\n  budget: {{usd_per_day: 2}}\n")
    path = tmp_path / "archive.yml"
    assert find_place(path, "pallets/flask", "url") == "archive.yml:2"
    assert find_place(path, "pallets/flask", "branch") == "archive.yml:2"
    assert find_setting(path, "analysis", "models", 1) == "archive.yml:6"
    assert find_setting(path, "analysis", "models", 1, "price") == "archive.yml:6"
    assert find_setting(path, "analysis", "budget", "usd_per_day") == "archive.yml:8"


YAML_LETTERS = "repositories:url analysis:models:key -\n[]{}&*!<>'\"#|ab.1"


@given(st.binary(max_size=200) | st.text(alphabet=YAML_LETTERS, max_size=120).map(str.encode))
def test_any_bytes_are_a_config_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "archive.yml"
    path.write_bytes(content)
    try:
        assert load_config(path).repositories
    except ConfigError as error:
        fact, next_step = str(error).split("\n")
        assert fact.startswith("archive.yml:")
        assert next_step


@pytest.mark.parametrize(
    ("watch", "told"),
    [
        ("lib", "watch 'lib' is not a list of at most 50 path globs\nWrite `watch: [\"lib/kv-router/**\""),
        ("{lib: 1}", "watch is not a list of at most 50 path globs\nWrite `watch: "),
        (
            f"[{', '.join(['a', *(f'b{number}' for number in range(50))])}]",
            "watch is not a list of at most 50 path globs\nWrite",
        ),
        ("", "watch has no value\nWrite one behind the colon, or remove the line."),
        ("[1]", 'a path glob of watch is text\nPut it in quotes: - "lib/kv-router/**"'),
        ("[a, [b]]", 'a path glob of watch is text\nPut it in quotes: - "lib/kv-router/**"'),
        ("[*.py]", "Put a value that begins with * in quotes."),
        ('["!lib"]', "watch '!lib' begins with !, a mark of git's own\nWrite a backslash before it."),
        ('["a/../b"]', "watch 'a/../b' holds a step that no path in a repository has\nWrite one such as"),
        ('[lib, "[z-a]"]', "watch '[z-a]' is no glob, or one that could be read in two ways\nWrite one such"),
        ('["lib\\n"]', "watch 'lib\\n' is too long, or holds what cannot be printed\nWrite one such as"),
    ],
)
def test_a_watched_path_that_is_no_glob_is_refused_with_its_line_and_what_to_write(
    tmp_path: Path, watch: str, told: str
) -> None:
    refused = refuse(tmp_path, f"{HTTPS}    watch: {watch}\n")
    assert refused.startswith("archive.yml:3: ")
    assert told in refused


def test_the_line_of_a_bad_glob_is_its_own(tmp_path: Path) -> None:
    text = f"{HTTPS}    watch:\n      - lib/**\n      - '!lib/x'\n"
    assert refuse(tmp_path, text).startswith("archive.yml:5: watch '!lib/x' begins with !")


def test_settings_name_the_repositories_that_have_watched_paths(tmp_path: Path) -> None:
    text = f"{HTTPS}    watch: [src]\n  - url: https://github.com/pallets/click\n    watch: []\n"
    assert load(tmp_path, text).watched == {"pallets/flask": ("src",)}


@pytest.mark.parametrize("name", ["a/b/watch", "a/b/Releases", "a/b/watch/c"])
def test_a_name_whose_pages_would_stand_among_those_of_another_repository_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match="the address of pages below a repository"):
        check_name(name)
    assert check_name("owner/watch") == "owner/watch"
    assert check_name("owner/releases") == "owner/releases"
