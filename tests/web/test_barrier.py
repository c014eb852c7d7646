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
from core.api import Action, Asking, CaseList, GrantRoles, PlaceOrder, Role, SetInvoices, Side, Surface, Unit
from core.storage import tables
from notifications.render import button_values
from tests.contract.office import connect
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    CLINIC,
    DAVID,
    HELENA,
    KARIN,
    NOW,
    NPO_AGENT,
    NPO_KONSUMENT,
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
        by=Asking(ANNA), customer=REGION, offer=NPO_AGENT, units=(Unit("Norr"),), invoice_ref="HEMLIG-REF",
        terms_accepted=True, key="K", surface=Surface.API, agent=AGENT, technical_contact="it@example.org",
        comment="Kommentar-kund",
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
    ("kp.end_connection", f"{CLINIC} siths-direkt  connected"),
    *(("kp.organisation.menu", f"{form}:{CLINIC}") for form in ("invoices", "rules", "add_person", "holdings")),
]


@pytest.mark.parametrize("reader", [ADA, ANNA, HELENA])
async def test_nothing_of_an_organisation_is_shown_to_whoever_asks_for_it_by_its_id_and_has_no_role_there(work, reader):
    keep = work.joined.administration
    await keep.grant(GrantRoles(Asking(KARIN), CLINIC, PLANTED[0], PLANTED[1], frozenset({Role.ATTESTANT})))
    await keep.set_invoices(SetInvoices(Asking(KARIN), CLINIC, PLANTED[3], PLANTED[2]))

    async with work(reader) as desk:
        for act, more in AT_CLINIC:
            await desk.open(
                "/arbete/visa?" + urlencode({"_act": act, "_value": f"test||||0|0|{more}".replace("||||", "|||")})
            )

            assert desk.status in {403, 404, 409}, (act, desk.text)
            assert [fact for fact in (*PLANTED, "David Frid", "Kliniken AB") if fact in desk.html] == [], act


@pytest.mark.parametrize("reader", [ADA, HELENA])
async def test_a_list_narrowed_to_an_organisation_names_it_to_those_who_read_something_of_it(work, reader):
    async with work(reader) as desk:
        await desk.open(f"/arbete?list=organisation&organisation={CLINIC}")
        assert "Kliniken AB" not in desk.html

    await connects(work)
    async with work(reader) as desk:
        await desk.open(f"/arbete?list=organisation&organisation={CLINIC}")
        assert ("Kliniken AB" in desk.html) == (reader is HELENA)


@pytest.mark.parametrize("reader", [ANNA, HELENA])
async def test_an_organisation_of_others_and_none_at_all_answer_alike(work, reader):
    async with work(reader) as desk:
        for act, more in AT_CLINIC:
            said = []
            for organisation in (CLINIC, "O-nowhere"):
                value = f"test|||0|0|{more.replace(CLINIC, organisation)}"
                await desk.open("/arbete/visa?" + urlencode({"_act": act, "_value": value}))
                said.append((desk.status, desk.text))

            assert said[0] == said[1], act


async def connects(work):
    """A unit of the clinic's has what Anna's region may order too, through the agent."""
    attests = GrantRoles(Asking(KARIN), CLINIC, PLANTED[0], PLANTED[1], frozenset({Role.ATTESTANT}))
    await work.joined.administration.grant(attests)
    wish = PlaceOrder(
        by=Asking(DAVID), customer=CLINIC, offer=NPO_AGENT, units=(Unit("Klinikens enhet"),), invoice_ref="REF-KLINIK",
        terms_accepted=True, key="K", surface=Surface.API, agent=AGENT, technical_contact="it@example.org",
    )  # fmt: skip
    case = await work.joined.orders.place(wish)
    await work.database.write(lambda connection: connect(connection, case, NOW, {}))


ORDERED = {"units": "Klinikens enhet", "existing": "add", "invoice_ref": "REF-1", "terms_accepted": "1"}


@pytest.mark.parametrize("does", ["act kp.units units", "send", "act kp.offers offer.O-clinic", "_seek"])
async def test_the_order_form_says_nothing_of_what_another_organisation_has(work, does):
    await connects(work)
    async with work(ANNA) as desk:
        await desk.open()
        sent = ORDERED | {
            f"offer.{CLINIC}": NPO_KONSUMENT,
            "form_token": desk.form_token,
            "_name": "kp.order",
            "_about": "test|||0|0\nx.",
            "_drawn_by": "kp.new_order test|||0|0",
            "_key": "K",
            "_do": does,
        }
        answer = await desk.browser.post("/arbete/gor", data=sent)

    said = answer.text.replace("Klinikens enhet\n</textarea>", "").replace("Klinikens enhet</textarea>", "")
    assert [fact for fact in ("Kliniken AB", "Klinikens enhet", "REF-KLINIK") if fact in said] == []
    assert answer.status_code < 500


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
    wish = PlaceOrder(Asking(CECILIA), REGION, SITHS, (), "REF-1", terms_accepted=True, key="K", surface=Surface.API)
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
                    assert answer.status_code in {200, 400, 404, 405, 409}, (address, act, value)

    assert len(changing) > 5
    assert await everything_stored(work) == before


# --- what no page offers, and nobody's cases

MADE_UP = (
    {},
    {"_do": "send"},
    {"_do": "jump"},
    {"_do": "act"},
    {"_do": "act kp.nothing"},
    {"_do": "act kp.nothing test|||0|0"},
    {"_do": "act kp.attest test|"},
    {"_do": "act " + "x" * 3000},
    {"_act": "kp.nothing", "_value": "test|||0|0"},
    {"_act": "", "_value": ""},
    {"_act": "kp.people", "_value": "nonsense"},
    {"_do": "send", "_name": "kp.nothing", "_about": "test|||0|0\nx."},
    {"_do": "send", "_name": "kp.confirm", "_about": ""},
    {"_do": "send", "_name": "kp.confirm", "_about": "test|||0|0"},
    {"_do": "_seek", "_drawn_by": "kp.nothing test|||0|0"},
    {"_do": "_seek", "_drawn_by": ""},
    {"_act": "kp.end_substitute", "_value": f"test|||0|0|{'9' * 25}"},
    {"_act": "kp.holdings.more", "_value": f"test|||0|0|{REGION}:{'9' * 5_000}"},
    {"_do": f"act kp.history.older test|||0|0|{'9' * 5_000}", "_name": "kp.details", "_about": "test|||0|0"},
    {"_do": f"act kp.role.menu test|||0|0|x:{REGION}:{'9' * 5_000}", "_name": "kp.x", "_about": "test|||0|0"},
    {"_do": "send", "_was.x": "kp.nothing y", "x": "z", "_name": "kp.order", "_about": "test|||0|0\nx."},
)


@pytest.mark.parametrize("sent", MADE_UP)
async def test_what_no_form_sends_is_a_bad_request_and_changes_nothing(work, sent):
    before = await everything_stored(work)
    async with work(ANNA) as desk:
        await desk.open()
        answer = await desk.browser.post("/arbete/gor", data={"form_token": desk.form_token} | sent)

    assert answer.status_code == 400
    assert "inget har registrerats" in answer.text or "Knappen används inte längre" in answer.text
    assert await everything_stored(work) == before


@pytest.mark.parametrize("reader", [DAVID, HELENA, ASTA])
async def test_a_case_of_others_and_none_at_all_answer_alike(work, reader):
    wish = PlaceOrder(Asking(CECILIA), REGION, SITHS, (), "REF-1", terms_accepted=True, key="K", surface=Surface.API)
    case = (await work.joined.orders.place(wish)).id
    acts = [*(button_values.action_id(each) for each in Action), "kp.details", "kp.history", "kp.follow"]
    async with work(reader) as desk:
        await desk.open()
        said = {}
        for number in (case, "B-2222222"):
            await desk.open(f"/arbete/arende/{number}")
            said[number] = [(desk.status, desk.text.replace(number, ""))]
            for act in acts:
                for step in (1, 7):
                    value = f"test||{number}|{step}|1"
                    sent = {"form_token": desk.form_token, "_act": act, "_value": value}
                    answer = await desk.browser.post("/arbete/gor", data=sent)
                    text = re.sub(r"<[^>]+>|value=\"[^\"]*\"", " ", answer.text).replace(number, "")
                    said[number].append((act, step, answer.status_code, " ".join(text.split())))

    assert said[case] == said["B-2222222"]


ADMINISTERS = f"test|||0|0\n{REGION}\n"
ANNAS = f"person:{REGION}:{ANNA}"
TOO_MUCH = (
    {"_do": "send", "_name": "kp.end_role", "_about": f"{ADMINISTERS}{'9' * 25}\n."},
    {"_do": "send", "_name": "kp.rename", "_about": f"{ADMINISTERS}\n{ANNAS}", "name": "   "},
    {"_do": "send", "_name": "kp.rename", "_about": f"{ADMINISTERS}\n{ANNAS}", "name": "\u200b"},
    {"_act": "kp.list.service", "_value": "x", "_about": "test|||0|0\n" + "[" * 2_000},
    {"_act": "kp.list.service", "_value": "x", "_about": 'test|||0|0\n["waiting", "oldest", 1e999, "", ""]'},
    {
        "_do": "send",
        "_name": "kp.search",
        "_about": "test|||0|0.",
        "sought": " ".join(map("ord{}".format, range(3_000))),
    },
)


@pytest.mark.parametrize("sent", TOO_MUCH, ids=range(len(TOO_MUCH)))
async def test_more_than_anybody_types_is_answered_and_changes_nothing(work, sent):
    before = await everything_stored(work)
    async with work(ADA) as desk:
        await desk.open()
        answer = await desk.browser.post("/arbete/gor", data={"form_token": desk.form_token} | sent)

    assert answer.status_code < 500
    assert await everything_stored(work) == before
