"""A build that skipped a test is not green; by hand a skip is only listed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TESTS = """
import pytest

def test_that_runs():
    pass

@pytest.mark.skip(reason="no browser")
def test_that_does_not():
    pass
"""


@pytest.mark.parametrize(("ci", "workers", "code"), [("true", "0", 1), ("true", "1", 1), ("", "0", 0)])
def test_a_skip_fails_a_build_and_no_other_run(tmp_path: Path, ci: str, workers: str, code: int) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    words = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "xdist.plugin", "-p", "no:cacheprovider"]

    run = subprocess.run(
        [*words, "-c", os.devnull, "--rootdir", str(tmp_path), "-n", workers, str(tmp_path)],
        cwd=ROOT,
        # Without the other plugins this takes a second less.
        env=os.environ | {"CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == code, run.stdout + run.stderr
    assert ("which fails the run" in run.stdout) == bool(ci)
