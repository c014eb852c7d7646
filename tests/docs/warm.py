"""The command `kundportal`, imported once and forked for each time it is typed: most of a command is imports."""

import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bot

ROOT = Path(__file__).parents[2]
TYPED = Path(__file__).with_name("typed.py")


@contextmanager
def warm_command() -> Iterator[Path]:
    """A folder for PATH, with a `kundportal` in it that starts at once."""
    with TemporaryDirectory(prefix="warm-") as folder:
        door, command = Path(folder, "door"), Path(folder, "kundportal")
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -SEs "{TYPED}" "{door}" "$@"\n')
        command.chmod(0o755)
        words = [sys.executable, "-m", "tests.docs.warm", str(door)]
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "warm\n"
            yield Path(folder)
            process.terminate()


def main(door: str) -> None:
    """Fork for whoever comes through the door."""
    for part in Path(bot.__file__).parent.glob("cli/*_cli.py"):
        # What commands import is here before they are.
        import_module(f"bot.cli.{part.stem}")
    (command,) = entry_points(group="console_scripts", name="kundportal")
    command.load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(door)
        listening.listen()
        print("warm", flush=True)  # noqa: T201 - to whoever waits for it
        while True:
            typing, _ = listening.accept()
            if os.fork() == 0:
                _be(command.load(), typing)
            typing.close()


def _be(command: Any, typing: socket.socket) -> None:
    """Be the command that was typed: its words, folder, environment and streams; tell how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, *_ = socket.recv_fds(typing, 4, 3)
    typed = json.loads(_read(typing, int.from_bytes(size, "big")))
    for stream, number in zip(streams, range(3), strict=True):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(typed["folder"])
    os.environ.clear()
    os.environ.update(typed["environment"])
    sys.argv = ["kundportal", *typed["words"]]
    typing.sendall(bytes([_status(command)]))
    os._exit(0)


def _status(command: Any) -> int:
    try:
        command()
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _read(typing: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        read += typing.recv(size - len(read))
    return read


if __name__ == "__main__":
    main(sys.argv[1])
