"""Everything that can be drawn: every card, modal and home tab, for every state and reader, in both languages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from bot.views import home, refusal
from bot.views.modals import (
    ApproveModal,
    ConfirmModal,
    DetailsModal,
    HelpModal,
    InstructionsModal,
    MessageModal,
    NoticeModal,
    OrderForm,
    OrderModal,
    RejectModal,
    help_message,
)
from bot.views.status import answered_message, link_message, status_message
from bot.views.units import write_units
from core.api import (
    SIDE_OF,
    AgentField,
    Asks,
    CardId,
    Case,
    CaseView,
    Dossier,
    Flow,
    Language,
    OfferId,
    OrganisationId,
    Part,
    PersonId,
    Role,
    Side,
    State,
    Unit,
    disclose,
)
from notifications.announcements import ANNOUNCEMENTS, CardKind
from notifications.blocks import CardFacts, draw_card
from notifications.blocks.accounts import LINK_STATES
from tests import builders

Drawing = tuple[str, str, dict[str, Any]]

MODALS = {
    Asks.CONFIRMATION: ConfirmModal,
    Asks.NOTHING: ConfirmModal,
    Asks.REASON: RejectModal,
    Asks.CERTIFICATE: ApproveModal,
    Asks.INSTRUCTIONS: InstructionsModal,
    Asks.MESSAGE: MessageModal,
}
PARTS = tuple(part for part in Part if part is not Part.CLOCK)
TODAY = date(2026, 3, 12)
METADATA = "test|C23456789BCDF|B-2345678|1|1\nattest\nD0123456789\n1710000000.000100"
PORTAL = "https://kundportalen.exempel.se"

# What somebody with bad intentions, or bad luck, may have for a name or write in a field.
HOSTILE = "<!channel> *bold* _under_ `code` <http://x.se|y> <@U0123456789> :tada: & \u202etxt\n> quote\n• list"


def all_drawings() -> list[Drawing]:
    """(name, kind, drawing) of everything; kind is message, modal or home."""
    return [drawing for language in Language for drawing in _in(language)]


def _in(language: Language) -> Iterator[Drawing]:
    for flow in Flow:
        for name, case in builders.journeys(flow):
            yield from of_dossier(f"{language}: {flow}, {name}", builders.dossier(case), language)
    for name, dossier in extremes():
        yield from of_dossier(f"{language}: {name}", dossier, language)
    yield from _accounts(language)
    yield from _orders(language)
    yield from _homes(language)
    yield from _notices(language)


def of_dossier(name: str, dossier: Dossier, language: Language) -> Iterator[Drawing]:
    """Everything that the people of a case can be shown of it by now."""
    for part in PARTS:
        yield from of_part(f"{name}: {part}", dossier, part, language)


def of_part(name: str, dossier: Dossier, part: Part, language: Language) -> Iterator[Drawing]:
    """What whoever plays a part can be shown: the cards so far as they look now, modals, details, the home tab."""
    view = disclose(dossier, SIDE_OF[part])
    for kind, to in sorted(_announced(dossier.case)):
        if to is part:
            yield f"{name}, card {kind}", "message", message(card(kind, part), view, language)
    if part is Part.CUSTOMER_SERVICE:
        note = {"person": "Bo Lund", "error": "user_not_found"}
        yield f"{name}, undelivered", "message", message(card(CardKind.UNDELIVERED, part, note=note), view, language)
    yield from _modals(name, view, part, language)
    yield f"{name}, details", "modal", DetailsModal.build(view, language)
    items = [home.HomeItem(view, part)]
    yield f"{name}, home", "home", home.build(home.HomeFacts("test", "Anna Ek", waiting=items, ordered=items), language)


def card(kind: CardKind, part: Part, **changes: Any) -> CardFacts:
    """A card as the relay asks for it, a working day and a half after most orders."""
    made = CardFacts(
        CardId("C23456789BCDF"), kind, part, "test", "Bo Lund", portal_url=PORTAL, at=builders.AT + builders.HOUR * 36
    )
    return replace(made, **changes)


def message(facts: CardFacts, view: CaseView | None, language: Language) -> dict[str, Any]:
    """A card as what is posted."""
    drawn = draw_card(facts, view, language)
    return {"text": drawn.text, "blocks": drawn.blocks}


def extremes() -> Iterator[tuple[str, Dossier]]:
    """Cases with the most, the longest, the least and the nastiest that can be written, at every state."""
    for name, change in (("long", _long), ("hostile", _hostile), ("bare", _bare)):
        for flow in Flow:
            for journey, case in builders.journeys(flow):
                yield f"{name} {flow}, {journey}", change(builders.dossier(case))


def _announced(case: Case) -> set[tuple[CardKind, Part]]:
    passed = {each.state for each in case.decisions} | {case.state}
    return {(each.card, each.part) for each in ANNOUNCEMENTS if each.becomes in passed}


def _modals(name: str, view: CaseView, part: Part, language: Language) -> Iterator[Drawing]:
    for row in view.offers[part]:
        more = {"attestants": _people(3)} if row.asks is Asks.CERTIFICATE else {}
        yield f"{name} {row.does}", "modal", MODALS[row.asks].build(view, row, METADATA, language, **more)
        if more:
            built = ApproveModal.build(view, row, METADATA, language, attestants=_people(150))
            yield f"{name} {row.does} with many attestants", "modal", built


def _people(count: int) -> list[tuple[PersonId, str]]:
    return [(PersonId(f"P{number}"), f"Person {number}") for number in range(count)]


# --- extremes


def _rewritten(dossier: Dossier, write: Any, units: tuple[Unit, ...]) -> Dossier:
    """The dossier with everything that people write put through `write`, which is given a text's limit."""
    case, order = dossier.case, dossier.case.order
    decisions = tuple(
        replace(
            each,
            reason=each.reason and write(2000),
            internal=each.internal and write(2000),
            message=each.message and write(2900),
        )
        for each in case.decisions
    )
    order = replace(
        order,
        units=units,
        invoice_ref=write(2000),
        technical_contact=write(2000),
        comment=write(2000),
        external_case_ref=write(100),
    )
    names = {Language.SV: write(300), Language.EN: write(300)}
    return replace(
        dossier,
        case=replace(case, order=order, decisions=decisions),
        offer=builders.offer_words(service=names, offer=names, template={Language.SV: write(5000)}),
        organisations={key: replace(each, name=write(300)) for key, each in dossier.organisations.items()},
        people=dict.fromkeys(dossier.people, write(300)),
    )


def _long(dossier: Dossier) -> Dossier:
    units = tuple(Unit(f"{number} " + "Vårdcentralen Åäö " * 10, f"SE2222222222-{number:018}") for number in range(200))
    return _rewritten(dossier, lambda limit: ('Å"\\\n' * limit)[:limit], units)


def _hostile(dossier: Dossier) -> Dossier:
    return _rewritten(dossier, lambda limit: HOSTILE[:limit], (Unit(HOSTILE), Unit(HOSTILE + "2", "SE2222222222-A")))


def _bare(dossier: Dossier) -> Dossier:
    order = replace(
        dossier.case.order, units=(), invoice_ref="", technical_contact="", comment="", desired_start=None, costs={}
    )
    decisions = tuple(
        replace(each, reason_code=None, reason="", internal="", message="") for each in dossier.case.decisions
    )
    customer = replace(dossier.organisations[builders.CUSTOMER], org_number_is_personal=True, category=None)
    return replace(
        dossier,
        case=replace(dossier.case, order=order, decisions=decisions),
        offer=builders.offer_words(terms_url="", template={}, handles_personal_data=False),
        organisations={**dossier.organisations, builders.CUSTOMER: customer},
        people={},
    )


# --- what hangs on no case


def _accounts(language: Language) -> Iterator[Drawing]:
    for state in LINK_STATES:
        for name in ("Anna Ek", HOSTILE):
            note = {"name": name, "email": "anna.ek@exempel.se", "state": state}
            facts = card(CardKind.LINK, Part.ORDERER, note=note)
            yield f"{language}: link {state} {name[:4]}", "message", message(facts, None, language)
    facts = card(CardKind.UNDELIVERED, Part.CUSTOMER_SERVICE, note={"person": HOSTILE, "error": "channel_not_found"})
    yield f"{language}: undelivered without a case", "message", message(facts, None, language)
    for state in ("confirmed", "declined"):
        told = answered_message(state, HOSTILE, language)
        yield f"{language}: link answered, {state}", "message", {"text": told.text, "blocks": told.blocks}
    help_drawn = help_message(language, PARTS, PORTAL)
    yield f"{language}: help", "message", {"text": help_drawn.text, "blocks": help_drawn.blocks}


def _orders(language: Language) -> Iterator[Drawing]:
    for name, form in order_forms():
        yield f"{language}: order form, {name}", "modal", OrderModal.build(form, METADATA, language)


def order_forms() -> Iterator[tuple[str, OrderForm]]:
    """The order form from empty to full, with few and with many to choose from."""
    mine = [(builders.CUSTOMER, "Region Exempel")]
    two = [*mine, (OrganisationId("OTWO"), "Vårdbolaget AB")]
    agents = [(builders.AGENT, "Journalia AB")]
    direct = builders.offer_choice()
    via = builders.offer_choice("npo-agent", Flow.VIA_AGENT, AgentField.REQUIRED)
    named = builders.offer_choice("npo-konsument", Flow.DIRECT, AgentField.INFORMATION)
    offers = [direct, via, named]
    many = [builders.offer_choice(f"offer-{number}") for number in range(120)]
    yield "one organisation", OrderForm(mine, TODAY, offers=offers)
    yield "two organisations", OrderForm(two, TODAY)
    yield "nothing to order", OrderForm(mine, TODAY)
    yield "no organisation", OrderForm([], TODAY)
    yield "direct", OrderForm(two, TODAY, builders.CUSTOMER, offers, direct)
    yield "via agent", OrderForm(mine, TODAY, offers=offers, offer=via, agents=agents)
    yield "agent named", OrderForm(mine, TODAY, offers=offers, offer=named, agents=agents)
    yield "many", OrderForm(mine, TODAY, offers=many, offer=many[0])
    lots = [(OrganisationId(f"O{number}"), f"Agent {number}") for number in range(120)]
    yield "many agents", OrderForm(mine, TODAY, offers=offers, offer=via, agents=lots, agent=lots[119])
    hostile = builders.offer_choice(
        "hostile", service=dict.fromkeys(Language, HOSTILE), offer=dict.fromkeys(Language, HOSTILE)
    )
    yield "hostile", OrderForm([(builders.CUSTOMER, HOSTILE)], TODAY, offers=[hostile], offer=hostile)
    yield (
        "filled in",
        OrderForm(
            mine,
            TODAY,
            offers=offers,
            offer=replace(via, terms=replace(via.terms, id=OfferId("npo-agent"))),
            agents=agents,
            agent=agents[0],
            units=write_units(builders.UNITS),
            invoice_ref="4711-A",
            desired_start=date(2026, 4, 1),
            technical_contact="Ulf Teknik",
            comment=HOSTILE,
            terms_accepted=True,
        ),
    )


def _homes(language: Language) -> Iterator[Drawing]:
    for name, facts in home_facts():
        yield f"{language}: home, {name}", "home", home.build(facts, language)
        told = link_message(facts, language) if facts.reader is None else status_message(facts, language)
        yield f"{language}: answer, {name}", "message", {"text": told.text, "blocks": told.blocks}


ORDERER = [("Region Exempel", [Role.ORDERER])]


def home_facts() -> Iterator[tuple[str, home.HomeFacts]]:
    """The home tab of people with nothing, one thing and five hundred, and of one who is not linked."""
    items = _items()
    yield "unlinked", home.HomeFacts("test", None)
    yield "maybe you", home.HomeFacts("test", None, offer_link_to="Anna Ek")
    yield "no role", home.HomeFacts("test", "Anna Ek", portal_url=PORTAL)
    yield "nothing", home.HomeFacts("test", "Bo Ek", roles=[("Region Exempel", [Role.ATTESTANT])], portal_url=PORTAL)
    yield "at Inera", home.HomeFacts("test", "Disa Fors", roles=[(None, [Role.CUSTOMER_SERVICE])])
    yield "an orderer with nothing", home.HomeFacts("test", "Anna Ek", roles=ORDERER)
    yield "one of each", home.HomeFacts("test", "Anna Ek", roles=ORDERER, waiting=items[:1], ordered=items[:1])
    full = home.HomeFacts("test", HOSTILE, roles=ORDERER * 9, waiting=items * 500, ordered=items * 500)
    yield "five hundred", replace(full, portal_url=PORTAL)
    yield "a later page", replace(full, portal_url=PORTAL, is_later_page=True)


def _items() -> list[home.HomeItem]:
    direct = builders.case_in(State.AWAITING_CUSTOMER_ATTEST)
    agent = builders.case_in(State.AWAITING_AGENT_APPROVAL, Flow.VIA_AGENT)
    return [
        home.HomeItem(builders.view(direct, Side.CUSTOMER), Part.CUSTOMER_ATTESTANT),
        home.HomeItem(builders.view(agent, Side.AGENT), Part.AGENT_HANDLER),
    ]


def _notices(language: Language) -> Iterator[Drawing]:
    facts = {"person": HOSTILE, "organisation": HOSTILE, "part": Part.CUSTOMER_ATTESTANT, "action": "attest"}
    sentence = refusal(language, "already_decided", facts | {"at": builders.AT})
    yield f"{language}: refusal", "modal", NoticeModal.build(language, "notice.refused", sentence)
    yield f"{language}: help as a modal", "modal", HelpModal.build(language, PARTS, PORTAL)
    yield f"{language}: help for a stranger", "modal", HelpModal.build(language, (), "")


def nodes(drawn: object) -> Iterator[dict[str, Any]]:
    """Every object in a drawing, from the whole down to the smallest."""
    if isinstance(drawn, dict):
        yield drawn
        for part in drawn.values():
            yield from nodes(part)
    elif isinstance(drawn, list):
        for part in drawn:
            yield from nodes(part)


def strings(drawn: object) -> Iterator[str]:
    """Every string in a drawing."""
    return (value for node in nodes(drawn) for value in node.values() if isinstance(value, str))
