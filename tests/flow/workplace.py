"""Somebody's browser at the product's pages, beside the Slack of the same product: signed in by a real mail."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TypeVar

import httpx

from tests.flow.slack import PATIENCE
from tests.web.desk import Desk

T = TypeVar("T")


@dataclass
class Workplace:
    """One browser. It shows its cookies on this machine without encryption too, as browsers do and httpx does not."""

    site: str
    language: str
    cookies: dict[str, str] = field(default_factory=dict[str, str])

    def at(self, work: Callable[[Desk], Awaitable[T]]) -> T:
        """What comes of some work on pages."""
        return asyncio.run(self._at(work))

    async def _at(self, work: Callable[[Desk], Awaitable[T]]) -> T:
        headers = {"Accept": "text/html", "Accept-Language": self.language}
        hooks = {"request": [self._show], "response": [self._keep]}
        async with httpx.AsyncClient(
            base_url=self.site, headers=headers, event_hooks=hooks, verify=False, timeout=PATIENCE
        ) as browser:
            return await work(Desk(browser))

    async def _show(self, request: httpx.Request) -> None:
        request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def _keep(self, response: httpx.Response) -> None:
        for each in response.headers.get_list("set-cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(each).items()}
