"""The barriers, over the pages of one's work: whatever somebody opens, follows or makes up holds nothing of others.

Who may know what is written here by hand, from the domain's own table (5.4).
"""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bot.acts.orders.decisions import AT_ONCE
from bot.web.working.visits import PageFollowing
from bot.wiring.acting import acting_of
from core.api import Action, CaseList, GrantRoles, PlaceOrder, Role, SetInvoices, Side, Surface, Unit
from core.storage import tables
from notifications.render import button_values
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    HELENA,
    KARIN,
    NPO_AGENT,
    REGION,
    SITHS,
)
from tests.web.working import working

CUSTOMER, AGENTS, INERA = Side.CUSTOMER, Side.AGENT, Side.INERA
READERS = {ANNA: CUSTOMER, BO: CUSTOMER, ADA: CUSTOMER, HELENA: AGENTS, ASTA: AGENTS, KARIN: INERA}
# A fact, as a page would say it -> the sides that may read it.
FACTS = {
    "HEMLIG-REF": {CUSTOMER, INERA},
    "Kommentar-kund": {CUSTOMER, INERA},
    "Anna Berg": {CUSTOMER, INERA},
    "Bo Ek": {CUSTOMER, INERA},
    "Helena Gran": {AGENTS, INERA},
    "Amir Haddad": {AGENTS, INERA},
    "Karin Jonsson": {INERA},
    "1 500 kr": {CUSTOMER, INERA},
    "(?<!1 )500 kr": {AGENTS, INERA},
    "Till-alla": {CUSTOMER, AGENTS, INERA},
    "Inom-agenten": {AGENTS, INERA},
    "Fråga-kund": {CUSTOMER},
    "Svar-kund": {CUSTOMER},
    "Inom-kunden": {CUSTOMER, INERA},
    "Paus-skäl": {CUSTOMER, INERA},
    "Fråga-inera": {CUSTOMER, INERA},
    "Svar-inera": {CUSTOMER, INERA},
    "Besked-agent": {AGENTS, INERA},
}
JOURNEY = (
    (HELENA, Action.APPROVE, {"certified": True, "comment": "Till-alla"}),
    (AMIR, Action.ATTEST, {"confirmed": True, "comment": "Inom-agenten"}),
    (BO, Action.REQUEST_COMPLETION, {"message": "Fråga-kund"}),
    (ANNA, Action.ANSWER, {"message": "Svar-kund"}),
    (BO, Action.ATTEST, {"confirmed": True, "comment": "Inom-kunden"}),
    (KARIN, Action.CLAIM, {}),
    (KARIN, Action.HOLD, {"reason": "Paus-skäl"}),
    (KARIN, Action.RESUME, {}),
    (KARIN, Action.REQUEST_COMPLETION, {"message": "Fråga-inera"}),
    (ANNA, Action.ANSWER, {"message": "Svar-inera"}),
    (KARIN, Action.INFORM_AGENT, {"message": "Besked-agent"}),
)
# After so many of them everybody looks.
LOOKED_AT = (0, 1, 3, 7, 9, len(JOURNEY))
MOST_PAGES = 60


@pytest.fixture
async def work(fresh_sqlite_url):
    async with working(fresh_sqlite_url) as made:
        yield made


async def everything(desk, case) -> str:
    """What stands on every page that links lead to, from every list of one's work and from a case."""
    ahead, pages = [f"/arbete/arende/{case}", *(f"/arbete?list={each}" for each in CaseList)], []
    found = set(ahead)
    while ahead and len(pages) < MOST_PAGES:
        await desk.open(ahead.pop(0))
        # Who is signed in stands on every page.
        main = desk.html.partition("<main")[2].partition("Du är inloggad som")[0]
        pages.append(" ".join(unescape(re.sub(r"<[^>]+>", " ", main)).replace("\xa0", " ").split()))
        links = [unescape(each) for each in re.findall(r'href="(/arbete[^"]*)"', desk.html)]
        ahead += [each for each in dict.fromkeys(links) if each not in found]
        found |= set(links)
    return "\n".join(pages)


@pytest.mark.slow
async def test_no_page_that_somebody_can_come_to_holds_a_fact_of_another_side(work):
    wish = PlaceOrder(
        by=ANNA, customer=REGION, offer=NPO_AGENT, units=(Unit("Norr"),), invoice_ref="HEMLIG-REF", terms_accepted=True,
        key="K", surface=Surface.API, agent=AGENT, technical_contact="it@example.org", comment="Kommentar-kund",
    )  # fmt: skip
    case = await work.joined.orders.place(wish)
    leaked, shown = [], {reader: "" for reader in READERS}
    for done in range(len(JOURNEY) + 1):
        if done in LOOKED_AT:
            for reader, side in READERS.items():
                async with work(reader) as desk:
                    text = await everything(desk, case.id)
                leaked += [(done, reader, fact) for fact in FACTS if side not in FACTS[fact] and re.search(fact, text)]
                shown[reader] += text
        if done < len(JOURNEY):
            person, action, words = JOURNEY[done]
            case = await work.act(case, person, action, **words)

    assert leaked == []
    # A test that looks at nothing does not pass.
    hidden = [
        (who, fact)
        for who in (ANNA, HELENA, KARIN)
        for fact in FACTS
        if READERS[who] in FACTS[fact] and not re.search(fact, shown[who])
    ]
    assert hidden == []


# --- organisations


PLANTED = ("planta.klinik@example.org", "Planta Klinik", "REF-KLINIK", "Klinikgatan 2")
AT_CLINIC = [
    ("kp.people", CLINIC),
    ("kp.people.more", f"{CLINIC}:P-david"),
    ("kp.person", f"{CLINIC}:P-david"),
    ("kp.add_person", CLINIC),
    ("kp.add_role", f"{CLINIC}:P-david"),
    ("kp.unlink", f"{CLINIC}:P-david"),
    ("kp.let_guest_in", f"{CLINIC}:P-david:slack:T1/U1"),
    ("kp.rename", f"{CLINIC}:P-david"),
    ("kp.holdings.more", f"{CLINIC}:0"),
    ("kp.end_connection", f"{CLINIC} siths-direkt "),
    *(("kp.organisation.menu", f"{form}:{CLINIC}") for form in ("invoices", "rules", "add_person", "holdings")),
]


@pytest.mark.parametrize("reader", [ADA, ANNA, HELENA])
async def test_nothing_of_an_organisation_is_shown_to_whoever_asks_for_it_by_its_id_and_has_no_role_there(work, reader):
    keep = work.joined.administration
    await keep.grant(GrantRoles(KARIN, CLINIC, PLANTED[0], PLANTED[1], frozenset({Role.ATTESTANT})))
    await keep.set_invoices(SetInvoices(KARIN, CLINIC, PLANTED[3], PLANTED[2]))

    async with work(reader) as desk:
        for act, more in AT_CLINIC:
            await desk.open(
                "/arbete/visa?" + urlencode({"_act": act, "_value": f"test||||0|0|{more}".replace("||||", "|||")})
            )

            assert desk.status in {403, 404, 409}, (act, desk.text)
            assert [fact for fact in (*PLANTED, "David Frid") if fact in desk.html] == [], act


FORMS = {
    "kp.grant": {"email": "ny@example.org", "name": "Ny Person", "roles:orderer": "1"},
    "kp.invoices": {"address": "Gatan 1", "reference": "REF"},
    "kp.rules": {},
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_form_about_another_organisation_changes_nothing_there(work, form):
    before = await everything_stored(work)
    async with work(ADA) as desk:
        await desk.open()
        sent = {
            "form_token": desk.form_token,
            "_name": form,
            "_about": f"test||||0|0\n{CLINIC}\n\n.".replace("||||", "|||"),
            "_do": "send",
        }
        answer = await desk.browser.post("/arbete/gor", data=sent | FORMS[form])

    assert answer.status_code == 403
    assert await everything_stored(work) == before


# --- opening


async def everything_stored(work):
    """All rows of the database but sessions, which note that they were used, and what history tells of refusals."""

    def read(connection):
        found = {}
        for table in tables.metadata.sorted_tables:
            if table.name not in {"sessions", "history", "paces"}:
                found[table.name] = [tuple(row) for row in connection.execute(select(table)).all()]
        changes = select(tables.history).where(tables.history.c.kind != "refusal")
        return found, [tuple(row) for row in connection.execute(changes).all()]

    return await work.database.read(read)


@pytest.mark.parametrize("reader", [KARIN, ADA, CECILIA])
async def test_whatever_changes_something_does_nothing_by_an_address_that_is_opened(work, reader):
    wish = PlaceOrder(CECILIA, REGION, SITHS, (), "REF-1", terms_accepted=True, key="K", surface=Surface.API)
    case = await work.joined.orders.place(wish)
    case = await work.act(case, BO, Action.ATTEST, confirmed=True)
    changing = set(acting_of(work.joined, PageFollowing(work.joined.follow_up)).own.changes)
    changing |= {button_values.action_id(each) for each in AT_ONCE}
    before = await everything_stored(work)

    async with work(reader) as desk:
        for act in sorted(changing):
            for value in (f"test||{case.id}|{case.step}|1", f"test|||0|0|{case.id}", "test|||0|0|1", "sv", "en"):
                for address in ("/arbete/visa", "/arbete/gor"):
                    answer = await desk.browser.get(address, params={"_act": act, "_value": value, "_do": "send"})
                    assert answer.status_code in {200, 404, 405, 409}, (address, act, value)

    assert len(changing) > 5
    assert await everything_stored(work) == before
