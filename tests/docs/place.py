"""Where somebody follows a page: a folder with the program, its settings filled in, a shell, and a server."""

import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.docs.shell import Outcome, Shell
from tests.support.machines import product
from tests.support.machines.product import ROOT, free_port
from tests.support.world import contact

BIN = ROOT / ".venv" / "bin"
# What a reader has once the README's first page is done.
BROUGHT = ("docs", "README.md", ".env.example")
# What a bare Debian has of what pages might use, and what they ask for.
PROGRAMS = ("bash", "cat", "cp", "cut", "date", "grep", "head", "ls", "mkdir", "rm", "sed", "sh", "tail", "tr", "curl")


@dataclass
class Place:
    """A reader's folder. `warm` holds the `kundportal` that is typed."""

    folder: Path
    warm: Path
    slack_url: str
    port: int = field(default_factory=free_port)
    server: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        for name in BROUGHT:
            whole = ROOT / name
            (shutil.copytree if whole.is_dir() else shutil.copy)(whole, self.folder / name)
        (self.folder / ".venv").symlink_to(ROOT / ".venv")
        self.bare.mkdir()
        for name in PROGRAMS:
            (self.bare / name).symlink_to(shutil.which(name) or "nowhere")
        (self.bare / "python3").symlink_to(Path(sys.executable).resolve())
        self._fill_in()
        self.shell = Shell(self.folder, self.environment)

    @property
    def bare(self) -> Path:
        """A folder for PATH with few programs."""
        return self.folder / ".bare"

    @property
    def url(self) -> str:
        """Where its server answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """Its database, from anywhere."""
        return f"sqlite:///{self.folder / 'kundportal.db'}"

    @property
    def environment(self) -> dict[str, str]:
        """What a shell has of its own."""
        return {"PATH": f"{self.warm}:{self.bare}", "HOME": str(self.folder), "LANG": "C.UTF-8"}

    @property
    def settings(self) -> dict[str, str]:
        """What somebody fills in `.env.example` with."""
        return {
            "SLACK_API_URL": f"{self.slack_url}/api/",
            "SLACK_BOT_TOKEN": product.TOKEN,
            "SLACK_SIGNING_SECRET": product.SIGNING_SECRET,
            "SLACK_APP_ID": product.APP_ID,
            "SLACK_CHANNEL": product.CHANNEL,
            "PORTAL_URL": "https://portal.example.org",
            **contact.ENVIRONMENT,
            "PUBLIC_URL": "https://kundportal.example.org",
            "SECRET_KEY": product.SECRET_KEY,
            "ENVIRONMENT": "test",
            "PORT": str(self.port),
        }

    def type(self, text: str) -> Outcome:
        """Type commands; the server is started beside them, and stays."""
        if text != "kundportal serve":
            return self.shell(text)
        self.serve()
        return Outcome(0, self.log, "")

    def serve(self) -> None:
        """Start the server and wait until it answers, or see that it still does."""
        if self.server is None:
            with (self.folder / "log").open("wb") as log:
                words = [BIN / "kundportal", "serve"]
                self.server = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + product.PATIENCE
        while not self._answers():
            assert self.server.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    @property
    def log(self) -> str:
        """What the server has said lately."""
        log = self.folder / "log"
        return "\n".join(log.read_text("utf-8").splitlines()[-20:]) if log.exists() else ""

    def leave(self) -> None:
        """End the shell and the server."""
        self.shell.end()
        if self.server is not None:
            self.server.terminate()
            self.server.wait(timeout=product.PATIENCE)

    def _fill_in(self) -> None:
        text = (self.folder / ".env.example").read_text("utf-8")
        for name, value in self.settings.items():
            text, filled = re.subn(rf"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
            assert filled == 1, name
        (self.folder / ".env").write_text(text, "utf-8")

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=1).is_success
        except httpx.TransportError:
            return False
