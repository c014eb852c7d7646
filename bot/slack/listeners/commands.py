"""The command `/kundportal` and the global shortcut."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.answers import Replies, spot
from bot.slack.dependencies import Dependencies
from bot.slack.homes import Homes, offer_link
from bot.slack.identity import Caller, Reader, reader
from bot.slack.listeners.orders.forms import OrderForms
from bot.slack.listeners.orders.reading import Reading
from bot.slack.listeners.organisations.administration import Administering
from bot.slack.payloads import Payload
from bot.slack.views import refusal
from bot.slack.views.home.status import link_message, status_message
from bot.slack.views.modals import help_message
from core.api import CaseId, NotLinked
from notifications.render.model import CardMessage
from notifications.render.surfaces import block_kit
from notifications.texts import say

# The number of an order or an application, however it is typed.
NUMBER = re.compile(r"([AB]) ?-? ?([0-9A-Z]{7})")

# What a name or a number of an organisation follows.
ORGANISATION = frozenset({"organisation", "organization", "org"})

Word = Callable[[AsyncAck, Payload, Caller], Awaitable[None]]


@dataclass(frozen=True)
class Commands:
    """What may be typed after the command, in both languages; anything else is the number of a case."""

    desk: Dependencies
    answers: Replies
    homes: Homes
    forms: OrderForms
    reading: Reading
    administering: Administering

    async def on_command(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Do what the word says."""
        typed = _typed(body)
        word, _, rest = typed.partition(" ")
        if word.casefold() in ORGANISATION:
            await self.administering.on_command(ack, body, context["caller"], rest)
            return
        await self._words().get(typed.casefold(), self._case)(ack, body, context["caller"])

    async def on_shortcut(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """The shortcut opens the order form."""
        await self._form(ack, body, context["caller"])

    def _words(self) -> dict[str, Word]:
        return {
            "": self._status,
            "help": self._help,
            "hjälp": self._help,
            "hjalp": self._help,
            "new": self._new,
            "new order": self._new,
            "ny": self._new,
            "ny beställning": self._new,
        }

    async def _status(self, ack: AsyncAck, body: Payload, by: Caller) -> None:
        who = await reader(self.desk.queries, by)
        if who.person is None:
            await self._ask_who(ack, body, by, who)
            return
        facts = await self.homes.short(who.person)
        await ack(**_reply(status_message(facts, who.language)))

    async def _help(self, ack: AsyncAck, body: Payload, by: Caller) -> None:  # noqa: ARG002 - one signature
        who = await reader(self.desk.queries, by)
        message = help_message(who.language, await self.reading.parts(who.person), self.desk.portal_url)
        await ack(**_reply(message))

    async def _new(self, ack: AsyncAck, body: Payload, by: Caller) -> None:
        who = await reader(self.desk.queries, by)
        await (self._ask_who(ack, body, by, who) if who.person is None else self._form(ack, body, by))

    async def _form(self, ack: AsyncAck, body: Payload, by: Caller) -> None:
        await self.forms.open(by, spot(body, by))
        await ack()

    async def _case(self, ack: AsyncAck, body: Payload, by: Caller) -> None:
        number = NUMBER.fullmatch(_typed(body).upper())
        if number is None:
            who = await reader(self.desk.queries, by)
            await ack(text=block_kit.escape(say(who.language, "command.unknown")), response_type="ephemeral")
            return
        await self.reading.show(by, spot(body, by), CaseId(f"{number[1]}-{number[2]}"))
        await ack()

    async def _ask_who(self, ack: AsyncAck, body: Payload, by: Caller, who: Reader) -> None:
        failed = partial(self.answers.say_failed, spot(body, by))
        self.desk.tasks.start(self._offer_link(body, by, who), otherwise=failed)
        await ack()

    async def _offer_link(self, body: Payload, by: Caller, who: Reader) -> None:
        # Slack is asked for the account's e-mail address, so this answer comes after the acknowledgement.
        facts = await offer_link(self.desk, by)
        if facts.offer_link_to is None:
            await self.answers.tell(spot(body, by), who, refusal(who.language, NotLinked.code, {}))
        else:
            await self.answers.show(spot(body, by), link_message(facts, who.language))


def _typed(body: Payload) -> str:
    return " ".join((body.get("text") or "").split())


def _reply(message: CardMessage) -> dict[str, Any]:
    return {**block_kit.message(message), "response_type": "ephemeral"}
