"""Addresses of hosting services: links into them, and names and web addresses out of them."""

from __future__ import annotations

import pytest

from generator.hosts import find_name, find_web, is_remote, web_links

SHA = "0123456789abcdef0123456789abcdef01234567"


def list_links(web: str | None) -> dict[str, str | None]:
    links = web_links(web)
    return {
        "commit": links.commit(SHA),
        "pull_request": links.pull_request(12),
        "issue": links.issue(34),
        "compare": links.compare("v1.0", "v1.1"),
        "tree": links.tree(SHA),
    }


def test_github_links_follow_githubs_addresses() -> None:
    assert list_links("https://github.com/pallets/flask") == {
        "commit": f"https://github.com/pallets/flask/commit/{SHA}",
        "pull_request": "https://github.com/pallets/flask/pull/12",
        "issue": "https://github.com/pallets/flask/issues/34",
        "compare": "https://github.com/pallets/flask/compare/v1.0...v1.1",
        "tree": f"https://github.com/pallets/flask/tree/{SHA}",
    }


def test_gitlab_links_stand_behind_a_dash() -> None:
    assert list_links("https://gitlab.com/group/sub/repo") == {
        "commit": f"https://gitlab.com/group/sub/repo/-/commit/{SHA}",
        "pull_request": "https://gitlab.com/group/sub/repo/-/merge_requests/12",
        "issue": "https://gitlab.com/group/sub/repo/-/issues/34",
        "compare": "https://gitlab.com/group/sub/repo/-/compare/v1.0...v1.1",
        "tree": f"https://gitlab.com/group/sub/repo/-/tree/{SHA}",
    }


def test_codeberg_links_follow_giteas_addresses() -> None:
    assert list_links("https://codeberg.org/forgejo/forgejo") == {
        "commit": f"https://codeberg.org/forgejo/forgejo/commit/{SHA}",
        "pull_request": "https://codeberg.org/forgejo/forgejo/pulls/12",
        "issue": "https://codeberg.org/forgejo/forgejo/issues/34",
        "compare": "https://codeberg.org/forgejo/forgejo/compare/v1.0...v1.1",
        "tree": f"https://codeberg.org/forgejo/forgejo/src/commit/{SHA}",
    }


def test_bitbucket_compares_with_the_newer_side_first() -> None:
    assert list_links("https://bitbucket.org/team/repo") == {
        "commit": f"https://bitbucket.org/team/repo/commits/{SHA}",
        "pull_request": "https://bitbucket.org/team/repo/pull-requests/12",
        "issue": "https://bitbucket.org/team/repo/issues/34",
        "compare": "https://bitbucket.org/team/repo/branches/compare/v1.1..v1.0",
        "tree": f"https://bitbucket.org/team/repo/src/{SHA}",
    }


@pytest.mark.parametrize(
    "web",
    [
        None,
        "",
        "https://git.kernel.org/pub/scm/git/git",
        "https://notgithub.com/a/b",
        "https://evil.org/github.com/a",
    ],
)
def test_no_web_address_or_an_unknown_host_gives_no_link(web: str | None) -> None:
    assert set(list_links(web).values()) == {None}


@pytest.mark.parametrize(
    ("web", "commit"),
    [
        ("https://gitlab.gnome.org/GNOME/gtk", f"https://gitlab.gnome.org/GNOME/gtk/-/commit/{SHA}"),
        ("https://gitea.example.org/a/b", f"https://gitea.example.org/a/b/commit/{SHA}"),
        ("https://github.example.com:8443/a/b", f"https://github.example.com:8443/a/b/commit/{SHA}"),
        ("https://www.github.com/a/b/", f"https://www.github.com/a/b/commit/{SHA}"),
        ("https://GitHub.com/a/b", f"https://GitHub.com/a/b/commit/{SHA}"),
    ],
)
def test_a_self_hosted_service_is_known_by_the_first_label_of_its_name(web: str, commit: str) -> None:
    assert web_links(web).commit(SHA) == commit


def test_a_tag_with_a_slash_or_a_quote_stays_inside_its_place() -> None:
    assert web_links("https://github.com/a/b").compare("lib/v1", '"><script>') == (
        "https://github.com/a/b/compare/lib%2Fv1...%22%3E%3Cscript%3E"
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/ai-dynamo/dynamo", "ai-dynamo/dynamo"),
        ("https://github.com/ai-dynamo/dynamo.git", "ai-dynamo/dynamo"),
        ("https://github.com/ai-dynamo/dynamo/", "ai-dynamo/dynamo"),
        ("https://github.com/ai-dynamo/dynamo.git/", "ai-dynamo/dynamo"),
        ("https://gitlab.com/group/sub/repo.git", "group/sub/repo"),
        ("https://git.kernel.org/pub/scm/git/git.git", "pub/scm/git/git"),
        ("https://example.org/tool.git", "tool"),
        ("https://example.org/a%2F..%2Fb/c", "a/../b/c"),
        ("https://example.org/", ""),
        ("/srv/git/flask", "local/flask"),
        ("/srv/git/flask.git", "local/flask"),
        ("/srv/git/flask/.git", "local/flask"),
        ("/srv/git/flask/", "local/flask"),
        ("file:///srv/git/flask.git", "local/flask"),
        ("/", ""),
    ],
)
def test_a_name_is_the_path_on_a_host_or_the_folder_on_this_machine(url: str, name: str) -> None:
    assert find_name(url) == name


@pytest.mark.parametrize(
    ("url", "web"),
    [
        ("https://github.com/ai-dynamo/dynamo.git", "https://github.com/ai-dynamo/dynamo"),
        ("https://github.com/ai-dynamo/dynamo/", "https://github.com/ai-dynamo/dynamo"),
        ("https://gitlab.com/group/sub/repo.git/", "https://gitlab.com/group/sub/repo"),
        ("file:///srv/git/flask.git", None),
        ("/srv/git/flask", None),
    ],
)
def test_a_web_address_is_the_remotes_own_without_git_and_none_for_a_local_one(
    url: str, web: str | None
) -> None:
    assert find_web(url) == web


def test_only_https_is_a_remote() -> None:
    assert [is_remote(url) for url in ("https://a/b", "HTTPS://a/b", "file:///a", "/a", "./https:/a")] == [
        True,
        True,
        False,
        False,
        False,
    ]
