"""The modals that only tell: a refusal or a receipt, a whole order, and how it all works."""

from collections.abc import Iterable, Iterator

from bot.views.forms import View, notice
from core.api import CaseView, Language, Part, Payer, Side, StepView
from notifications.blocks.facts import Message
from notifications.blocks.parts import (
    Block,
    actions,
    bold,
    divider,
    escape,
    facts,
    header,
    linked,
    numbered,
    on_one_line,
    quote,
    rich,
    small,
    url_button,
)
from notifications.blocks.parts import words as literal
from notifications.blocks.words import CaseWords, organisation, unit
from notifications.texts import cost, day, say

UNITS_IN_A_BLOCK = 15
FLOWS = ("direct", "via_agent", "who", "commands")

Row = tuple[str, str]


class NoticeModal:
    """One sentence, for a refusal or a receipt where no message can carry it."""

    CALLBACK = "kp.notice"

    @classmethod
    def build(cls, language: Language, title_key: str, sentence: str) -> View:
        """A title of the catalogue (`notice.refused`, `notice.done`, …) and a sentence that is already in words."""
        return notice(language, cls.CALLBACK, say(language, title_key), "", [rich([literal(sentence)])])


class DetailsModal:
    """The whole order as its reader may see it, nothing cut."""

    CALLBACK = "kp.details"

    @classmethod
    def build(cls, view: CaseView, language: Language) -> View:
        """Every fact of the view."""
        words = CaseWords(view, language)
        blocks = [
            header(words.names["service"]),
            *facts(cls._what(words)),
            *cls._units(words),
            *facts(cls._who(words)),
            *facts(cls._costs(words)),
            *cls._written(words),
            divider(),
            rich(*words.chain()),
            *(block for step in view.steps for block in cls._reasons(words, step)),
            small(words.number(), words.expiry()),
        ]
        return notice(language, cls.CALLBACK, say(language, "details.title"), "", blocks)

    @staticmethod
    def _what(words: CaseWords) -> Iterator[Row]:
        view, language = words.view, words.language
        yield words.field("number"), view.case
        yield words.field("state"), say(language, f"state.{view.state}")
        yield words.field("offer"), words.names["offer"]
        yield words.field("connection"), words.connection
        yield words.field("customer"), organisation(language, view.customer)
        if view.customer.category is not None:
            yield words.field("category"), say(language, f"category.{view.customer.category}")
        start = view.desired_start
        yield words.field("desired_start"), day(language, start) if start else words.field("desired_start_none")

    @staticmethod
    def _units(words: CaseWords) -> Iterator[Block]:
        units = [unit(words.language, each) for each in words.view.units]
        if units:
            yield rich([bold(words.units_label)])
        for start in range(0, len(units), UNITS_IN_A_BLOCK):
            yield rich([literal("\n".join(units[start : start + UNITS_IN_A_BLOCK]))])

    @staticmethod
    def _who(words: CaseWords) -> Iterator[Row]:
        view = words.view
        yield words.ordered()
        if view.technical_contact:
            yield words.field("technical_contact"), view.technical_contact
        if view.invoice_ref:
            yield words.field("invoice_ref"), view.invoice_ref
        if view.external_case_ref:
            yield words.field("external_ref"), on_one_line(view.external_case_ref)
        if view.chosen_attestant:
            yield words.field("attestant"), on_one_line(view.chosen_attestant)
        if view.claimed_by:
            yield words.field("claimed"), on_one_line(view.claimed_by)

    @staticmethod
    def _costs(words: CaseWords) -> Iterator[Row]:
        view, language = words.view, words.language
        for payer, field in ((Payer.CUSTOMER, "customer_cost"), (Payer.AGENT, "agent_cost")):
            if payer in view.costs and (payer is Payer.CUSTOMER or view.agent is not None):
                label = words.field(field if view.side is Side.INERA else "cost")
                yield label, cost(language, view.costs[payer])

    @staticmethod
    def _written(words: CaseWords) -> Iterator[Block]:
        if words.view.comment:
            yield quote(words.field("comment"), words.view.comment)
        if words.view.message:
            yield linked(words.field("message"), words.view.message)

    @staticmethod
    def _reasons(words: CaseWords, step: StepView) -> Iterator[Block]:
        if step.reason:
            code = step.reason_code
            said = words.field("reason")
            yield quote(said if code is None else f"{said}: {say(words.language, f'reason.{code}')}", step.reason)
        if step.internal:
            yield quote(words.say("field.internal"), step.internal)


class HelpModal:
    """Both flows in short numbered steps, who does what, and where the rest is done."""

    CALLBACK = "kp.help"

    @classmethod
    def build(cls, language: Language, parts: Iterable[Part], portal_url: str) -> View:
        """The help, with the parts the reader plays."""
        return notice(language, cls.CALLBACK, say(language, "help.title"), "", help_blocks(language, parts, portal_url))


def help_message(language: Language, parts: Iterable[Part], portal_url: str) -> Message:
    """The help as a message, for the command."""
    blocks = [header(say(language, "help.title")), *help_blocks(language, parts, portal_url)]
    return Message(escape(say(language, "help.intro")), numbered(blocks, "help"))


def help_blocks(language: Language, parts: Iterable[Part], portal_url: str) -> Iterator[Block]:
    """The help without its title."""
    roles = ", ".join(dict.fromkeys(say(language, f"role_of.{part}") for part in parts))
    yield rich(
        [literal(say(language, "help.intro"))], [bold(say(language, "help.yours", roles=roles))] if roles else []
    )
    for section in FLOWS:
        yield rich([bold(say(language, f"help.{section}.title"))], [literal(say(language, f"help.{section}.steps"))])
    yield small(say(language, "help.who_sees"), say(language, "help.portal"))
    yield from actions(url_button(language, "open_portal", portal_url))
