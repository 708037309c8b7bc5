"""Sort paths by the part they play: source, tests, docs, CI, manifests, schemas and so on.

This module must not look into a file; it knows names only, over many ecosystems.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Place(StrEnum):
    """The part that a file plays in its repository."""

    SOURCE = "source"
    TEST = "test"
    BENCHMARK = "benchmark"
    DOCS = "docs"
    EXAMPLE = "example"
    CI = "ci"
    LOCK = "lock"
    MANIFEST = "manifest"
    MIGRATION = "migration"
    SCHEMA = "schema"
    CONFIG = "config"
    BUILD = "build"
    GENERATED = "generated"
    HOUSEKEEPING = "housekeeping"
    ASSET = "asset"


@lru_cache(maxsize=8192)
def place_path(path: str) -> Place:
    """Sort one path; what nothing else claims is source."""
    folded = path.casefold()
    *folders, name = folded.split("/")
    extension = name.rpartition(".")[2] if "." in name else ""
    file = _File(path, frozenset(folders), tuple(folders), name, extension)
    for check, place in _CHECKS:
        if check(file):
            return place
    return Place.SOURCE


def is_public(path: str) -> bool:
    """Say whether names of a source file look like meant for use from outside, as far as its path tells."""
    folders = path.split("/")[:-1]
    name = path.rpartition("/")[2]
    if any(folder.casefold() in _INNER_FOLDERS or folder.startswith(("_", ".")) for folder in folders):
        return False
    if name.startswith("_") and not name.startswith("__init__"):
        return False
    if name.casefold().endswith(_HEADER_ENDINGS):
        return any(folder.casefold() in _HEADER_FOLDERS for folder in folders)
    return True


def is_tooling(path: str) -> bool:
    """Say whether a file only serves the repository's developers: scripts, tools, editor settings."""
    return any(
        folder.startswith(".") or folder.casefold() in _TOOL_FOLDERS for folder in path.split("/")[:-1]
    )


def is_sideline(path: str) -> bool:
    """Say whether a file, whatever it is, lies in a folder of tests, docs, examples or tooling."""
    folders = frozenset(path.casefold().split("/")[:-1])
    sidelines = _TEST_FOLDERS | _DOC_FOLDERS | _EXAMPLE_FOLDERS | _EXAMPLE_ROOTS | _BENCHMARK_FOLDERS
    return bool(folders & sidelines) or is_tooling(path)


def name_folder(path: str, depth: int = 3) -> str:
    """Name the folder of a path, at most `depth` levels deep; empty for the repository's root."""
    return "/".join(path.split("/")[:-1][:depth])


_HEADER_ENDINGS = (".h", ".hh", ".hpp", ".hxx", ".cuh", ".inl")
_HEADER_FOLDERS = frozenset("include includes public api".split())
_TOOL_FOLDERS = frozenset("scripts script tools tool hack maint misc playground playgrounds".split())
_INNER_FOLDERS = _TOOL_FOLDERS | frozenset(
    "internal internals private impl detail details utils util helpers contrib experimental cmd bin docker "
    "container".split()
)


class _File:
    __slots__ = ("extension", "folders", "name", "order", "path")

    def __init__(
        self, path: str, folders: frozenset[str], order: tuple[str, ...], name: str, extension: str
    ) -> None:
        self.path, self.folders, self.order, self.name, self.extension = path, folders, order, name, extension


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_VENDORED = _words(
    "vendor vendored third_party third-party thirdparty 3rdparty node_modules bower_components"
)
_GENERATED_NAME = re.compile(
    r"(?:\.min\.(?:js|css)|\.pb(?:\.gw)?\.go|\.pb\.(?:cc|h)|_pb2(?:_grpc)?\.pyi?|[._-]generated\.[a-z]+|"
    r"\.g\.dart"
    r"|\.js\.map|\.css\.map)$|^zz_generated"
)
_LOCKS = _words(
    "poetry.lock uv.lock pdm.lock pipfile.lock cargo.lock package-lock.json npm-shrinkwrap.json yarn.lock "
    "pnpm-lock.yaml "
    "bun.lock bun.lockb go.sum go.work.sum gemfile.lock composer.lock mix.lock pubspec.lock podfile.lock "
    "package.resolved flake.lock gradle.lockfile packages.lock.json module.bazel.lock conan.lock deno.lock "
    "pixi.lock "
    "chart.lock .terraform.lock.hcl"
)
_MANIFESTS = _words(
    "pyproject.toml setup.py setup.cfg pipfile environment.yml environment.yaml constraints.txt cargo.toml "
    "package.json "
    "pnpm-workspace.yaml go.mod go.work pom.xml build.gradle build.gradle.kts libs.versions.toml gemfile "
    "composer.json "
    "package.swift mix.exs vcpkg.json conanfile.txt conanfile.py module.bazel pubspec.yaml pixi.toml "
    ".gitmodules "
    "chart.yaml"
)
_REQUIREMENTS = re.compile(
    r"(?:^|[._-])(?:requirements?|constraints)(?:[._-].*)?\.(?:txt|in|pip)$|\.(?:gemspec|csproj|fsproj)$"
)
_REQUIREMENT_FOLDERS = _words("requirements requires")

_CI_FOLDERS = _words(
    "workflows .circleci .buildkite .gitlab .travis .ci ci .azure-pipelines .tekton jenkins .woodpecker"
)
_CI_NAMES = _words(
    ".gitlab-ci.yml .gitlab-ci.yaml .travis.yml appveyor.yml .appveyor.yml azure-pipelines.yml "
    "azure-pipelines.yaml "
    "jenkinsfile .cirrus.yml .drone.yml bitbucket-pipelines.yml codecov.yml .codecov.yml "
    ".pre-commit-config.yaml "
    "dependabot.yml dependabot.yaml renovate.json .goreleaser.yml .goreleaser.yaml cloudbuild.yaml "
    ".readthedocs.yml "
    ".readthedocs.yaml mergify.yml .mergify.yml .coderabbit.yaml labeler.yml .golangci.yml .golangci.yaml "
    "noxfile.py "
    "tox.ini .nyc_output netlify.toml vercel.json"
)
_HOUSEKEEPING = _words(
    "codeowners .mailmap .gitignore .gitattributes .editorconfig .dockerignore .npmignore .prettierignore "
    "authors "
    "authors.md maintainers maintainers.md owners .all-contributorsrc funding.yml license license.md "
    "license.txt "
    "license.rst copying notice .git-blame-ignore-revs .clang-format .prettierrc .markdownlint.json "
    ".codespellrc"
)

_TEST_FOLDERS = _words(
    "test tests testing __tests__ __mocks__ testdata test_data testsuite testcases test_cases fixtures "
    "unittests "
    "unit_tests unit-tests integration_tests integration-tests integrationtest e2e e2e_test e2e_tests "
    "e2e-tests spec "
    "conformance __snapshots__ test-utils testutil testutils"
)
_TEST_NAME = re.compile(
    r"^(?:tests?|testing|conftest|test_util|testutil|test_utils|testlib)\.[a-z]+$|^test[_-].*\.[a-z0-9]+$|"
    r"[._-](?:tests?|test-d|spec|unittest|unittests)\.[a-z0-9]+$|\.snap$|^testutils?[._-]"
)
_TEST_CLASS = re.compile(
    r"(?:Tests?|IT|TestCase|Spec)\.(?:java|kt|scala|cs|groovy|swift|php)$|(?:^|/)t\d{4}-[^/]*\.sh$"
)
_BENCHMARK_FOLDERS = _words(
    "benchmark benchmarks __benchmarks__ bench benches benchmarking microbenchmarks perf-tests"
)
_BENCHMARK_NAME = re.compile(r"^(?:bench|benchmark)[._-]|[._-](?:bench|benchmark)\.[a-z]+$|^p\d{4}-.*\.sh$")

_DOC_FOLDERS = _words("doc docs documentation website man cookbook")
_DOC_EXTENSIONS = _words("md mdx rst adoc asciidoc textile markdown mdc")
_DOC_NAMES = re.compile(
    r"^(?:mkdocs|readme|changelog|changes|history|news|contributing|code_of_conduct|security|todo|relnotes)\b"
)
_EXAMPLE_FOLDERS = _words("examples samples demos tutorials recipes")
# `vllm/sample/` samples tokens and `com/example/` is a Java package: these words count at the root only.
_EXAMPLE_ROOTS = _words("example sample demo tutorial")

_MIGRATION_FOLDERS = _words("migrations migration migrate alembic")
_SCHEMA_EXTENSIONS = _words("proto thrift avsc fbs capnp graphql graphqls sql prisma xsd wsdl asn1 smithy")
_SCHEMA_NAME = re.compile(
    r"^(?:openapi|swagger)\b.*\.(?:ya?ml|json)$|[._-]schema\.json$|^schema\.(?:json|rb|ya?ml)$"
)
_SCHEMA_FOLDERS = _words("crd crds")

_BUILD_NAMES = _words(
    "cmakelists.txt makefile gnumakefile meson.build meson_options.txt build build.bazel workspace "
    "workspace.bazel configure.ac "
    "makefile.am configure build.rs justfile earthfile tiltfile docker-compose.yml docker-compose.yaml "
    "compose.yaml "
    "compose.yml gulpfile.js manifest.in build.xml rust-toolchain rust-toolchain.toml flake.nix default.nix "
    "shell.nix "
    "build.zig tsconfig.json babel.config.js gradle.properties gradlew mvnw config.mak.uname"
)
_BUILD_NAME = re.compile(
    r"dockerfile|containerfile|\.(?:cmake|mk|mak|bzl|gradle|ninja|m4|bazel)$|"
    r"^(?:webpack|rollup|vite|vitest|esbuild|tsup|jest|eslint|babel|postcss|tailwind)\.config\.|"
    r"^tsconfig\..*json$"
)
_BUILD_FOLDERS = _words("docker cmake")
_CONFIG_EXTENSIONS = _words(
    "yaml yml toml ini cfg conf env properties json json5 jsonc tf tfvars hcl xml plist service pylintrc "
    "npmrc"
)
_ASSET_EXTENSIONS = _words(
    "png jpg jpeg gif svg ico webp bmp pdf woff woff2 ttf otf eot mp3 mp4 wav webm zip gz tar whl jar so "
    "dll bin "
    "csv tsv parquet npy npz pkl jsonl drawio typed po pot mo xliff arb"
)
_TEXT_CODE = _words(
    "py rs go c cc cpp cxx h hh hpp cu cuh java kt scala js jsx ts tsx mjs cjs vue svelte rb php cs swift"
)


def _is_generated(file: _File) -> bool:
    return bool(file.folders & _VENDORED) or bool(_GENERATED_NAME.search(file.name))


def _is_manifest(file: _File) -> bool:
    listed = file.extension in ("txt", "in") and bool(file.folders & _REQUIREMENT_FOLDERS)
    return file.name in _MANIFESTS or listed or bool(_REQUIREMENTS.search(file.name))


def _is_ci(file: _File) -> bool:
    if file.name in _CI_NAMES:
        return True
    hosted = ".github" in file.folders and file.extension in ("yml", "yaml", "sh", "py", "js", "json")
    return hosted or bool(file.folders & _CI_FOLDERS and file.extension not in _DOC_EXTENSIONS)


def _is_test(file: _File) -> bool:
    if _is_prose(file) and _DOC_NAMES.search(file.name):
        return False
    # `t/` at the root is Perl's and git's test folder.
    folder = bool(file.folders & _TEST_FOLDERS) or file.order[:1] == ("t",)
    return folder or bool(_TEST_NAME.search(file.name)) or bool(_TEST_CLASS.search(file.path))


def _is_benchmark(file: _File) -> bool:
    if _is_prose(file):
        return False
    if file.folders & _BENCHMARK_FOLDERS:
        return True
    return bool(_BENCHMARK_NAME.search(file.name)) and not file.folders & _TEST_FOLDERS


def _is_prose(file: _File) -> bool:
    return file.extension in _DOC_EXTENSIONS


def _is_housekeeping(file: _File) -> bool:
    template = any(folder in ("issue_template", "discussion_template") for folder in file.order)
    return file.name in _HOUSEKEEPING or template


def _is_example(file: _File) -> bool:
    return bool(file.folders & _EXAMPLE_FOLDERS) or bool(_EXAMPLE_ROOTS.intersection(file.order[:1]))


def _is_docs(file: _File) -> bool:
    if file.extension in _DOC_EXTENSIONS or _DOC_NAMES.search(file.name):
        return file.extension not in _TEXT_CODE
    return bool(file.folders & _DOC_FOLDERS)


def _is_migration(file: _File) -> bool:
    return bool(file.folders & _MIGRATION_FOLDERS)


def _is_schema(file: _File) -> bool:
    if file.extension in _SCHEMA_EXTENSIONS or _SCHEMA_NAME.search(file.name):
        return True
    return bool(file.folders & _SCHEMA_FOLDERS) and file.extension in ("yaml", "yml", "json")


def _is_build(file: _File) -> bool:
    if file.name in _BUILD_NAMES or _BUILD_NAME.search(file.name):
        return True
    return bool(file.folders & _BUILD_FOLDERS) and file.extension in ("sh", "yml", "yaml", "hcl", "")


def _is_asset(file: _File) -> bool:
    return file.extension in _ASSET_EXTENSIONS


def _is_config(file: _File) -> bool:
    return file.extension in _CONFIG_EXTENSIONS


# The first check that holds decides: a vendored lock file is vendored, a schema in tests/ is a test.
_CHECKS = (
    (_is_generated, Place.GENERATED),
    (lambda file: file.name in _LOCKS, Place.LOCK),
    (_is_housekeeping, Place.HOUSEKEEPING),
    (_is_ci, Place.CI),
    (_is_benchmark, Place.BENCHMARK),
    (_is_test, Place.TEST),
    (_is_manifest, Place.MANIFEST),
    (lambda file: file.name in _BUILD_NAMES, Place.BUILD),
    (_is_docs, Place.DOCS),
    (_is_example, Place.EXAMPLE),
    (_is_migration, Place.MIGRATION),
    (_is_schema, Place.SCHEMA),
    (_is_build, Place.BUILD),
    (_is_asset, Place.ASSET),
    (_is_config, Place.CONFIG),
)
