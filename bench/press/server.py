"""The contender `ours`: the product as `kundportal serve` runs it, one process, on a socket that was opened for it."""

import socket
import sys
from hashlib import sha256

import uvicorn

from bench.press.durability import set_synchronous
from bench.press.load import SECRET
from bench.press.payload import ENVIRONMENT
from bot.config.settings import Settings, load_settings
from bot.main import build
from bot.server.serving import OPTIONS, settle


def settings_of(url: str, slack_url: str) -> Settings:
    """The product's settings on a database, with a Slack of the benchmark."""
    return load_settings(
        database_url=url,
        slack_bot_token="xoxb-bench",  # noqa: S106 - the Slack of the benchmark takes any
        slack_signing_secret=SECRET,
        slack_api_url=slack_url,
        slack_channel="C0BENCH001",
        portal_url="https://portal.example.org",
        public_url="https://kundportalen.example.org",
        support_email="kundservice@example.se",
        secret_key=sha256(SECRET.encode()).hexdigest(),
        environment=ENVIRONMENT,
    )


def main(listening: str, url: str, synchronous: str, slack_url: str) -> None:
    """Serve until told to stop."""
    set_synchronous(synchronous)
    config = uvicorn.Config(build(settings_of(url, slack_url)), log_level="warning", **OPTIONS)
    settle()
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(listening))])


if __name__ == "__main__":
    main(*sys.argv[1:])
