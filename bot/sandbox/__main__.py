"""Start a sandbox: python -m bot.sandbox --config FILE.yaml --port N [--request-url URL] [--mail-port N]."""

import argparse
import socket

from bot.sandbox.app import create_app
from bot.sandbox.config import load_config
from bot.sandbox.server import LOOPBACK, Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A small Slack on this machine.")
    parser.add_argument("--config", required=True, help="the sandbox file (YAML)")
    parser.add_argument("--port", type=int, default=8400, help="0 takes a free one")
    parser.add_argument("--request-url", help="where the app listens, in place of the file's request_url")
    parser.add_argument("--mail-port", type=int, help="where mail is taken by SMTP; none is taken without it")
    given = parser.parse_args()
    changes = {"request_url": given.request_url} if given.request_url else {}
    mail = None if given.mail_port is None else socket.create_server((LOOPBACK, given.mail_port))
    Server(create_app(load_config(given.config, **changes), mail=mail), given.port, _say_where).run()


def _say_where(port: int) -> None:
    print(f"Sandbox: http://{LOOPBACK}:{port}/", flush=True)  # noqa: T201 - the one line a person waits for


if __name__ == "__main__":
    main()
