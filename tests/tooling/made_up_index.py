"""A package index as it may look in a month: of everything there is a newer release, and all of them are made up."""

import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

VERSION = "9000.1"


@dataclass(frozen=True, slots=True)
class MadeUpIndex:
    """A running index on this machine; `asked` holds who asked for what, as (user agent, path)."""

    url: str
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def serving(names: Iterable[str], folder: Path) -> Iterator[MadeUpIndex]:
    """Serves a made-up release of each name, from wheels put in the folder; of other names it knows nothing."""
    wheels = {wheel.name: wheel for wheel in (made_up_wheel(name, folder) for name in names)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    index = MadeUpIndex(f"http://127.0.0.1:{server.server_port}/in-a-month/")
    server.RequestHandlerClass = _answering(index, wheels)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def made_up_wheel(name: str, folder: Path, version: str = VERSION) -> Path:
    """A wheel with nothing in it but its name."""
    file = name.replace("-", "_")
    wheel, info = folder / f"{file}-{version}-py3-none-any.whl", f"{file}-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return wheel


def _answering(index: MadeUpIndex, wheels: dict[str, Path]) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append((self.headers.get("user-agent", ""), self.path))
            name = self.path.rstrip("/").rsplit("/", 1)[-1]
            release = f"{name.replace('-', '_')}-{VERSION}-py3-none-any.whl"
            if name in wheels:
                self._answer("application/octet-stream", wheels[name].read_bytes())
            elif release in wheels:
                self._answer("text/html", f'<!DOCTYPE html><a href="/files/{release}">{release}</a>'.encode())
            else:
                self.send_error(404)

        def _answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Keep quiet: what was asked stands in the index."""

    return Answer
