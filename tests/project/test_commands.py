# SPDX-License-Identifier: Apache-2.0
"""`make`, `make test` and what continuous integration calls."""

import importlib.machinery
import importlib.util
import re
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def runner(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script scripts/test as a module, leaving its reports in a folder of the test's own."""
    loader = importlib.machinery.SourceFileLoader("run_tests", str(root / "scripts" / "test"))
    spec = importlib.util.spec_from_loader("run_tests", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "run_tests", module)
    loader.exec_module(module)
    monkeypatch.setattr(module, "REPORTS", tmp_path)
    # The little stages need none of the project's plugins, which take seconds to load.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return module


def _stages(runner: ModuleType, tmp_path: Path, *bodies: str) -> list[object]:
    made = []
    for number, body in enumerate(bodies):
        case = tmp_path / f"test_case{number}.py"
        case.write_text(body)
        report = f"--junitxml={tmp_path}/s{number}.xml"
        command = (
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            report,
            str(case),
        )
        made.append(runner.Stage(f"s{number}", "a stage", command))
    return made


def test_bare_make_lists_every_target(root: Path) -> None:
    said = subprocess.run(["make"], cwd=root, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    for target in phony[1].split():
        assert re.search(rf"make {target} +\S", said), target


def test_continuous_integration_runs_the_command_of_the_readme(root: Path) -> None:
    assert "make --no-print-directory test" in (root / ".ci" / "run").read_text()
    assert re.search(r"^\s*make test\b", (root / "README.md").read_text(), re.MULTILINE)


def test_every_stage_runs_and_the_last_line_counts(
    runner: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    failing = "def test_a(): assert 0\ndef test_b(): pass\n"
    passing = "import pytest\ndef test_c(): pass\ndef test_d(): pytest.skip('x')\n"
    made = _stages(runner, tmp_path, failing, passing)
    lint = runner.Stage("lint", "rules", (sys.executable, "-c", "raise SystemExit(3)"))
    monkeypatch.setattr(runner, "stages", lambda: [lint, *made])
    assert runner.main([]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert lines[-1] == "2 passed, 1 failed, 1 skipped"
    assert [line.split()[:2] for line in lines if line.startswith(("ok ", "FAILED "))][-3:] == [
        ["FAILED", "lint"],
        ["FAILED", "s0"],
        ["ok", "s1"],
    ]


def test_a_run_in_which_all_is_well_ends_with_zero(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _stages(runner, tmp_path, "def test_a(): pass\n")
    monkeypatch.setattr(runner, "stages", lambda: made)
    assert runner.main([]) == 0


def test_a_stage_without_a_single_test_is_a_failure(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _stages(runner, tmp_path, "")
    monkeypatch.setattr(runner, "stages", lambda: made)
    assert runner.main([]) == 1


def test_a_file_that_cannot_be_read_as_tests_is_a_failure(
    runner: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    made = _stages(runner, tmp_path, "import no_such_module_at_all\n")
    monkeypatch.setattr(runner, "stages", lambda: made)
    assert runner.main([]) == 1
    assert capfd.readouterr().out.splitlines()[-1] == "0 passed, 1 failed"


def test_a_stage_that_hangs_is_stopped_with_all_it_started(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "child"
    hanging = runner.Stage("hang", "hangs", ("sh", "-c", f"sleep 600 & echo $! >{mark}; wait"))
    monkeypatch.setattr(runner, "stages", lambda: [hanging])
    monkeypatch.setattr(runner, "STAGE_LIMIT_S", 2.0)
    assert runner.main([]) == 1
    child = Path(f"/proc/{int(mark.read_text())}/stat")
    deadline = time.monotonic() + 30.0
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(stat: Path) -> bool:
    """True while the process of a /proc/PID/stat is there and not just waiting to be reaped."""
    try:
        return stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_stage_that_does_not_exist_is_named(
    runner: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    assert runner.main(["tpyes"]) == 2
    assert "no stage is called tpyes" in capfd.readouterr().out
