"""Whoever is asked by mail decides on a page, by the same rules; opening a page changes nothing."""

import re
from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from bot.config.settings import load_settings
from bot.main import join
from bot.web import Pages, Site
from bot.wiring.api_words import ApiWords
from bot.wiring.pages import deciding_of
from core.api import Action, ActOnCase, Answers, Asking, CaseQuery, Language, Seen, State, Surface, TechnicalContact
from core.http import preferred, status_of
from core.storage import tables
from core.storage.identity.personal_links import SqlPersonalLinks
from notifications.mail import mail_switch
from tests.contract.office import CHANNEL, TEAM_ID, TOKEN, account, open_office, via_agent
from tests.contract.test_mail import mailing
from tests.fakes.slack import Team
from tests.support.drawn.reached import on_page
from tests.support.machines.postoffice import post_office
from tests.support.machines.product import SECRET_KEY
from tests.support.world import contact, seed
from tests.support.world.eid import eid_service, identify
from tests.support.world.seed import AGENT, AMIR, ANNA, ASTA, BO, CECILIA, HELENA, REGION
from tests.web.reading import read

OUT_OF_SLACK = (ANNA, BO, CECILIA, HELENA, AMIR, ASTA)
SETTINGS = {
    "slack_bot_token": "xoxb-1",
    "slack_signing_secret": "a-signing-secret-of-the-tests",
    "slack_channel": "C0123456789",
    "portal_url": "https://portal.example.se",
    **contact.SETTINGS,
    "secret_key": SECRET_KEY,
    "environment": "test",
}


@pytest.fixture
def post():
    with post_office() as made:
        yield made


@pytest.fixture
async def office(fresh_sqlite_url, post):
    """An office where nobody at customer and agent has an account in Slack."""
    made = mailing(await open_office(fresh_sqlite_url), post)
    await made.database.write(lambda connection: mail_switch.turn_on(connection, Language.SV, made.clock()))
    await made.unlink(*OUT_OF_SLACK)
    without = tuple(account(person) for person, *_ in seed.PEOPLE if person not in OUT_OF_SLACK)
    made.slack.teams[0] = Team(TEAM_ID, TOKEN, without, (CHANNEL,))
    yield made
    await made.database.close()


@pytest.fixture
async def desk(office, fresh_sqlite_url):
    settings = load_settings(_env_file=None, database_url=fresh_sqlite_url, **SETTINGS)
    desk, _ = join(settings, office.database, office.slack)
    links = SqlPersonalLinks(office.database, "secret")
    drawer = office.delivery.drawer
    identification = replace(desk.identification, now=office.clock)
    made = {"orders": office.orders, "cards": office.store, "drawer": drawer, "links": links}
    yield replace(desk, now=office.clock, identification=identification, **made)
    await desk.tasks.drain(60)


@pytest.fixture
async def browser(desk):
    async with browsing(desk) as client:
        yield client


def browsing(desk):
    web = Pages(preferred, status_of, ApiWords(desk.queries))
    app = FastAPI(openapi_url=None)
    Site(web, deciding_of(desk, web).routes()).answer_in(app)
    transport = httpx.ASGITransport(app)
    headers = {"Accept": "text/html"}
    hooks = {"response": [on_page]}
    return httpx.AsyncClient(transport=transport, base_url="http://kundportal.test", headers=headers, event_hooks=hooks)


async def link_to(office, post, person=BO):
    """The path of the link in the person's latest mail."""
    await office.relay.drain()
    mail = post.to(f"{person.removeprefix('P-')}@example.org")[-1]
    found = re.search(r"/d/[\w-]{43}", mail.part("plain"))
    assert found is not None
    return found[0]


async def lines(office, case):
    """What history says of a case, and of refusals."""
    history = tables.history.c
    query = select(history.action, history.person_id, history.surface, history.assurance).where(
        history.case_id == case.id, history.kind == "change"
    )
    return await office.database.read(lambda connection: connection.execute(query.order_by(history.id)).all())


async def test_the_page_shows_the_order_as_the_card_would_and_what_may_be_done(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA), comment="Vi byter <b>journalsystem</b>")
    path = await link_to(office, post)

    answer = await browser.get(path)

    assert answer.status_code == 200
    assert "Att attestera" in answer.text
    assert case.id in answer.text
    assert "Vi byter &lt;b&gt;journalsystem&lt;/b&gt;" in answer.text
    offered = re.findall(rf'href="{path}/(\w+)"', answer.text)
    assert offered == ["attest", "reject", "request_completion", "hand_over", "recuse"]


async def test_the_page_shows_the_whole_order_below_as_there_is_no_button_for_it(office, post, browser) -> None:
    comment = "Vi byter journalsystem i april, och vill att alla enheter är med från den första dagen. Ring gärna."
    case = await office.place(by=Asking(ANNA), comment=comment, technical_contact="Ulf Teknik, 010-123 45 67")

    answer = await browser.get(await link_to(office, post))

    card, whole = answer.text.split("<summary>Visa hela beställningen</summary>")
    for fact in (comment, "Ulf Teknik", case.order.invoice_ref, "Läs villkoren", "återstår"):
        assert fact not in card, fact
        assert fact in whole, fact


async def test_an_attest_by_mail_is_an_attest(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    asked = await browser.get(f"{path}/attest")
    done = await browser.post(f"{path}/attest")

    assert "utan e-legitimation" in asked.text
    assert done.status_code == 200
    assert "Ditt svar är registrerat" in done.text
    assert "Attesterad av dig" in done.text or "Attesterad av Bo Ek" in done.text
    assert (await lines(office, case))[-1] == ("attest", BO, "mail", "mail_link")


async def look(office, case):
    """The case as it stands."""
    return (await office.orders.look(CaseQuery(case.id, None, office.clock()))).case


async def test_a_comment_by_mail_is_bounded_holds_no_personnummer_and_stands_by_the_decision(
    office, post, browser
) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    asked = await browser.get(f"{path}/attest")
    long = await browser.post(f"{path}/attest", data={"comment": "x" * 501})
    personal = await browser.post(f"{path}/attest", data={"comment": "Gäller 811218-9876"})
    before = await look(office, case)
    done = await browser.post(f"{path}/attest", data={"comment": "Gärna <b>i maj</b>"})

    assert "Visas hos Region Exempel och för Ineras kundservice." in asked.text
    assert (long.status_code, "Texten är för lång" in long.text) == (422, True)
    assert (personal.status_code, "personnummer" in personal.text) == (422, True)
    assert before.state is State.AWAITING_CUSTOMER_ATTEST
    assert "Gärna &lt;b&gt;i maj&lt;/b&gt;" in done.text
    assert (await look(office, case)).decisions[-1].comment == "Gärna <b>i maj</b>"


async def test_a_link_is_used_once(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    await browser.post(f"{path}/attest")

    for method, address in (("POST", f"{path}/attest"), ("POST", f"{path}/reject"), ("GET", path)):
        again = await browser.request(method, address)
        assert again.status_code == 410
        assert "Länken användes" in again.text

    assert len(await lines(office, case)) == 2


@pytest.mark.parametrize("headers", [{}, {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}, {"Accept": "*/*"}])
async def test_a_scanner_that_opens_everything_changes_nothing(office, post, browser, headers) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    before = await everything(office)

    for action in ("", *(f"/{each}" for each in Action)):
        for method in ("GET", "HEAD", "OPTIONS"):
            await browser.request(method, path + action, headers=headers)

    assert await everything(office) == before
    assert (await browser.post(f"{path}/attest")).status_code == 200
    assert (await lines(office, case))[-1].action == "attest"


async def everything(office):
    def rows(connection):
        return {table.name: connection.execute(select(table)).all() for table in tables.metadata.tables.values()}

    return await office.database.read(rows)


async def test_a_rejection_by_mail_takes_a_reason(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    form = await browser.get(f"{path}/reject")
    empty = await browser.post(f"{path}/reject", data={"reason_code": "no_budget", "reason": " "})
    await browser.post(f"{path}/reject", data={"reason_code": "no_budget", "reason": "Ryms inte i år"})

    assert re.search(r'<textarea [^>]*name="reason"', form.text)
    assert "Skriv inga patientuppgifter eller personnummer." in form.text
    assert empty.status_code == 422
    assert 'aria-invalid="true"' in empty.text
    assert ">Varför avslår du? Skriv en motivering.</a>" in empty.text
    assert '<option value="no_budget" selected>' in empty.text
    await office.relay.drain()
    (*_, told) = post.to("anna@example.org")
    assert "Ryms inte i år" in told.part("plain")
    assert (await lines(office, case))[-1].action == "reject"


async def test_a_reminder_by_mail_leads_to_the_same_decision(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    await office.relay.drain()
    office.clock.at = case.due_at
    await office.orders.run_clock()

    path = await link_to(office, post)
    mail = post.to("bo@example.org")[-1]
    done = await browser.post(f"{path}/attest")

    assert mail.message["Subject"].startswith(f"Påminnelse: beställning {case.id} (")
    assert "har väntat på svar sedan 25 november 2026" in mail.part("plain").replace("\u00a0", " ")
    assert done.status_code == 200
    assert (await lines(office, case))[-1] == ("attest", BO, "mail", "mail_link")


async def test_whether_to_keep_an_order_is_asked_and_answered_by_mail(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    for _ in range(4):
        # What was told before has been sent when the next is.
        await office.relay.drain()
        office.clock.at = (await look(office, case)).due_at
        await office.orders.run_clock()

    path = await link_to(office, post, ANNA)
    done = await browser.post(f"{path}/keep")

    assert "BEHÅLLA ELLER TA TILLBAKA?" in post.to("anna@example.org")[-1].part("plain")
    assert done.status_code == 200
    assert (await lines(office, case))[-1][:3] == ("keep", ANNA, "mail")


async def test_a_question_by_mail_is_answered_by_mail(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    await browser.post(f"{path}/request_completion", data={"message": "Vilken enhet gäller det?"})
    back = await link_to(office, post, ANNA)
    page = await browser.get(back)
    done = await browser.post(f"{back}/answer", data={"message": "Norr"})

    assert "Vilken enhet gäller det?" in page.text
    assert done.status_code == 200
    assert [line.action for line in await lines(office, case)][:3] == ["submit", "request_completion", "answer"]
    await office.relay.drain()
    assert "Norr" in post.to("bo@example.org")[-1].part("plain")


async def test_an_approval_by_mail_takes_a_certificate_and_a_choice_of_attestant(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA), **via_agent())
    path = await link_to(office, post, HELENA)

    form = await browser.get(f"{path}/approve")
    without = await browser.post(f"{path}/approve", data={"attestant": AMIR})
    await browser.post(f"{path}/approve", data={"certified": "yes", "attestant": AMIR})

    assert f'value="{AMIR}"' in form.text
    assert without.status_code == 422
    (approved,) = [each for each in await lines(office, case) if each.action == "approve"]
    assert (approved.person_id, approved.assurance) == (HELENA, "mail_link")
    assert await office.database.read(
        lambda connection: connection.scalar(select(tables.cases.c.chosen_attestant_id))
    ) == (AMIR)


async def test_whoever_declares_a_conflict_of_interest_by_mail_is_out(office, post, browser) -> None:
    await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    done = await browser.post(f"{path}/recuse")

    assert done.status_code == 200
    assert "Du har anmält jäv" in done.text


async def test_handing_over_by_mail_asks_a_colleague(office, post, browser) -> None:
    await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    form = await browser.get(f"{path}/hand_over")
    nobody = await browser.post(f"{path}/hand_over")
    done = await browser.post(f"{path}/hand_over", data={"to": CECILIA})

    assert "Cecilia" in form.text
    assert nobody.status_code == 422
    assert "Du har lämnat över beställningen" in done.text


async def standing(office, case):
    """The order as it stands."""
    return (await office.orders.look(CaseQuery(case.id, None, office.clock()))).case


async def asked_by_mail(office, post, browser, **order):
    """An order that waits for its orderer's answer, and the path of the link to answer by."""
    case = await office.place(by=Asking(ANNA), **order)
    attest = await link_to(office, post)
    await browser.post(f"{attest}/request_completion", data={"message": "Vilken avdelning?"})
    return case, await link_to(office, post, ANNA)


async def test_a_question_is_answered_with_changed_fields_by_mail(office, post, browser) -> None:
    case, path = await asked_by_mail(office, post, browser, desired_start=date(2027, 2, 1))

    form = read((await browser.get(f"{path}/answer")).text)
    assert "Vilken avdelning?" in form.text
    assert (form.fields["invoice_ref"], form.fields["desired_start"]) == (case.order.invoice_ref, "2027-02-01")
    changed = form.fields | {"invoice_ref": "NY-REF", "desired_start": "2027-03-01"}
    done = await browser.post(f"{path}/answer", data=changed)

    assert done.status_code == 200
    after = await standing(office, case)
    assert (after.order.invoice_ref, after.order.desired_start) == ("NY-REF", date(2027, 3, 1))
    assert (after.content_version, after.state) == (2, State.AWAITING_CUSTOMER_ATTEST)
    assert (await lines(office, case))[2] == ("answer", ANNA, "mail", "mail_link")


async def test_words_alone_change_nothing_of_the_order(office, post, browser) -> None:
    case, path = await asked_by_mail(office, post, browser)
    form = read((await browser.get(f"{path}/answer")).text)

    await browser.post(f"{path}/answer", data=form.fields | {"message": "Norr"})

    after = await standing(office, case)
    assert (after.content_version, after.order) == (1, case.order)


async def test_an_answer_without_words_or_change_is_asked_for_again(office, post, browser) -> None:
    case, path = await asked_by_mail(office, post, browser)
    form = read((await browser.get(f"{path}/answer")).text)

    answer = await browser.post(f"{path}/answer", data=form.fields)

    assert answer.status_code == 422
    assert "Skriv ett svar eller ändra uppgifterna" in answer.text
    assert (await standing(office, case)).state is State.COMPLETION_REQUESTED


async def test_what_is_wrong_with_a_changed_order_stands_at_its_field_and_nothing_is_lost(
    office, post, browser
) -> None:
    _, path = await asked_by_mail(office, post, browser)
    form = read((await browser.get(f"{path}/answer")).text)

    wrong = form.fields | {"invoice_ref": "", "units": "Norr; SE12", "message": "Se <här>"}
    first = read((await browser.post(f"{path}/answer", data=wrong)).text)
    second = read((await browser.post(f"{path}/answer", data=wrong | {"units": ""})).text)
    undated = await browser.post(f"{path}/answer", data=form.fields | {"desired_start": "i vår"})

    assert first.invalid == ["units", "invoice_ref"]
    assert second.invalid == ["invoice_ref"]
    assert first.fields["message"] == "Se <här>"
    assert undated.status_code == 422
    assert read(undated.text).invalid == ["desired_start"]


async def test_the_agent_is_changed_by_mail_too(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA), **via_agent())
    approve = await link_to(office, post, HELENA)
    await browser.post(f"{approve}/request_completion", data={"message": "Rätt agent?"})
    path = await link_to(office, post, ANNA)

    form = read((await browser.get(f"{path}/answer")).text)
    await browser.post(
        f"{path}/answer",
        data=form.fields | {"technical_contact.name": "Tea Tek", "technical_contact.phone": "08-12 34 56"},
    )

    assert form.fields["agent"] == AGENT
    assert "existing" in form.attributes
    after = await standing(office, case)
    assert (after.order.technical_contact, after.content_version) == (
        TechnicalContact("Tea Tek", phone="+468123456"),
        1,
    )


async def test_what_somebody_else_has_decided_is_told_and_nothing_is_offered(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    seen = Seen(case.step, case.content_version)
    attest = ActOnCase(case.id, Action.ATTEST, Asking(CECILIA), Surface.API, seen, Answers(confirmed=True))
    await office.orders.act(attest)

    page = await browser.get(path)
    late = await browser.post(f"{path}/attest")

    assert "Attesterad av Cecilia" in page.text
    assert f"{path}/" not in page.text
    assert late.status_code == 409
    assert "Cecilia" in late.text
    assert "Ditt svar har inte registrerats" in late.text


async def test_history_says_who_was_refused_by_a_link_and_what(office, post, browser, desk) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    seen = Seen(case.step, case.content_version)
    attest = ActOnCase(case.id, Action.ATTEST, Asking(CECILIA), Surface.API, seen, Answers(confirmed=True))
    await office.orders.act(attest)

    await browser.post(f"{path}/attest")
    await desk.tasks.drain(60)

    history = tables.history.c
    refusals = select(history.case_id, history.person_id, history.action).where(history.kind == "refusal")
    told = await office.database.read(lambda connection: connection.execute(refusals).all())
    assert told == [(case.id, BO, "attest")]


async def test_an_old_link_does_not_decide_what_the_order_has_become(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    seen = Seen(case.step, case.content_version)
    ask = ActOnCase(case.id, Action.REQUEST_COMPLETION, Asking(CECILIA), Surface.API, seen, Answers(message="Vad?"))
    asked = (await office.orders.act(ask)).after
    seen = Seen(asked.step, asked.content_version)
    await office.orders.act(
        ActOnCase(case.id, Action.ANSWER, Asking(ANNA), Surface.API, seen, Answers(message="Det här"))
    )

    page = await browser.get(path)
    late = await browser.post(f"{path}/attest")
    new = await link_to(office, post)

    assert "nyare meddelande" in page.text
    assert late.status_code == 409
    assert new != path
    assert (await browser.post(f"{new}/attest")).status_code == 200


async def test_roles_are_read_at_the_press(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    held = tables.role_assignments
    await office.change(held, held.c.person_id == BO, valid_to=office.clock() - timedelta(days=1))

    for method, address in (("GET", path), ("POST", f"{path}/attest")):
        late = await browser.request(method, address)
        assert late.status_code == 403
        assert case.id not in late.text

    assert len(await lines(office, case)) == 1


async def test_a_link_shows_nothing_of_what_came_after_the_role_was_over(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    held = tables.role_assignments
    await office.change(held, held.c.person_id == BO, organisation_id=AGENT)
    seen, why = Seen(case.step, case.content_version), Answers(reason="Ej nu", internal="Bo slutade")
    await office.orders.act(ActOnCase(case.id, Action.REJECT, Asking(CECILIA), Surface.MAIL, seen, why))

    late = await browser.get(path)

    assert late.status_code == 403
    assert not any(word in late.text for word in (case.id, "Ej nu", "Bo slutade"))


async def test_whoever_has_left_sees_and_decides_nothing(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    await office.change(tables.persons, tables.persons.c.id == BO, active=False)

    for method, address in (("GET", path), ("GET", f"{path}/attest"), ("POST", f"{path}/attest")):
        late = await browser.request(method, address)
        assert late.status_code == 403
        assert case.id not in late.text


async def test_what_cannot_be_done_is_told_above_the_order_with_what_can(office, post, browser) -> None:
    await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    await office.change(tables.persons, tables.persons.c.id == CECILIA, active=False)

    answer = await browser.get(f"{path}/hand_over")

    assert answer.status_code == 409
    assert "har ingen annan som kan besluta" in answer.text
    assert f'href="{path}/attest"' in answer.text


async def test_where_more_than_a_link_is_asked_for_the_rule_says_so(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    await office.change(tables.organisations, tables.organisations.c.id == REGION, eid_from_ore=0)

    no = await browser.post(f"{path}/attest")

    assert no.status_code == 403
    assert "e-legitimation" in no.text
    assert len(await lines(office, case)) == 1


async def test_a_decision_that_needs_identification_leads_to_where_one_identifies(office, post, desk) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    await office.change(tables.organisations, tables.organisations.c.id == REGION, eid_from_ore=0)
    async with eid_service() as method:
        identification = replace(desk.identification, method=method)
        browser = browsing(replace(desk, identification=identification))

        opened = await browser.get(f"{path}/attest")
        begun = await browser.post(f"{path}/attest")

        assert (opened.status_code, begun.status_code) == (403, 403)
        for answer in (opened, begun):
            assert "kräver e-legitimation för ett så högt belopp" in answer.text
        assert read(opened.text).links.keys().isdisjoint({"Legitimera dig"})
        assert f'<form method="post" action="{path}/attest">' in opened.text
        address = read(begun.text).links["Legitimera dig"]
        assert set(await identify(address, "somebody")) == {"code"}
    assert len(await lines(office, case)) == 1


async def test_without_a_way_to_identify_it_says_whom_to_contact(office, post, browser) -> None:
    await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    await office.change(tables.organisations, tables.organisations.c.id == REGION, eid_from_ore=0)

    for method in ("GET", "POST"):
        answer = await browser.request(method, f"{path}/attest")
        assert answer.status_code == 403
        assert "Region Exempel kräver e-legitimation" in answer.text
        assert "ta bort kravet under Attest och påminnelser, eller kontakta Ineras" in read(answer.text).text
        # The order may be rejected all the same.
        assert f'href="{path}/reject"' in answer.text


async def test_a_personal_number_is_kept_out_and_what_was_typed_is_not_lost(office, post, browser) -> None:
    await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    again = await browser.post(f"{path}/reject", data={"reason_code": "other", "reason": "Gäller 19121212-1212"})

    assert again.status_code == 422
    assert "personnummer" in again.text
    assert "Gäller 19121212-1212" in again.text


async def test_a_link_that_has_expired_says_what_to_do(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)
    ends = case.wait.closes
    office.clock.at = ends - timedelta(seconds=1)
    assert (await browser.get(path)).status_code == 200
    office.clock.at = ends

    answer = await browser.get(path)

    assert answer.status_code == 410
    assert "Kontakta annars Ineras kundservice" in read(answer.text).text


@pytest.mark.parametrize("wrong", ["/d/", "/d/x", "/d/" + "A" * 43, "/d/" + "A" * 43 + "/attest", "/d/%00/attest"])
async def test_a_link_that_nobody_made_says_what_to_do(office, post, browser, wrong) -> None:
    for method in ("GET", "POST"):
        answer = await browser.request(method, wrong)
        assert answer.status_code in {404, 405}
        assert "<h1>" in answer.text


async def test_no_action_but_those_of_the_table_is_taken(office, post, browser) -> None:
    case = await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    for action in ("nonsense", "claim", "expire", "approve", "withdraw"):
        assert (await browser.post(f"{path}/{action}")).status_code in {403, 404, 409}

    assert len(await lines(office, case)) == 1


async def test_the_page_follows_the_language_asked_for(office, post, browser) -> None:
    await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    answer = await browser.get(f"{path}?lang=en")

    assert "What do you want to do?" in answer.text
    assert f'href="{path}/attest?lang=en"' in answer.text


async def test_whoever_has_decided_is_told_where_others_wait_and_can_go_on(office, post, browser) -> None:
    await office.place(by=Asking(ANNA))
    path = await link_to(office, post)

    done = (await browser.post(f"{path}/attest")).text

    assert "egen länk i ett eget mejl" in done
    assert '<a href="/">Till startsidan</a>' in done
