"""Looks at the address that Slack sends to: does this product answer there what Slack has signed, and nothing else?"""

import json
import ssl
from dataclasses import dataclass

import aiohttp

from bot.cli.doctor.examined import Examined, unseen, well, wrong
from bot.slack.route import sign
from core.api import Now

PATH = "/slack/events"
TIMEOUT_SECONDS = 10
CHALLENGE = "kundportal-doctor"
# Slack asks this of an address that somebody enters; it changes nothing.
BODY = json.dumps({"type": "url_verification", "token": "", "challenge": CHALLENGE}).encode()
# What the product turns a signature away with that is not of its secret, or not of these five minutes.
TURNED_AWAY = 401


@dataclass(frozen=True)
class DoorLook:
    """Sends what Slack would: once signed by the secret of the settings, and once by another."""

    public_url: str | None
    secret: str
    now: Now

    async def look(self) -> Examined:
        """Say how the address answers."""
        if self.public_url is None:
            return unseen("doctor.door.unset")
        url = self.public_url + PATH
        try:
            return await self._answered(url)
        except (aiohttp.ClientSSLError, ssl.SSLError):
            return wrong("doctor.door.not_trusted", url=url)
        except (aiohttp.ClientError, TimeoutError):
            return wrong("doctor.door.silent", url=url)

    async def _answered(self, url: str) -> Examined:
        status, said = await self._send(url, self.secret)
        if status == TURNED_AWAY:
            return wrong("doctor.door.other_secret", url=url)
        if status != 200 or CHALLENGE not in said:
            return wrong("doctor.door.elsewhere", url=url, status=str(status))
        status, _ = await self._send(url, self.secret + "!")
        return well("doctor.door.well", url=url) if status == TURNED_AWAY else wrong("doctor.door.open", url=url)

    async def _send(self, url: str, secret: str) -> tuple[int, str]:
        stamp = str(int(self.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": sign(secret, stamp, BODY),
        }
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            # Slack follows no redirect.
            session.post(url, data=BODY, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status, await answer.text(errors="replace")
