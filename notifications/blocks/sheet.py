"""What one drawing works from, and the stretches of a card that several kinds share."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from core.api import Action, CaseView, Language, ReasonCode, StepView, Transition, is_final
from notifications.blocks import parts
from notifications.blocks.facts import CardFacts
from notifications.blocks.parts import Block, Element, words
from notifications.blocks.words import CaseWords, organisation
from notifications.texts import day, say

# Of the buttons that a card may have, those most likely meant; the first that is offered stands first, and out.
PRIMARY = (Action.APPROVE, Action.ATTEST, Action.SEND_INSTRUCTIONS, Action.INFORM_AGENT, Action.CLAIM)
COMMENT_SHOWN = 240
CONTACT_SHOWN = 160

Row = tuple[str, str]


@dataclass(frozen=True)
class Sheet:
    """A card to draw: its facts, the case as the reader may see it, and the reader's language."""

    card: CardFacts
    view: CaseView
    language: Language

    @cached_property
    def words(self) -> CaseWords:
        """The case in the reader's language."""
        return CaseWords(self.view, self.language)

    @cached_property
    def pointer(self) -> str:
        """What every button of the card carries."""
        return self.card.pointer(self.view)

    @property
    def offers(self) -> tuple[Transition, ...]:
        """What the table lets this card's reader do now."""
        return self.view.offers.get(self.card.part, ()) if self.card.is_asked else ()

    # --- facts

    def offer(self) -> Row:
        """What is ordered."""
        return self.words.field("offer"), self.words.names["offer"]

    def connection(self) -> Row:
        """Directly, or through whom."""
        return self.words.field("connection"), self.words.connection

    def customer(self, label: str = "customer") -> Row:
        """Who orders, with the number."""
        return self.words.field(label), organisation(self.language, self.view.customer)

    def service(self) -> Row:
        """What is ordered, where the headline does not name the service."""
        return self.words.field("service"), self.words.say("value.service")

    def category(self) -> Iterator[Row]:
        """What kind of customer it is."""
        if self.view.customer.category is not None:
            yield self.words.field("category"), say(self.language, f"category.{self.view.customer.category}")

    def ordered_by(self) -> Row:
        """Who ordered, and when."""
        return self.words.ordered()

    def start(self) -> Iterator[Row]:
        """When the customer wants to begin, where one was given."""
        if self.view.desired_start is not None:
            yield self.words.field("desired_start"), day(self.language, self.view.desired_start)

    def invoice(self) -> Iterator[Row]:
        """The customer's invoice reference, for those who may see it."""
        if self.view.invoice_ref:
            yield self.words.field("invoice_ref"), parts.on_one_line(self.view.invoice_ref)

    def contact(self) -> Iterator[Row]:
        """Whom to ask about technical matters at the customer."""
        if self.view.technical_contact:
            yield self.words.field("technical_contact"), parts.on_one_line(self.view.technical_contact, CONTACT_SHOWN)

    def comment(self) -> Iterator[Row]:
        """What the orderer added, in short."""
        if self.view.comment:
            yield self.words.field("comment"), parts.on_one_line(self.view.comment, COMMENT_SHOWN)

    # --- stretches

    def chain(self) -> Block:
        """The steps."""
        return parts.rich(*self.words.chain())

    def terms(self) -> list[Element]:
        """A link to the terms, where there are any."""
        to = parts.link(say(self.language, "btn.terms"), self.view.terms_url)
        return [words(" "), *to] if to else []

    def reason(self, step: StepView) -> Iterator[Block]:
        """Why something was rejected, and the side's own note, in the words of who did it."""
        if step.reason:
            yield parts.quote(self._reason_label(step.reason_code), step.reason)
        if step.internal:
            yield parts.quote(self.words.say("field.internal"), step.internal)

    def _reason_label(self, code: ReasonCode | None) -> str:
        field = self.words.field("reason")
        return field if code is None else f"{field}: {say(self.language, f'reason.{code}')}"

    def buttons(self) -> Iterator[Block]:
        """What the table offers, the likeliest first, and the whole order."""
        drawn = [self._button(row.does) for row in sorted(self.offers, key=_likeliest_first)]
        yield from parts.actions([*drawn, self.details()])

    def details(self) -> Element:
        """The button that shows the whole order."""
        return parts.button(self.language, "details", self.pointer, self.words.about)

    def _button(self, action: Action) -> Element:
        drawn = parts.button(self.language, action, self.pointer, self.words.about)
        return parts.primary(drawn) if action in PRIMARY else drawn

    def print(self, *more: str) -> Block:
        """The small print: which order, which version, until when, and what else there is to say."""
        last = " · ".join(each for each in (self.words.number(), self.words.expiry()) if each)
        return parts.small(*more, last)

    @property
    def is_over(self) -> bool:
        """True when nothing more happens to the case."""
        return is_final(self.view.flow, self.view.state)


def _likeliest_first(row: Transition) -> bool:
    return row.does not in PRIMARY
