"""What one drawing works from, and the stretches of a card that several kinds share."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from core.api import Action, CaseView, Language, Part, ReasonCode, StepView, Transition, is_final
from notifications.render.button_values import Pointer
from notifications.render.model import Block, Bold, Element, Line, Quote
from notifications.render.pieces import card_buttons, parts, summary
from notifications.render.pieces.chain import chain
from notifications.render.pieces.changes import changes
from notifications.render.pieces.earlier import beside_what_is_there
from notifications.render.pieces.facts import CardFacts, CardStanding
from notifications.render.pieces.words import ATTESTED, CaseWords, organisation
from notifications.texts import day, say

COMMENT_SHOWN = 70
CONTACT_SHOWN = 160
YES = frozenset({Action.APPROVE, *ATTESTED})

Row = tuple[str, str]


@dataclass(frozen=True)
class Sheet:
    """A card to draw: its facts, the case as the reader may see it, and the reader's language."""

    card: CardFacts
    view: CaseView
    language: Language

    @cached_property
    def words(self) -> CaseWords:
        """Return the case in the reader's language."""
        return CaseWords(self.view, self.language)

    @cached_property
    def pointer(self) -> Pointer:
        """Return what every button of the card carries."""
        return self.card.pointer(self.view)

    @property
    def offers(self) -> tuple[Transition, ...]:
        """What the table lets this card's reader do now; nothing on a card that is no longer the one to answer."""
        return self.view.offers.get(self.card.part, ()) if self.card.stands is CardStanding.LIVE else ()

    @property
    def ended(self) -> tuple[StepView, ...]:
        """Return what was decided at the step that the card was made for."""
        return tuple(each for each in self.view.steps if each.action is not None and each.step == self.card.step)

    # --- facts

    def offer(self) -> Row:
        """Return what is ordered."""
        return self.words.field("offer"), self.words.names["offer"]

    def connection(self) -> Row:
        """Directly, or through whom."""
        return self.words.field("connection"), self.words.connection

    def customer(self, label: str = "customer") -> Row:
        """Return who orders, with the number."""
        return self.words.field(label), organisation(self.language, self.view.customer)

    def start(self) -> Iterator[Row]:
        """Return when the customer wants to begin, where one was given."""
        if self.view.desired_start is not None:
            yield self.words.field("desired_start"), day(self.language, self.view.desired_start)

    def contact(self) -> Iterator[Row]:
        """Return whom to ask about technical matters at the customer."""
        if self.view.technical_contact:
            yield (
                self.words.field("technical_contact"),
                parts.on_one_line(str(self.view.technical_contact), CONTACT_SHOWN),
            )

    def comment(self) -> Line:
        """Return what the orderer added, in short; nothing where that is nothing."""
        if not self.view.comment:
            return []
        return [say(self.language, "summary.comment", comment=parts.on_one_line(self.view.comment, COMMENT_SHOWN))]

    def said(self) -> Line:
        """Return what was added to the latest yes that the reader may see and that counts, in short, and by whom."""
        steps = (step for step in reversed(self.view.steps) if step.comment and step.counts)
        step = next(steps, None)
        if step is None:
            return []
        comment = parts.on_one_line(step.comment, COMMENT_SHOWN)
        return [say(self.language, "summary.said", who=self.words.who_begins(step), comment=comment)]

    def decided(self, step: StepView) -> str:
        """Return what was decided, by whom, when."""
        return self.words.done("decided", step, self.doer(step))

    def doer(self, step: StepView) -> str:
        """Return by whom something was done; the reader who ordered, and did it, is spoken to."""
        is_own = step.decided_by_part is Part.ORDERER and step.is_orderers and self.card.part is Part.ORDERER
        return (
            say(self.language, "why.to_you")
            if is_own and not self.card.is_of_another
            else self.words.who_in_a_sentence(step)
        )

    # --- lines

    def asked(self) -> Line:
        """Return by when somebody is to answer, by what right the reader decides, and who else was asked."""
        return summary.asked(self.words, self.card.why, self.card.reader)

    def first_year(self) -> Line:
        """Return what the first year costs, where something is held against it."""
        return summary.first_year(self.words, self.card.why.limit_ore if self.card.why else None)

    def version(self) -> Iterator[Line]:
        """That the orderer has changed what is ordered, and when; until something is decided about what it is now."""
        if self.is_over or any(self._is_anew(each) for each in self.view.steps):
            return
        last = self._revision(self.view.content_version)
        if last is not None:
            yield self.words.rich("version.changed", at=self.words.at(last))
            yield from changes(self.words)

    def is_revised_since(self, step: StepView) -> bool:
        """True when the orderer has changed what is ordered after a step; a new price is no change of the orderer's."""
        later = range(step.content_version + 1, self.view.content_version + 1)
        return any(self._revision(version) is not None for version in later)

    def _revision(self, version: int) -> StepView | None:
        """Return the answer by which the orderer made a version; None where a price made it."""
        made = (each for each in reversed(self.view.steps) if each.action in {Action.ANSWER, Action.REPRICE})
        last = next((each for each in made if each.content_version == version - 1), None)
        return last if last is not None and last.action is Action.ANSWER else None

    def _is_anew(self, step: StepView) -> bool:
        return step.counts and step.action in YES and step.content_version == self.view.content_version

    def earlier(self) -> Iterator[Line]:
        """Return what the order replaces of what the units have already, and what it comes beside."""
        return beside_what_is_there(self.words)

    def handed(self) -> Iterator[Line]:
        """Return who has left it to the reader to decide."""
        if self.card.handed_by is not None:
            yield self.words.rich("handed_over.by", who=parts.on_one_line(self.card.handed_by))

    def of_another(self) -> Iterator[Line]:
        """Return whose order it is, for a reader who did not place it."""
        if self.card.is_of_another:
            yield self.words.rich("status.of_another")

    def until(self) -> Iterator[Line]:
        """Return by when a question is to be answered, and what happens else."""
        if self.view.expires_at is not None:
            yield self.words.rich("answer.until", day=day(self.language, self.view.expires_at))

    def blocked(self) -> Iterator[Line]:
        """Return why nobody can decide now, for the side whose matter it is."""
        if self.view.blocked is not None:
            yield [Bold(self.words.say(f"blocked.told.{self.view.blocked}"))]

    def reserves(self) -> Iterator[Line]:
        """That a reserve attestant attested, for the own side."""
        for step in self.view.steps:
            if step.action is Action.EMERGENCY_ATTEST and step.counts and self.words.is_of_reader(step.part):
                who = self.words.who_begins(step)
                yield self.words.rich("emergency_card.mark", who=who, at=self.words.at(step))

    # --- stretches

    def lines(self, *each: Iterator[Line]) -> Iterator[Block]:
        """Return a block of lines, nothing when there are none."""
        found = [line for lines in each for line in lines]
        if found:
            yield parts.rich(*found)

    def chain(self) -> Block:
        """Return the steps."""
        return parts.rich(*chain(self.words))

    def reason(self, step: StepView) -> Iterator[Quote]:
        """Why something was rejected, cancelled or done in an emergency, and the side's own note, in their words."""
        if step.reason:
            yield parts.quote(self._reason_label(step.reason_code), step.reason)
        if step.internal:
            yield parts.quote(self.words.say("field.internal"), step.internal)

    def added(self, step: StepView) -> Iterator[Quote]:
        """Return what was added to a yes, in the words that were written."""
        if step.comment:
            yield parts.quote(self.words.field("comment"), step.comment)

    def _reason_label(self, code: ReasonCode | None) -> str:
        field = self.words.field("reason")
        return field if code is None else f"{field}: {self.words.say(f'reason.{code}')}"

    def buttons(self) -> Iterator[Block]:
        """Return what the table offers, the likeliest first, and the whole order."""
        whole = card_buttons.DETAILS if self.view.application is None else "whole_application"
        return card_buttons.choices(self.words, self.card.part, self.offers, self.pointer, whole=whole)

    def confirms(self) -> list[Element]:
        """Return the button that confirms that what was carried out works, for whoever may."""
        does = Action.CONFIRM_CONNECTION
        is_offered = any(row.does is does for row in self.offers)
        return [card_buttons.act_button(self.words, does, self.pointer)] if is_offered else []

    def takes(self) -> list[Element]:
        """Return the button by which the reader gets the case at customer service, for whoever may."""
        return [card_buttons.act_button(self.words, self.card.takes, self.pointer)] if self.card.takes else []

    def details(self) -> Element:
        """Return the button that shows the whole order."""
        return card_buttons.details(self.words, self.pointer)

    def print(self, *more: str) -> Block:
        """Return the small print: which order, which version, until when, and what else there is to say."""
        return self._print(self.words.expiry(), *more)

    def print_of_course(self, *more: str) -> Block:
        """Return the same with what the clock does next, on a card that is repainted whenever it has done it."""
        return self._print(self.words.reminder() or self.words.expiry(), *more)

    def _print(self, ends: str, *more: str) -> Block:
        expected = summary.expected(self.words, self.card.at)
        known = f"{self.view.case}{summary.BETWEEN}{expected}" if expected else self.words.number()
        return parts.small(" ".join([*more, ends or known]))

    def print_of_request(self, effect: str) -> Block:
        """Return the small print of what is to be decided: what follows each answer and none, which order, how far."""
        no = self.words.say(f"effect.{'rejected_or_unanswered' if self.view.expires_at else 'rejected'}")
        is_asking = any(row.does is Action.REQUEST_COMPLETION for row in self.offers)
        asks = self.words.say(f"effect.completion.{self.view.side}") if is_asking else ""
        return parts.small(" ".join(filter(None, [effect, no, asks, self.known()])))

    def known(self) -> str:
        """Return which order it is, and how far it has come."""
        return f"{self.view.case}{summary.BETWEEN}{summary.progress(self.words)}"

    @property
    def is_over(self) -> bool:
        """Say whether nothing more happens to the case."""
        return is_final(self.view.flow, self.view.state)
