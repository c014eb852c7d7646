"""Modals, the home tab and answers to commands: everything that can be drawn of them, in a language."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ApproveModal
from bot.forms.orders.ending import EndModal
from bot.forms.orders.messages import InstructionsModal
from bot.forms.orders.modals import modal_of
from bot.forms.orders.order_fields import Wanted
from bot.forms.orders.order_form_state import OrderFormState
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.questions import AnswerModal
from bot.forms.orders.reasons import EmergencyModal
from bot.forms.orders.revision_modal import RevisionModal
from bot.forms.orders.units import write_units
from bot.forms.refusal_sentences import refusal
from bot.views.home import home
from bot.views.home.home_absences import Absence, AbsenceSection
from bot.views.home.search import MOST_FOUND, SearchModal
from bot.views.home.status import link_message, status_message
from bot.views.notices import HelpModal, NoticeModal, help_message
from bot.views.orders.details import CaseReading, DetailsModal
from bot.views.organisations.absences import AbsenceForm, AbsencePlace, SubstituteModal
from core.api import (
    APPLYING,
    COUNTED,
    SERVICE_LISTS,
    AgentField,
    Blocked,
    CardId,
    CaseId,
    CaseList,
    CaseView,
    ConnectionWay,
    EarlierConnection,
    Flow,
    FoundCases,
    InboxPage,
    InboxQuery,
    Language,
    LinkedSlack,
    ListedCase,
    OfferId,
    OrganisationId,
    Part,
    PersonId,
    Role,
    Seen,
    Side,
    State,
    TechnicalContact,
    Unit,
    contact_in_parts,
)
from core.api import Block as BlockedBy
from notifications.render.button_values import Pointer
from notifications.render.drawings import draw_card
from notifications.render.model import Dialog
from notifications.rules.announcements import CardKind
from tests.support.drawn.cards import PORTAL, loose
from tests.support.drawn.register_views import of_register
from tests.support.drawn.sent import Made
from tests.support.world import builders

Drawing = tuple[str, str, Made]

TODAY = date(2026, 3, 12)
METADATA = "test|C23456789BCDF|B-2345678|1|1\nattest\nD0123456789\n1710000000.000100"
PARTS = tuple(part for part in Part if part not in {Part.CLOCK, *APPLYING})
# What somebody with bad intentions, or bad luck, may have for a name or write in a field.
HOSTILE = "<!channel> *bold* _under_ `code` <http://x.se|y> <@U0123456789> :tada: & \u202etxt\u200b\n> quote\n• list"


def of_view(name: str, view: CaseView, part: Part, language: Language) -> Iterator[Drawing]:
    """What whoever plays a part can open of a case: modals, the whole order, the home tab."""
    for row in view.offers[part]:
        modal = modal_of(row)
        for count, more in _choices(modal):
            yield f"{name} {row.does}{count}", "modal", modal.build(view, row, METADATA, language, **more)
            if modal is AnswerModal:
                yield f"{name} changed", "modal", revision(view, language)
    if part in SHOWN_THE_WHOLE:
        yield f"{name}, details", "modal", DetailsModal.build(view, language, reading(view, part))
    items = [ListedCase(view, part)]
    for listed in (CaseList.WAITING, CaseList.MINE if part is Part.CUSTOMER_SERVICE else CaseList.ORDERED):
        facts = home.HomeFacts("test", "Anna Ek", inbox=a_page(items, listed), at=builders.AT)
        yield f"{name}, home, {listed}", "home", home.build(facts, language)


def reading(view: CaseView, part: Part, page: int = 0) -> CaseReading:
    """What somebody reads of an order whose history is as long as that of the longest lived."""
    past = [each for each in view.steps if each.action is not None] * 10
    pointer = Pointer("test", CardId(""), view.case, Seen(view.step, view.content_version))
    return CaseReading(past, page, [(part, view.offers[part])], pointer, may_order_again=view.closed_at is not None)


def revision(view: CaseView, language: Language, **filled: Any) -> Dialog:
    """The order of a case, to be changed in answer to a question."""
    form = OrderFormState((), TODAY, agents=[(builders.AGENT, "Journalia AB")], units=write_units(view.units))
    form = replace(form, technical_contact=contact_in_parts(view.technical_contact), comment=view.comment, **filled)
    asks = AgentField.REQUIRED if view.flow is Flow.VIA_AGENT else AgentField.NONE
    wanted = Wanted(view.flow, asks, needs_units=True)
    return RevisionModal.build(view, form, wanted, METADATA, language, message="Nu stämmer det.")


# The whole order looks alike to all people of a side.
SHOWN_THE_WHOLE = (Part.ORDERER, Part.AGENT_HANDLER, Part.CUSTOMER_SERVICE)
# Modals that offer people, by the name of the argument that holds them.
OFFERING_PEOPLE = {ApproveModal: "attestants", ColleagueModal: "colleagues", InstructionsModal: "recipients"}


def _choices(modal: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "", {}
    if modal in OFFERING_PEOPLE:
        yield from ((f" with {count}", {OFFERING_PEOPLE[modal]: _people(count)}) for count in (3, 150))
    if modal is EmergencyModal:
        yield " and who is told", {"told": [name for _, name in _people(5)]}


def _people(count: int) -> list[tuple[PersonId, str]]:
    return [(PersonId(f"P{number}"), f"Person {number}") for number in range(count)]


def without_a_case(language: Language) -> Iterator[Drawing]:
    """What hangs on no case."""
    yield from _orders(language)
    yield from _absences(language)
    yield from _homes(language)
    yield from _digests(language)
    yield from _searches(language)
    yield from _notices(language)
    yield from of_register(language)
    help_drawn = help_message(language, PARTS, PORTAL)
    yield f"{language}: help", "message", help_drawn


# What a form that ends something asks for: some units, or nothing of the kind.
ENDS_UNITS, ENDS_ALL = (Wanted(Flow.TERMINATION, AgentField.NONE, needs_units=each) for each in (True, False))


def _orders(language: Language) -> Iterator[Drawing]:
    for name, form in order_forms():
        yield f"{language}: order form, {name}", "modal", OrderModal.build(form, METADATA, language)
    names = {"service": HOSTILE, "offer": HOSTILE, "organisation": HOSTILE}
    every_unit = write_units([Unit(HOSTILE, "SE2321000016-N1")] * 200)
    for name, units, wanted in (("units", every_unit, ENDS_UNITS), ("all", "", ENDS_ALL)):
        form = OrderFormState([], TODAY, units=units)
        yield f"{language}: end form, {name}", "modal", EndModal.build(form, wanted, names, METADATA, language)


def order_forms() -> Iterator[tuple[str, OrderFormState]]:
    """The order form from empty to full, with few and with many to choose from."""
    mine = [(builders.CUSTOMER, "Region Exempel")]
    two = [*mine, (OrganisationId("OTWO"), "Vårdbolaget AB")]
    agents = [(builders.AGENT, "Journalia AB")]
    direct = builders.offer_choice()
    via = builders.offer_choice("npo-agent", Flow.VIA_AGENT, AgentField.REQUIRED)
    named = builders.offer_choice("npo-konsument", Flow.DIRECT, AgentField.INFORMATION)
    offers = [direct, via, named]
    many = [builders.offer_choice(f"offer-{number}") for number in range(120)]
    yield "one organisation", OrderFormState(mine, TODAY, offers=offers)
    yield "two organisations", OrderFormState(two, TODAY)
    yield "nothing to order", OrderFormState(mine, TODAY)
    yield "no organisation", OrderFormState([], TODAY)
    left_out = [HOSTILE] * 200
    yield (
        "again without units",
        OrderFormState(mine, TODAY, offers=offers, again=CaseId("B-2345678"), left_out=left_out),
    )
    yield "direct", OrderFormState(two, TODAY, builders.CUSTOMER, offers, direct)
    yield "via agent", OrderFormState(mine, TODAY, offers=offers, offer=via, agents=agents)
    had = ((via, "Journalia AB"), (named, ""))
    ways = [ConnectionWay(each.terms.id, builders.AGENT if agent else None) for each, agent in had]
    held = [EarlierConnection(way, via.offer, ("Norr", "Söder", *"abcdef")) for way in ways]
    earlier = list(zip(held, (agent for _, agent in had), strict=True))
    yield "asks of one", OrderFormState(mine, TODAY, offers=offers, offer=via, agents=agents, earlier=earlier[:1])
    yield "asks of two", OrderFormState(mine, TODAY, offers=offers, offer=via, earlier=earlier, existing="replace")
    yield "asks beforehand", OrderFormState(mine, TODAY, offers=offers, offer=via, agents=agents, existing_offered=True)
    yield "agent named", OrderFormState(mine, TODAY, offers=offers, offer=named, agents=agents)
    yield "many", OrderFormState(mine, TODAY, offers=many, offer=many[0])
    lots = [(OrganisationId(f"O{number}"), f"Agent {number}") for number in range(120)]
    yield "many agents", OrderFormState(mine, TODAY, offers=offers, offer=via, agents=lots, agent=lots[119])
    hostile = builders.offer_choice(
        "hostile", service=dict.fromkeys(Language, HOSTILE), offer=dict.fromkeys(Language, HOSTILE)
    )
    yield "hostile", OrderFormState([(builders.CUSTOMER, HOSTILE)], TODAY, offers=[hostile], offer=hostile)
    yield (
        "filled in",
        OrderFormState(
            mine,
            TODAY,
            offers=offers,
            offer=replace(via, terms=replace(via.terms, id=OfferId("npo-agent"))),
            agents=agents,
            agent=agents[0],
            units=write_units(builders.UNITS),
            invoice_ref="4711-A",
            desired_start=date(2026, 4, 1),
            technical_contact=TechnicalContact("Ulf Teknik", "ulf.teknik@region.example", "+46701740605"),
            comment=HOSTILE,
            terms_accepted=True,
        ),
    )


def _absences(language: Language) -> Iterator[Drawing]:
    for name, form in absence_forms():
        yield (
            f"{language}: absence, {name}",
            "modal",
            SubstituteModal.build(form, METADATA.partition("\n")[0], language),
        )


def absence_forms() -> Iterator[tuple[str, AbsenceForm]]:
    """The form about absence: one's own and others', in one place and in several, with few and many people."""
    mine = AbsencePlace(builders.CUSTOMER, Role.ATTESTANT)
    own = [(mine, "attestant hos Region Exempel")]
    two = [*own, (AbsencePlace(builders.AGENT, Role.AGENT_HANDLER), HOSTILE)]
    few, many = _people(3), _people(150)
    absent = [(PersonId("PBO"), Role.ATTESTANT, "Bo Lund, attestant")]
    yield "own", AbsenceForm(own, TODAY, people=few)
    yield "own in several roles", AbsenceForm(two, TODAY)
    yield "own in a role chosen", AbsenceForm(two, TODAY, chosen=mine, people=many)
    yield "nobody else there", AbsenceForm(own, TODAY)
    administered = [(AbsencePlace(builders.CUSTOMER), "Region Exempel")]
    yield "somebody else's", AbsenceForm(administered, TODAY, absent=absent, people=few)
    yield "somebody else's among many", AbsenceForm(administered, TODAY, absent=absent * 150, people=many)
    yield "nobody decides there", AbsenceForm(administered, TODAY, absent=(), people=few)


def _homes(language: Language) -> Iterator[Drawing]:
    for name, facts in home_facts():
        yield f"{language}: home, {name}", "home", home.build(facts, language)
        told = link_message(facts, language) if facts.reader is None else status_message(facts, language)
        yield f"{language}: answer, {name}", "message", told


ORDERER = [("Region Exempel", [Role.ORDERER])]


def a_page(items: Sequence[ListedCase], listed: CaseList = CaseList.WAITING, page: int = 0, **more: Any) -> InboxPage:
    """A page of a list in which some cases stand; `more` are fields of it."""
    query = InboxQuery(listed, page=page)
    after = (page + 1) * query.size
    fields = {"count": min(len(items), COUNTED + 1), "has_more": len(items) > after, "lists": tuple(CaseList)}
    return InboxPage(query, items[page * query.size : after], **{**fields, **more})


def home_facts() -> Iterator[tuple[str, home.HomeFacts]]:
    """The home tab of people with nothing, one thing and five hundred, and of one who is not linked."""
    items = _items()
    mine = [ListedCase(items[0].view, Part.ORDERER)]
    ordered = a_page(mine * 5, CaseList.ORDERED, count=6, has_more=True)
    yield "unlinked", home.HomeFacts("test", None)
    yield "maybe you", home.HomeFacts("test", None, offer_link_to="Anna Ek")
    yield "barred", home.HomeFacts("test", None, offer_link_to="Anna Ek", is_barred=True)
    yield "guest", home.HomeFacts("test", None, offer_link_to="Anna Ek", is_guest=True)
    yield "not known now", home.HomeFacts("test", None, is_unsure=True)
    yield "no role", home.HomeFacts("test", "Anna Ek", portal_url=PORTAL)
    yield "nothing", home.HomeFacts("test", "Bo Ek", roles=[("Region Exempel", [Role.ATTESTANT])], portal_url=PORTAL)
    yield "at Inera", home.HomeFacts("test", "Disa Fors", roles=[(None, [Role.CUSTOMER_SERVICE])])
    yield "an orderer with nothing", home.HomeFacts("test", "Anna Ek", roles=ORDERER)
    yield (
        "one of each",
        home.HomeFacts(
            "test", "Anna Ek", roles=ORDERER, inbox=a_page(items[:1]), ordered=a_page(mine, CaseList.ORDERED)
        ),
    )
    every = dict.fromkeys(SERVICE_LISTS, 100)
    full = home.HomeFacts("test", HOSTILE, roles=ORDERER * 9, inbox=a_page(items * 250, counts=every), ordered=ordered)
    full = replace(full, at=builders.AT + timedelta(5))
    yield "five hundred", replace(full, portal_url=PORTAL)
    narrowed = {"organisation": HOSTILE, "service": dict.fromkeys(Language, HOSTILE), "counts": every}
    later = a_page(items * 250, page=3, **narrowed)
    query = replace(later.query, organisation=builders.CUSTOMER, service="npo")
    yield "a later page", replace(full, portal_url=PORTAL, inbox=replace(later, query=query))
    for listed in CaseList:
        yield f"nothing in {listed}", replace(full, inbox=a_page([], listed), ordered=None)
    yield "away and administering", replace(full, absences=ABSENCES, blocked=_blocked() * 9)
    reserved = [ListedCase(items[0].view, Part.CUSTOMER_EMERGENCY)]
    yield "a reserve", home.HomeFacts("test", "Gun Holm", reserved=reserved * 9, is_reserve=True)
    yield "a reserve of nothing", home.HomeFacts("test", "Gun Holm", is_reserve=True)
    yield "linked in several", home.HomeFacts("test", "Bo Ek", slacks=SLACKS)
    yield "linked in several, one of them off", home.HomeFacts("test", "Bo Ek", slacks=ONE_OFF)
    full = replace(full, absences=ABSENCES, blocked=_blocked() * 9, reserved=reserved * 9, is_reserve=True)
    yield "everything there is", replace(full, slacks=[LinkedSlack("slack:T1", HOSTILE, gets=False)] * 3)
    standing_in = replace(items[0], absent="Frida Näs")
    yield "a substitute", home.HomeFacts("test", "Bo Ek", roles=ORDERER, inbox=a_page([standing_in]), absences=ABSENCES)


def _blocked() -> list[ListedCase]:
    case = builders.case_in(State.AWAITING_CUSTOMER_ATTEST, asked=(), blocked=Blocked(BlockedBy.OVER_LIMIT, told=True))
    return [ListedCase(builders.view(case), Part.CUSTOMER_ADMINISTRATOR)]


PLACED = {"role": Role.ATTESTANT, "organisation": "Region Exempel", "first": TODAY, "last": date(2026, 3, 31)}
ABSENCES = AbsenceSection(
    listed=[
        Absence(1, None, "Frida Näs", **PLACED),
        Absence(2, "Gun Holm", None, **PLACED),
        *(Absence(number, HOSTILE, HOSTILE, **PLACED) for number in range(3, 30)),
    ],
    may_be_away=True,
    administers=True,
)

SLACKS = [
    LinkedSlack("slack:T1", "Inera", gets=False),
    LinkedSlack("slack:T2", "Region Exempel", gets=True, is_chosen=True),
]
ONE_OFF = [
    LinkedSlack("slack:T1", "Inera", gets=True),
    LinkedSlack("slack:T2", "Region Exempel", gets=False, is_chosen=True, is_reached=False),
    LinkedSlack("slack:T3", "Region Exempels prov", gets=False, is_reached=False),
]


def _items() -> list[ListedCase]:
    direct = builders.case_in(State.AWAITING_CUSTOMER_ATTEST)
    agent = builders.case_in(State.AWAITING_AGENT_APPROVAL, Flow.VIA_AGENT)
    return [
        ListedCase(builders.view(direct, Side.CUSTOMER), Part.CUSTOMER_ATTESTANT),
        ListedCase(builders.view(agent, Side.AGENT), Part.AGENT_HANDLER),
    ]


def _to_keep() -> ListedCase:
    case = builders.unanswered(builders.case_in(State.AWAITING_CUSTOMER_ATTEST))
    return ListedCase(builders.view(case, Side.CUSTOMER), Part.ORDERER)


def _digests(language: Language) -> Iterator[Drawing]:
    """What whoever has much waiting is reminded of, and where most of it has been decided meanwhile."""
    for count in (1, 2, COUNTED + 1):
        page = a_page([*_items(), _to_keep()][:count], count=count)
        facts = loose(CardKind.DIGEST, Part.CUSTOMER_ATTESTANT, waiting=page, at=builders.AT + timedelta(days=9))
        yield f"{language}: {count} that wait", "message", draw_card(facts, None, language)


def _searches(language: Language) -> Iterator[Drawing]:
    yield f"{language}: search", "modal", SearchModal.build("test", language)
    items = [replace(item, part=part) for item in _items() for part in (None, Part.CUSTOMER_SERVICE)]
    for name, found in (
        ("nothing", FoundCases()),
        ("one", FoundCases(items[:1])),
        ("as many as are shown", FoundCases((items * MOST_FOUND)[:MOST_FOUND], True)),
    ):
        drawn = SearchModal.build("test", language, HOSTILE, found, builders.AT)
        yield f"{language}: search that finds {name}", "modal", drawn


def _notices(language: Language) -> Iterator[Drawing]:
    facts = {"person": HOSTILE, "organisation": HOSTILE, "part": Part.CUSTOMER_ATTESTANT, "action": "attest"}
    sentence = refusal(language, "already_decided", facts | {"at": builders.AT})
    yield f"{language}: refusal", "modal", NoticeModal.build(language, "notice.refused", sentence)
    yield f"{language}: help as a modal", "modal", HelpModal.build(language, PARTS, PORTAL)
    yield f"{language}: help for a stranger", "modal", HelpModal.build(language, (), "")
