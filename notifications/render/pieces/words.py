"""What a view of a case says in one language: names, units, who decided and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.api import (
    SIDE_OF,
    TO_CONFIRM,
    TRAITS,
    Action,
    CaseView,
    Cost,
    DisclosedOrganisation,
    Language,
    Localised,
    Part,
    Payer,
    Routine,
    Side,
    State,
    StepView,
    Unit,
    first_year_ore,
    path,
)
from notifications.render.model import Bold, Line
from notifications.render.pieces.parts import link, on_one_line, woven
from notifications.texts import day, keys, particular, say, say_with, when

UNITS_SHOWN = 3
TITLE_SHOWN = 75
UNIT_SHOWN = 60
# Plain signs, which every font has; the words beside them say the same.
DONE, CURRENT, COMING, VOID = "✓", "●", "○", "–"
MARKS = {
    Action.REJECT: "✗",
    Action.EXPIRE: "✗",
    Action.CANCEL: "✗",
    Action.WITHDRAW: "↩",
    Action.SEND_BACK: "↩",
    Action.RECUSE: "↩",
    Action.REQUEST_COMPLETION: "?",
    Action.REPRICE: "±",
    Action.DECLINE: "✗",
}
PAYER_OF = {Side.CUSTOMER: Payer.CUSTOMER, Side.AGENT: Payer.AGENT}
ATTESTED = frozenset({Action.ATTEST, Action.EMERGENCY_ATTEST})
SENT = frozenset({Action.SEND_INSTRUCTIONS, Action.SEND_AGAIN})
ASKED_BACK = frozenset({Action.REQUEST_COMPLETION, Action.SEND_BACK})
RESTRICTED = "restricted_action"


def local(localised: Localised, language: Language) -> str:
    """Return a name in a language, in any other when it has none there."""
    return localised.get(language) or next(iter(localised.values()), "")


def organisation(language: Language, one: DisclosedOrganisation) -> str:
    """Return an organisation with its number; a number that is a personnummer is not in the view."""
    name, number = on_one_line(one.name), number_of(one)
    return say(language, "value.organisation", name=name, number=number) if number else name


def number_of(one: DisclosedOrganisation) -> str:
    """Return an organisation's number as people write it; empty where the view has none."""
    return "" if one.org_number is None else f"{one.org_number[:6]}-{one.org_number[6:]}"


def unit(language: Language, one: Unit) -> str:
    """Return a care unit with its HSA-id where it has one."""
    name = on_one_line(one.name)
    return name if one.hsa_id is None else say(language, "value.unit", name=name, hsa_id=one.hsa_id)


def routine_links(language: Language, routines: Sequence[Routine]) -> Line:
    """Return links to the routines of an offer after what they are; nothing where there are none."""
    links = [link(on_one_line(local(routine.title, language), TITLE_SHOWN), routine.url) for routine in routines]
    line: Line = [Bold(f"{say(language, 'field.routines')}: ")] if any(links) else []
    for leading in filter(None, links):
        line += [", ", *leading] if len(line) > 1 else leading
    return line


@dataclass(frozen=True)
class CaseWords:
    """A view of a case, in a language."""

    view: CaseView
    language: Language

    @cached_property
    def names(self) -> dict[str, str]:
        """Return what the sentences about a case may name."""
        view = self.view
        return {
            "service": self._service,
            "conveyed": self.service,
            "offer": on_one_line(local(view.offer, self.language)) or self._service,
            "customer": on_one_line(view.customer.name),
            "agent": on_one_line(view.agent.name if view.agent else view.named_agent or ""),
            "organisation": self.own,
            "orderer": on_one_line(view.orderer) if view.orderer else say(self.language, "part.orderer"),
            "last_day": day(self.language, view.last_day) if view.last_day else "",
            "number": view.case,
            "version": str(view.content_version),
            **self._applied,
        }

    @property
    def _service(self) -> str:
        """Return what the case is about: a service, an assignment for one, or what kind of application it is."""
        name = TRAITS[self.view.flow].name
        return self.service if name is None else say(self.language, name, conveyed=self.service)

    @property
    def service(self) -> str:
        """Return the service that something was ordered of."""
        return on_one_line(local(self.view.service, self.language))

    def routines(self) -> Line:
        """Return links to the routines of the offer, which say nothing of its end."""
        return routine_links(self.language, self.view.routines) if TRAITS[self.view.flow].is_offered else []

    @property
    def _applied(self) -> dict[str, str]:
        """Return what sentences about an application may name besides."""
        application = self.view.application
        if application is None:
            return {}
        agreement = say(self.language, f"applied.agreement.{application.agreement}")
        return {
            "kind": say(self.language, f"applied.kind.{self.view.flow}"),
            "agreement": agreement,
            "agreement_first": agreement[:1].upper() + agreement[1:],
        }

    @cached_property
    def own(self) -> str:
        """Return the organisation that readers of this view decide for."""
        view = self.view
        if view.side is Side.INERA:
            return say(self.language, "value.customer_service")
        return on_one_line(view.agent.name if view.side is Side.AGENT and view.agent else view.customer.name)

    @property
    def about(self) -> str:
        """Return which case a button is about, for those who hear it."""
        return f"{self.names['service']}, {self.names['customer']}"

    def say(self, *keys: str, **values: str) -> str:
        """Return a sentence about the case, of the first key that exists; names need not be given."""
        return say_with(self.language, self._key(*keys), self.names | values if values else self.names)

    def counted(self, key: str, count: int) -> str:
        """Return a sentence about the case that counts something."""
        return say(self.language, self._key(f"{key}.one" if count == 1 else f"{key}.other"), count=count)

    def rich(self, key: str, **values: str) -> Line:
        """Return the same as rich text, names and values in bold."""
        return woven(self.language, self._key(key), self.names | values if values else self.names)

    def key(self, key: str) -> str:
        """Return the key of a sentence: of the flow's own, or of the one about applications, where there is one."""
        own = f"applied.{key}"
        return own if self.view.application is not None and own in keys(self.language) else self._key(key)

    def field(self, name: str) -> str:
        """Return what stands before a fact."""
        return say(self.language, self._key(f"field.{name}"))

    def part(self, part: Part) -> str:
        """Return what a part is called in this flow."""
        return say(self.language, self._key(f"part.{part}"))

    @property
    def state(self) -> str:
        """Return where the case is."""
        return say(self.language, self._key(f"state.{self.view.state}"))

    def _key(self, *keys: str) -> str:
        # Who orders an agentuppdrag is an agent, and not called a customer.
        return particular(self.language, self.view.flow, *keys)

    @property
    def is_finished(self) -> bool:
        """Say whether the case is over, and all went well."""
        return self.view.state is TRAITS[self.view.flow].end

    @property
    def is_to_confirm(self) -> bool:
        """Say whether what was ordered has been carried out, and waits for somebody to confirm that it works."""
        return TRAITS[self.view.flow].is_confirmed and self.view.state in TO_CONFIRM

    # --- facts

    @property
    def connection(self) -> str:
        """Directly, or through which agent."""
        view = self.view
        if view.agent is not None:
            return self.say("flow.via")
        return self.say("flow.named" if view.named_agent else "flow.direct")

    def unit_names(self, most: int = UNITS_SHOWN) -> Iterator[tuple[str, str]]:
        """The label and the care units' names on a line, and how many more there are; nothing where there are none."""
        if self.view.units:
            yield self.units_label, self.names_of_units(most)

    def unit_list(self, most: int = UNITS_SHOWN) -> Iterator[tuple[str, str]]:
        """Return the label and the care units with their HSA-ids, a line each, and how many more there are."""
        if self.view.units:
            yield self.units_label, "\n" + self._units([unit(self.language, each) for each in self._first(most)], "\n")

    def names_of_units(self, most: int = UNITS_SHOWN) -> str:
        """Return the first care units' names on a line, and how many more there are; empty where there are none."""
        names, shown = [unit.name for unit in self.view.units], most if len(self.view.units) <= most else most - 1
        return self.some_of([on_one_line(name, UNIT_SHOWN) for name in names], shown, ", ")

    def units_in_a_sentence(self, most: int) -> str:
        """Return the care units with their HSA-ids on a line; the customer's name where there are none."""
        said = self._units([unit(self.language, each) for each in self._first(most)], ", ")
        return said or self.names["customer"]

    @property
    def units_label(self) -> str:
        """Return how many care units there are."""
        return say(self.language, "field.units", count=len(self.view.units))

    def _first(self, most: int) -> tuple[Unit, ...]:
        return self.view.units[:most]

    def _units(self, shown: list[str], between: str) -> str:
        more = len(self.view.units) - len(shown)
        return between.join([*shown, say(self.language, "value.more", count=more)] if more else shown)

    @property
    def payer(self) -> Payer | None:
        """Return what the reader's side is to a price, None for Inera, which pays nothing."""
        return PAYER_OF.get(self.view.side)

    @property
    def own_cost(self) -> Cost:
        """Return what the reader's side pays."""
        return Cost() if self.payer is None else self.view.costs.get(self.payer, Cost())

    @property
    def first_year_ore(self) -> int:
        """Return what the limits on the reader's side are held against."""
        return 0 if self.payer is None else first_year_ore(self.payer, self.view.costs, self.view.coming_costs)

    def is_of_reader(self, part: Part) -> bool:
        """Say whether a part is on the reader's side; to Inera all are."""
        return self.view.side in {Side.INERA, SIDE_OF.get(part)}

    def expiry(self) -> str:
        """Return when the case ends by itself, if the table says that it does."""
        ends = self.view.expires_at
        key = "small.unsigned" if self.view.state is State.AGREEMENT_AWAITING_SIGNATURE else "small.expires"
        return "" if ends is None else self.say(key, day=day(self.language, ends))

    def reminder(self) -> str:
        """Return when the clock reminds the next time, where it does before the case ends."""
        at = self.view.reminds_at
        return "" if at is None else self.say("small.reminds", at=when(self.language, at))

    def number(self) -> str:
        """Return the small print that says which order this is."""
        return self.say("small.number" if self.view.application is None else "applied.number")

    # --- who and when

    def ordered(self) -> tuple[str, str]:
        """Return who ordered, where the view has the name, and when."""
        at = when(self.language, self.view.ordered_at)
        if self.view.orderer is None:
            return self.field("ordered"), at
        return self.field("ordered_by"), say(self.language, "value.who_when", who=self.names["orderer"], at=at)

    def who(self, step: StepView) -> str:
        """Return who decided, and for whom: by name where the view has it, else by part and organisation."""
        return self._who(step, "value.substitute")

    def who_in_a_sentence(self, step: StepView) -> str:
        """Return the same where the sentence goes on."""
        return self._who(step, "value.substitute_within")

    def who_begins(self, step: StepView) -> str:
        """Return the same at the beginning of a sentence."""
        who = self.who_in_a_sentence(step)
        return who[:1].upper() + who[1:]

    def _who(self, step: StepView, substitute: str) -> str:
        if not step.by:
            return self.part_at(step)
        name = on_one_line(step.by)
        return name if not step.absent else say(self.language, substitute, who=name, absent=on_one_line(step.absent))

    def done(self, key: str, step: StepView, who: str = "") -> str:
        """Return a sentence of `key` about a step; where instructions were sent, to whom, if the view has the name."""
        to = (step.to or self.view.orderer) if step.action in SENT else None
        part = say(self.language, f"part.{step.decided_by_part or step.part}")
        said = {
            "who": who or self.who_in_a_sentence(step),
            "part": part,
            "at": self.at(step),
            "to": on_one_line(to or ""),
        }
        return say(self.language, self._key(f"{key}.{step.action}{'_to' if to else ''}"), **said)

    def at(self, step: StepView) -> str:
        """Return when a step was decided."""
        return "" if step.at is None else when(self.language, step.at)

    def together(self, names: Sequence[str]) -> str:
        """Return names in a sentence."""
        *first, last = map(on_one_line, names)
        return say(self.language, "value.and", first=", ".join(first), last=last) if first else last

    def some_of(self, names: Sequence[str], most: int, between: str = "") -> str:
        """Return the first of some names in a sentence, and how many more there are; empty where there are none.

        `between` stands between them where they all are shown, else as a sentence has it.
        """
        if len(names) <= most:
            return between.join(names) if between or not names else self.together(names)
        shown = ", ".join(map(on_one_line, names[:most]))
        return say(self.language, "value.and_more", people=shown, count=len(names) - most)

    def one_of(self, names: Sequence[str], most: int) -> str:
        """Return the first of some names of whom any will do, and how many more there are; empty without any.

        Where there is but one more, that one is named too.
        """
        named = names if len(names) == most + 1 else names[:most]
        shown, more = list(map(on_one_line, named)), len(names) - len(named)
        last = [say(self.language, "value.others", count=more)] if more > 0 else []
        *first, final = [*shown, *last] or [""]
        return say(self.language, "value.or", first=", ".join(first), last=final) if first else final

    def waited_for(self, most: int) -> str:
        """Return the first of those whom the case waits for: any of them, or all where more than one must answer yet;
        empty where the reader may know none.
        """
        several = self.view.attests_needed - self.view.attests > 1
        return (self.some_of if several else self.one_of)(self.view.asked, most)

    def place_on_the_way(self) -> tuple[int, int]:
        """Return which step the case is at, counted from one, and how many its flow has."""
        way, at = path(self.view.flow), self.view.returns_to or self.view.state
        return way.index(at) + 1 if at in way else len(way), len(way)

    def since(self) -> str:
        """Return since when the case waits where it is."""
        return when(self.language, self.view.waiting_since)

    def part_at(self, step: StepView) -> str:
        """Return the part that a step is played by, and of which organisation; the doer's, once it is done."""
        part = step.decided_by_part or step.part
        role, side = self.part(part), SIDE_OF.get(part)
        if side not in PAYER_OF:
            return role
        # The order may have had another agent then.
        its_own = step.organisation if side is SIDE_OF.get(step.part) else None
        place = self.names["agent"] if side is Side.AGENT else self.names["customer"]
        return say(self.language, "part.at", part=role, organisation=on_one_line(its_own or place))


def why_channel_is_lost(language: Language, error: str) -> str:
    """Say why a channel takes no messages."""
    # Slack has a word for each way to restrict who posts.
    key = f"channel_lost.why.{RESTRICTED if error.startswith(RESTRICTED) else error}"
    return say(language, key) if key in keys(language) else say(language, "channel_lost.why.other", error=error)
