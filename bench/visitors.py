"""`python -m bench.visitors HOST PORT COUNT`: a third draw agreements, a third upload slowly, a third ask for pages.

Each comes from a network of its own, asks again as soon as it is answered, and goes on until it is stopped. It prints
how many answers of which status came back.
"""

import asyncio
import signal
import sys
from collections import Counter
from itertools import cycle

import typer

AGREEMENTS = ("/avtal/kundavtal.pdf", "/avtal/agentavtal.pdf")
PAGES = ("/", "/ansok", "/ansok/agent", "/avtal/kundavtal", "/personuppgifter", "/tillganglighet")
HOST = "host: kundportalen.example.org\r\n"
# A file as large as a telephone's camera makes, at a little more than the least rate.
FILE_BYTES, CHUNK_BYTES, PAUSE = 4_000_000, 12_500, 0.5
BOUNDARY = "slow"


async def visit(address: tuple[str, int], number: int, told: Counter[str]) -> None:
    """Ask again and again for one kind of thing, from an address in a network of one's own."""
    paths = cycle((AGREEMENTS, PAGES)[number % 3 == 2])
    while True:
        try:
            reader, writer = await asyncio.open_connection(*address, local_addr=(f"127.{number + 1}.0.1", 0))
            try:
                if number % 3 == 1:
                    await upload(writer)
                else:
                    writer.write(
                        f"GET {next(paths)} HTTP/1.1\r\n{HOST}accept: text/html\r\nconnection: close\r\n\r\n".encode()
                    )
                told[(await reader.readline())[9:12].decode() or "hung up"] += 1
                await reader.read()
            finally:
                writer.close()
        except OSError:
            told["hung up"] += 1


async def upload(writer: asyncio.StreamWriter) -> None:
    """Send a form with a file, slowly, as far as the server takes it."""
    part = (
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="authority"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'.encode()
    )
    head = f"POST /ansok HTTP/1.1\r\n{HOST}content-type: multipart/form-data; boundary={BOUNDARY}\r\n"
    writer.write(f"{head}content-length: {FILE_BYTES}\r\nconnection: close\r\n\r\n".encode() + part)
    for _ in range((FILE_BYTES - len(part)) // CHUNK_BYTES):
        if writer.is_closing():
            return
        writer.write(bytes(CHUNK_BYTES))
        await writer.drain()
        await asyncio.sleep(PAUSE)


async def main(host: str, port: int, count: int) -> None:
    """Go on until told to stop."""
    told, stop = Counter[str](), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    visits = [asyncio.create_task(visit((host, port), number, told)) for number in range(count)]
    await stop.wait()
    for each in visits:
        each.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    typer.echo(" ".join(f"{status}:{number}" for status, number in sorted(told.items())))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
