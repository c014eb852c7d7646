"""The command `/kundportal` and the global shortcut."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot.acts.orders.forms import OrderForms
from bot.acts.orders.reading import Reading
from bot.acts.organisations.administration import Administering
from bot.acts.outcomes import ShownView
from bot.acts.people import People, Reader
from bot.forms.refusal_sentences import refusal
from bot.slack.homes import Homes
from bot.slack.identity import Caller
from bot.slack.payloads import Payload
from bot.slack.replies import Replies, spot
from bot.views.home.status import link_message, status_message
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
class CommandAnswers:
    """What is answered in the conversation where a command is typed."""

    people: People
    homes: Homes
    reading: Reading
    replies: Replies

    async def status(self, ack: AsyncAck, body: Payload, by: Caller) -> None:
        """Say what waits for the person."""
        who = await self.people.reader(by)
        if who.person is None:
            await self.ask_who(ack, body, by, who)
            return
        facts = await self.homes.short(who.person)
        await ack(**_reply(status_message(facts, who.language)))

    async def help(self, ack: AsyncAck, body: Payload, by: Caller) -> None:  # noqa: ARG002 - one signature
        """Say how it all works."""
        await ack(**_reply(await self.reading.help_in(await self.people.reader(by))))

    async def unknown(self, ack: AsyncAck, by: Caller) -> None:
        """Say that the word is none."""
        who = await self.people.reader(by)
        await ack(text=block_kit.escape(say(who.language, "command.unknown")), response_type="ephemeral")

    async def ask_who(self, ack: AsyncAck, body: Payload, by: Caller, who: Reader) -> None:
        """Begin to ask whose the account is."""
        failed = partial(self.replies.say_failed, spot(body, by))
        self.replies.beside(self._offer_link(body, by, who), otherwise=failed)
        await ack()

    async def _offer_link(self, body: Payload, by: Caller, who: Reader) -> None:
        # Slack is asked for the account's e-mail address, so this answer comes after the acknowledgement.
        facts = await self.homes.offer_link(by)
        if facts.is_unsure:
            await self.replies.tell(spot(body, by), who, say(who.language, "home.unlinked_unsure"))
        elif facts.offer_link_to is None:
            await self.replies.tell(spot(body, by), who, refusal(who.language, NotLinked.code, {}))
        else:
            await self.replies.show(spot(body, by), link_message(facts, who.language))


@dataclass(frozen=True)
class Commands:
    """What may be typed after the command, in both languages; what is none of that is the number of a case."""

    answers: CommandAnswers
    forms: OrderForms
    reading: Reading
    administering: Administering

    async def on_command(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """Do what the word says."""
        typed = _typed(body)
        word, _, rest = typed.partition(" ")
        if word.casefold() in ORGANISATION:
            await self._organisation(ack, body, context["caller"], rest)
            return
        await self._words().get(typed.casefold(), self._case)(ack, body, context["caller"])

    async def on_shortcut(self, ack: AsyncAck, body: Payload, context: AsyncBoltContext) -> None:
        """The shortcut opens the order form."""
        await self._form(ack, body, context["caller"])

    def _words(self) -> dict[str, Word]:
        return {
            "": self.answers.status,
            "help": self.answers.help,
            "hjälp": self.answers.help,
            "hjalp": self.answers.help,
            "new": self._new,
            "new order": self._new,
            "ny": self._new,
            "ny beställning": self._new,
        }

    async def _new(self, ack: AsyncAck, body: Payload, by: Caller) -> None:
        who = await self.answers.people.reader(by)
        await (self.answers.ask_who(ack, body, by, who) if who.person is None else self._form(ack, body, by))

    async def _form(self, ack: AsyncAck, body: Payload, by: Caller) -> None:
        self.answers.replies.open_beside(spot(body, by), await self.forms.empty(by))
        await ack()

    async def _organisation(self, ack: AsyncAck, body: Payload, by: Caller, typed: str) -> None:
        found = await self.administering.named(by, typed)
        if isinstance(found, ShownView):
            self.answers.replies.open_beside(spot(body, by), found)
            await ack()
        else:
            text = block_kit.escape(say(found.language, "admin.none_found"))
            await ack(text=text, response_type="ephemeral")

    async def _case(self, ack: AsyncAck, body: Payload, by: Caller) -> None:
        number = NUMBER.fullmatch(_typed(body).upper())
        if number is None:
            await self.answers.unknown(ack, by)
            return
        case = await self.reading.case(by, CaseId(f"{number[1]}-{number[2]}"))
        self.answers.replies.open_beside(spot(body, by), case)
        await ack()


def _typed(body: Payload) -> str:
    return " ".join((body.get("text") or "").split())


def _reply(message: CardMessage) -> dict[str, Any]:
    return {**block_kit.message(message), "response_type": "ephemeral"}
