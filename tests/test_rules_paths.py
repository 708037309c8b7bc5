"""Paths: the part that a file plays, told by its name alone."""

from __future__ import annotations

import pytest

from generator.analyse.paths import Place, is_public, is_sideline, place_path


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("src/flask/app.py", Place.SOURCE),
        ("vllm_ascend/sample/penalties.py", Place.SOURCE),
        ("csrc/attention/kernel.cu", Place.SOURCE),
        ("deploy/operator/api/v1alpha1/types.go", Place.SOURCE),
        ("tests/x.py", Place.TEST),
        ("lib/llm/tests/http.rs", Place.TEST),
        ("pkg/server/server_test.go", Place.TEST),
        ("gson/src/test/java/com/google/gson/GsonTest.java", Place.TEST),
        ("packages/vue/__tests__/e2e/grid.spec.ts", Place.TEST),
        ("types/directives.test-d.ts", Place.TEST),
        ("t/t5510-fetch.sh", Place.TEST),
        ("tests/data/schema.sql", Place.TEST),
        ("tests/README.md", Place.DOCS),
        ("benchmarks/bench_serving.py", Place.BENCHMARK),
        ("docs/benchmark.md", Place.DOCS),
        ("docs/conf.py", Place.DOCS),
        ("CHANGES.rst", Place.DOCS),
        ("Documentation/RelNotes/2.56.0.adoc", Place.DOCS),
        ("examples/offline.py", Place.EXAMPLE),
        ("src/main/java/com/example/Main.java", Place.SOURCE),
        (".github/workflows/tests.yaml", Place.CI),
        (".buildkite/test-pipeline.yaml", Place.CI),
        ("scripts/ci/amd/run.sh", Place.CI),
        (".pre-commit-config.yaml", Place.CI),
        (".github/ISSUE_TEMPLATE/bug.yml", Place.HOUSEKEEPING),
        ("CODEOWNERS", Place.HOUSEKEEPING),
        ("uv.lock", Place.LOCK),
        ("examples/Cargo.lock", Place.LOCK),
        ("go.sum", Place.LOCK),
        ("pyproject.toml", Place.MANIFEST),
        ("requirements/cuda.txt", Place.MANIFEST),
        ("requirements-dev.txt", Place.MANIFEST),
        ("go.mod", Place.MANIFEST),
        ("alembic/versions/0001_add.py", Place.MIGRATION),
        ("app/migrations/0002_auto.py", Place.MIGRATION),
        ("docs/migration/v2.md", Place.DOCS),
        ("proto/service.proto", Place.SCHEMA),
        ("deploy/helm/crds/dynamo.yaml", Place.SCHEMA),
        ("api/openapi.yaml", Place.SCHEMA),
        ("deploy/values.yaml", Place.CONFIG),
        ("CMakeLists.txt", Place.BUILD),
        ("docker/Dockerfile.rocm", Place.BUILD),
        ("Makefile", Place.BUILD),
        ("vendor/github.com/x/y/y_test.go", Place.GENERATED),
        ("api/service.pb.go", Place.GENERATED),
        ("static/app.min.js", Place.GENERATED),
        ("media/logo.png", Place.ASSET),
        ("", Place.SOURCE),
        ("/", Place.SOURCE),
    ],
)
def test_path_plays_its_part(path: str, place: Place) -> None:
    assert place_path(path) is place


@pytest.mark.parametrize(
    ("path", "public"),
    [
        ("src/flask/app.py", True),
        ("src/flask/__init__.py", True),
        ("src/flask/_compat.py", False),
        ("src/_pytest/main.py", False),
        ("internal/xds/resolver.go", False),
        ("scripts/release.py", False),
        ("include/flashinfer/decode.cuh", True),
        ("builtin.h", False),
    ],
)
def test_names_of_inner_files_are_not_public(path: str, public: bool) -> None:
    assert is_public(path) is public


def test_sideline_is_told_by_folder_not_by_file() -> None:
    assert is_sideline("examples/jwt/Cargo.toml")
    assert is_sideline("tests/requirements.txt")
    assert not is_sideline("crates/core/Cargo.toml")
