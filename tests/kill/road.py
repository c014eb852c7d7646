"""The way from Slack to the product, on which an answer can be lost."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from fastapi import FastAPI, Request, Response

from tests.flow.slack import PATIENCE

CARRIED = ("content-type", "x-slack-")


@dataclass
class Road:
    """Carries what Slack posts. `instead` happens once in place of the product's next answer, which is lost."""

    product: str
    instead: Callable[[], object] | None = None

    def app(self) -> FastAPI:
        """The road as a place that Slack can post to."""
        app = FastAPI()
        app.add_api_route("/slack/events", self._carry, methods=["POST"], response_model=None)
        return app

    async def _carry(self, request: Request) -> Response:
        answer = await self._ask(request)
        if answer is not None and self.instead is not None:
            happens, self.instead, answer = self.instead, None, None
            await asyncio.to_thread(happens)
        if answer is None:
            # Slack sees a connection that ends without a word, as when the product itself is gone.
            request.state.transport.abort()
            return Response(status_code=500)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    async def _ask(self, request: Request) -> httpx.Response | None:
        headers = {name: value for name, value in request.headers.items() if name.startswith(CARRIED)}
        # Nothing is encrypted on this machine, and to know whom to trust would take longer than the press.
        async with httpx.AsyncClient(timeout=PATIENCE, verify=False) as http:
            try:
                return await http.post(f"{self.product}/slack/events", content=await request.body(), headers=headers)
            except httpx.TransportError:
                return None
