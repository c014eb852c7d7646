"""One bash that commands are typed into, one after the other, and what became of each."""

import re
import select
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Only what never ends takes this long.
PATIENCE = 120
STATUS = re.compile(r"^HTTP (\d{3})$", re.MULTILINE)
FAILED = re.compile(r"^failed: (.*)$", re.MULTILINE)
# curl says of each request how it was answered; what it prints stays as it is.
CURLRC = 'write-out = "%{stderr}HTTP %{http_code}\\n"\n'


@dataclass(frozen=True)
class Outcome:
    """What commands printed and how they ended."""

    status: int
    out: str
    err: str

    @property
    def failed(self) -> list[str]:
        """Commands that ended with something else than 0."""
        return FAILED.findall(self.err) or [f"ended with {self.status}"] * (self.status != 0)

    @property
    def answered(self) -> list[int]:
        """The status of each request that curl made."""
        return [int(each) for each in STATUS.findall(self.err)]


@dataclass
class Shell:
    """A bash in a folder. What one command sets, the next one finds."""

    folder: Path
    environment: Mapping[str, str]
    typed: int = 0
    bash: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self._notes = self.folder / ".typed"
        self._notes.mkdir()
        (self._notes / ".curlrc").write_text(CURLRC)
        self.bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=self.folder,
            env={**self.environment, "CURL_HOME": str(self._notes)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say("trap 'echo \"failed: $BASH_COMMAND\" >&2' ERR")

    def __call__(self, text: str) -> Outcome:
        """Type commands and wait until they have ended."""
        self.typed += 1
        script, out, err = (self._notes / f"{self.typed}.{each}" for each in ("sh", "out", "err"))
        script.write_text(text + "\n", "utf-8")
        self._say(f". {script} >{out} 2>{err} </dev/null; echo $?")
        ready, _, _ = select.select([self.bash.stdout], [], [], PATIENCE)
        assert ready, f"never ends: {text}"
        assert self.bash.stdout is not None
        return Outcome(int(self.bash.stdout.readline()), *(each.read_text("utf-8") for each in (out, err)))

    def end(self) -> None:
        """Leave it."""
        self.bash.kill()
        self.bash.communicate()

    def _say(self, line: str) -> None:
        assert self.bash.stdin is not None
        self.bash.stdin.write(line + "\n")
        self.bash.stdin.flush()
