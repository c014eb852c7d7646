"""A flow is its rows, its traits and its texts: one that there is not is added to a copy of the tree, and played."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tooling.made_up import HERE, copy_with_flow

# Where the players stand in the copy, among the tests whose worlds they play in.
PLAYERS = {"made_up_cases.py": "tests/contract/test_made_up.py", "made_up_in_slack.py": "tests/flow/test_made_up.py"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree with one flow more."""
    made = tmp_path_factory.mktemp("made_up")
    copy_with_flow(made)
    for name, place in PLAYERS.items():
        (made / place).write_text((HERE / name).read_text("utf-8"), "utf-8")
    return made


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("player", PLAYERS.values())
def test_a_flow_of_rows_traits_and_texts_alone_is_played_from_the_form_to_its_end(copy: Path, player: str) -> None:
    """On both databases, and through the sandbox."""
    words = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", player]
    around = {**os.environ, "PYTHONPATH": str(copy), "CI": "false"}

    played = subprocess.run(words, cwd=copy, env=around, capture_output=True, text=True, check=False)

    assert played.returncode == 0, played.stdout[-6_000:]
