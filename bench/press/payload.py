"""What Slack sends when a person submits the modal of an attest: the product's own modal, wrapped as Slack wraps it."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench.press.world import Press, World
from bot.forms.orders.decisions import ConfirmModal
from core.api import Action, Language, OnSide, Seen, Side, find
from core.storage.reads.queries import SqlQueries
from notifications.render.button_values import Pointer
from notifications.render.surfaces import block_kit
from tests.support.world import seed
from tests.support.world.many import CHANNEL, timestamp

ENVIRONMENT = "bench"
TEAM_ID = seed.TEAM.removeprefix("slack:")


@dataclass(frozen=True)
class Submission:
    """The payload of one press, from which those of the others differ in order, card and person."""

    payload: dict[str, Any]

    @classmethod
    async def like(cls, world: World, one: Press) -> "Submission":
        """Build the modal as the product would for a press."""
        view = (await SqlQueries(world.database).views([one.case], OnSide(Side.CUSTOMER)))[one.case]
        row = find(view.flow, view.state, Action.ATTEST)[0]
        return cls(_submitted(block_kit.modal(ConfirmModal.build(view, row, "", Language.SV))))

    def body(self, one: Press) -> bytes:
        """The form that Slack posts."""
        pointer = Pointer(ENVIRONMENT, one.card, one.case, Seen(step=1, content_version=1))
        carried = (pointer.value(), Action.ATTEST, CHANNEL, timestamp(one.card))
        view = self.payload["view"] | {"private_metadata": "\n".join(carried)}
        user = self.payload["user"] | {"id": seed.slack_user(one.person)}
        return urlencode({"payload": json.dumps(self.payload | {"view": view, "user": user})}).encode()


def _submitted(modal: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "team": {"id": TEAM_ID, "domain": "exempel"},
        "user": {"id": "", "username": "bench", "name": "bench", "team_id": TEAM_ID},
        "api_app_id": "A0BENCH001",
        "token": "verificationtoken0000000",
        "trigger_id": "1234567890123.1234567890123.0123456789abcdef0123456789abcdef",
        "view": modal | _as_slack_keeps_it(),
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }


def _as_slack_keeps_it() -> dict[str, Any]:
    return {
        "id": "V0BENCH0001",
        "team_id": TEAM_ID,
        "hash": "1700000000.AbCdEfGh",
        "state": {"values": {}},
        "clear_on_close": False,
        "notify_on_close": False,
        "previous_view_id": None,
        "root_view_id": "V0BENCH0001",
        "app_id": "A0BENCH001",
        "external_id": "",
        "app_installed_team_id": TEAM_ID,
        "bot_id": "B0BENCH001",
    }
