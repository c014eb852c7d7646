"""The sandbox as a program of its own."""

import asyncio
import signal
import sys
from pathlib import Path

import aiohttp

from tests.sandbox.places import ANNA, INERA, PATIENCE
from tests.sandbox.test_manifest import a_file

ROOT = Path(__file__).parents[2]


async def test_it_says_where_it_is_and_ends_though_a_page_is_open(tmp_path: Path) -> None:
    words = ["-m", "bot.sandbox", "--config", str(a_file(tmp_path)), "--port", "0"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout
    base = (await process.stdout.readline()).decode().split()[-1]

    stream_of_anna = f"{base}sandbox/stream?team={INERA}&user={ANNA}"
    async with aiohttp.ClientSession() as http, http.get(stream_of_anna) as stream:
        assert stream.status == 200
        process.send_signal(signal.SIGTERM)
        _, complaints = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert await stream.read() == b""

    assert complaints == b""
    # uvicorn passes the signal on when it is done, so that whoever sent it sees what ended the process.
    assert process.returncode == -signal.SIGTERM
