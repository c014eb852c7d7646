"""Start a sandbox: python -m bot.sandbox --config FILE.yaml --port N [--request-url URL]."""

import argparse

from bot.sandbox.app import create_app
from bot.sandbox.config import load_config
from bot.sandbox.server import LOOPBACK, Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A small Slack on this machine.")
    parser.add_argument("--config", required=True, help="the sandbox file (YAML)")
    parser.add_argument("--port", type=int, default=8400, help="0 takes a free one")
    parser.add_argument("--request-url", help="where the app listens, in place of the file's request_url")
    given = parser.parse_args()
    changes = {"request_url": given.request_url} if given.request_url else {}
    Server(create_app(load_config(given.config, **changes)), given.port, _say_where).run()


def _say_where(port: int) -> None:
    print(f"Sandbox: http://{LOOPBACK}:{port}/", flush=True)  # noqa: T201 - the one line a person waits for


if __name__ == "__main__":
    main()
