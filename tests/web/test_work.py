"""Whoever has no Slack does the same work on pages: read, ordered, decided, kept and refused as everywhere."""

import json
import re
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import insert, select

from bot.main import now
from bot.views.home.inbox import AT_A_GLANCE
from core.api import AUTHORITY, Action, Assurance, CaseId, Language, Surface
from core.storage import tables
from tests.flow.office import today
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    BO,
    CECILIA,
    ERIK,
    HELENA,
    INERA,
    KALLE,
    KARIN,
    LONG_AGO,
    NPO_AGENT,
    PEOPLE,
    REGION,
    RUT,
    SITHS,
    TEAM,
    role_assignment,
)
from tests.support.world.signed_in import sign_in
from tests.support.world.stored import let_wait
from tests.web.filling import TYPED, opened
from tests.web.working import PUBLIC_URL, working


@pytest.fixture
async def work(fresh_sqlite_url):
    """Lets somebody sit down at the pages of the product."""
    async with working(fresh_sqlite_url) as made:
        yield made


@pytest.fixture
def database(work):
    return work.database


CONTACT = {"technical_contact.name": "Tor Tekniker", "technical_contact.email": "tor@example.org"}


async def ordered(work, by=ANNA, offer=SITHS, **more: str) -> CaseId:
    """What somebody orders on the page, from the empty form to the end; the form is drawn anew for the offer."""
    async with work(by) as desk:
        await (await desk.open()).follow("Ny beställning")
        await desk.update(**{desk.name_of("offer"): offer})
        await desk.send(**{"units": "Norr", "invoice_ref": "REF-1", "terms_accepted": "1"} | more)
        assert desk.posted == 303, desk.text
        return CaseId(next(word.strip(".") for word in desk.text.split() if word.startswith("B-")))


async def does(work, person, case, action, *, in_form=False, **typed: str) -> str:
    """Somebody opens a case, does something to it, in a form where one opens, and reads what came of it."""
    async with work(person) as desk:
        await desk.open(f"/arbete/arende/{case}")
        if not in_form:
            return (await desk.press(action)).text
        await desk.follow(action)
        await desk.send(**typed)
        assert desk.posted == 303, desk.text
        return desk.text


async def test_whoever_is_not_signed_in_is_led_to_where_one_does_and_back(work):
    async with work(BO) as desk:
        desk.browser.cookies.clear()
        answer = await desk.browser.get("/arbete/arende/B-2345678")

    assert (answer.status_code, answer.headers["location"]) == (303, "/logga-in?next=%2Farbete%2Farende%2FB-2345678")


@pytest.mark.parametrize("person", [each[0] for each in PEOPLE])
async def test_everybody_has_a_page_to_begin_at(work, person):
    async with work(person) as desk:
        await desk.open()

    assert (desk.status, desk.page.heading != "") == (200, True)
    assert re.search(r"<title>(Väntar på dig|Waiting for you)( \(\d+\))? – Kundportalen</title>", desk.html), desk.html


@pytest.mark.parametrize(
    "page", ["", "/visa?_act=kp.help&_value=test|||0|0", "/visa?_act=kp.new_order", "/visa?_act=x"]
)
async def test_whoever_works_can_sign_out_on_whatever_page_is_open(work, page):
    async with work(ANNA) as desk:
        await desk.open(f"/arbete{page}")
        await desk.press("Logga ut")
        answer = await desk.browser.get("/arbete")

    assert (answer.status_code, answer.headers["location"]) == (303, "/logga-in?next=%2Farbete")


async def test_an_order_goes_from_form_to_end_without_slack_for_anybody(work, database):
    case = await ordered(work)

    async with work(BO) as desk:
        assert (await desk.open()).page.links["Visa"] == f"/arbete/arende/{case}"
    assert "Klart. Du valde ”Attestera”." in await does(work, BO, case, "Attestera", in_form=True)
    assert "Klart. Du valde ”Ta ärendet”." in await does(work, KARIN, case, "Ta ärendet")
    await does(work, KARIN, case, "Skicka instruktion", in_form=True, message="Så här gör ni.")
    async with work(ANNA) as desk:
        assert "Så här gör ni." in (await desk.open(f"/arbete/arende/{case}")).text

    rows = await history(database, case)
    assert [(row.action, row.surface) for row in rows] == [
        (action, Surface.WEB) for action in (Action.SUBMIT, Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)
    ]
    assert {row.assurance for row in rows} == {Assurance.MAIL_LINK}


async def test_an_order_through_an_agent_is_approved_and_attested_on_pages(work):
    case = await ordered(work, offer=NPO_AGENT, agent=AGENT, **CONTACT)

    await does(work, HELENA, case, "Godkänn", in_form=True, certified="1")
    await does(work, AMIR, case, "Attestera", in_form=True)
    await does(work, BO, case, "Attestera", in_form=True)
    await does(work, KARIN, case, "Ta ärendet")
    await does(work, KARIN, case, "Informera agenten", in_form=True)

    async with work(ANNA) as desk:
        assert "Agenten kan påbörja anslutningen" in (await desk.open(f"/arbete/arende/{case}")).text


async def test_customer_service_fetches_the_file_of_an_application_where_it_reads_it(work, database):
    async with work(KARIN) as desk:
        proof = ("a.pdf", b"%PDF-1.7 proof", "application/pdf")
        form = await opened(desk.browser)
        answer = await desk.browser.post("/ansok", data=form.fields | TYPED | {"do": "send"}, files={AUTHORITY: proof})
        case = answer.headers["location"].rpartition("/")[2].partition("?")[0]

        await desk.open(f"/arbete/arende/{case}")
        assert "PDF, 1 kB, bifogat" in desk.text
        await desk.press("Hämta beviset")
        file = await desk.browser.get(desk.page.links["Hämta filen"].removeprefix(PUBLIC_URL))

    assert (file.content, file.headers["content-disposition"].partition(";")[0]) == (proof[1], "attachment")


async def test_whoever_hears_a_button_hears_first_what_stands_on_it_and_that_once(work):
    case = await ordered(work)
    async with work(BO) as desk:
        await desk.open(f"/arbete/arende/{case}")

    assert 'aria-label="Avslå: SITHS, Region Exempel"' in desk.html


async def test_the_lead_takes_over_on_the_page_what_a_colleague_has_who_then_reads_who_has_it(work, database):
    role = role_assignment(HELENA, INERA, "customer_service_lead")
    await database.write(lambda c: c.execute(insert(tables.role_assignments), role))
    case = await ordered(work)
    await does(work, BO, case, "Attestera", in_form=True)
    await does(work, KARIN, case, "Ta ärendet")

    async with work(KALLE) as desk:
        assert "Ta över ärendet" not in (await desk.open(f"/arbete/arende/{case}")).text
    async with work(KARIN) as slow:
        await slow.open(f"/arbete/arende/{case}")
        assert "Klart. Du valde ”Ta över ärendet”." in await does(work, HELENA, case, "Ta över ärendet")
        assert "Helena Gran har tagit ärendet." in (await slow.press("Släpp ärendet")).text
    async with work(HELENA) as desk:
        assert "Skicka instruktion" in (await desk.open(f"/arbete/arende/{case}")).text


async def test_whoever_at_customer_service_has_a_conflict_of_interest_has_nothing_to_take_on_the_own_page(work):
    case = await ordered(work)
    await does(work, BO, case, "Attestera", in_form=True)
    await does(work, KARIN, case, "Jag är jävig", in_form=True)

    pages = []
    for person in (KARIN, KALLE):
        async with work(person) as desk:
            pages.append((await desk.open(f"/arbete/arende/{case}")).text)

    assert ["Ta ärendet" in page for page in pages] == [False, True]


async def test_a_question_is_answered_and_the_order_goes_on(work):
    case = await ordered(work)

    await does(work, BO, case, "Begär komplettering", in_form=True, message="Vilken enhet?")
    await does(work, ANNA, case, "Svara och skicka", in_form=True, message="Norr.")

    async with work(BO) as desk:
        assert "Norr." in (await desk.open(f"/arbete/arende/{case}")).text


async def test_a_form_that_lacks_something_keeps_what_was_typed_and_says_what(work):
    case = await ordered(work)
    async with work(BO) as desk:
        await desk.open(f"/arbete/arende/{case}")
        await desk.follow("Avslå")
        await desk.send(reason_code="", reason="För dyrt <b>nu</b>")

        assert desk.status == 422
        assert "För dyrt &lt;b&gt;nu&lt;/b&gt;" in desk.html
        assert 'aria-invalid="true"' in desk.html


async def test_an_order_says_all_that_is_wrong_at_once(work):
    async with work(ANNA) as desk:
        await (await desk.open()).follow("Ny beställning")
        await desk.update(**{desk.name_of("offer"): NPO_AGENT})
        await desk.send(units="Norr; SE12", **{"technical_contact.name": "Tor Tekniker"})

        assert desk.status == 422
        for said in (
            "Välj vilken agent beställningen ska gå via.",
            "”SE12” är inget HSA-id.",
            "Skriv er fakturareferens.",
            "Skriv e-postadress eller telefonnummer till den som du har angett.",
            "Läs villkoren och markera rutan för att kunna beställa.",
        ):
            assert said in desk.text


async def test_whoever_comes_second_reads_what_the_first_decided_and_changes_nothing(work, database):
    case = await ordered(work)
    async with work(CECILIA, "en") as slow:
        await (await slow.open(f"/arbete/arende/{case}")).follow("Attest")
        await does(work, BO, case, "Attestera", in_form=True)
        await slow.send()

        assert slow.status == 409
        assert "Bo Ek" in slow.text
    assert len(await history(database, case)) == 2


# --- who may do what


@pytest.mark.parametrize("person", [each[0] for each in PEOPLE])
async def test_only_whoever_plays_a_part_in_a_case_reads_it(work, person):
    case = await ordered(work)

    async with work(person) as desk:
        await desk.open(f"/arbete/arende/{case}")

    plays = person in {ANNA, BO, CECILIA, ERIK, KARIN, KALLE, RUT, ADA}
    assert (desk.status, "REF-1" in desk.text) == ((200, True) if plays else (404, False))


@pytest.mark.parametrize("person", [each[0] for each in PEOPLE if each[0] not in {BO, CECILIA}])
async def test_nobody_but_an_attestant_attests_by_an_address_that_was_made_up(work, database, person):
    case = await ordered(work)

    async with work(person) as desk:
        await desk.open(f"/arbete/visa?_act=kp.attest&_value=test||{case}|1|1")
        offered = [button for form in desk.page.forms for button in form.buttons]
        told = await desk.browser.post(
            "/arbete/gor",
            data={
                "form_token": desk.page.forms[-1].fields["form_token"],
                "_name": "kp.confirm",
                "_about": f"test||{case}|1|1\nattest\n\n.",
                "_do": "send",
            },
        )

    assert "Attestera" not in offered
    assert told.status_code in {403, 404, 409}
    assert len(await history(database, case)) == 1


@pytest.mark.parametrize("act", ["kp.claim", "kp.more", "kp.language", "kp.end_substitute", "kp.nonsense"])
async def test_opening_an_address_changes_nothing_whatever_it_says(work, database, act):
    case = await ordered(work)
    await does(work, BO, case, "Attestera", in_form=True)

    async with work(KARIN) as desk:
        value = f"test||{case}|2|1" + ("|claim" if act == "kp.more" else "")
        await desk.open(f"/arbete/visa?_act={act}&_value={value}")

    assert desk.status == 400
    assert [row.action for row in await history(database, case)] == [Action.SUBMIT, Action.ATTEST]


@pytest.mark.parametrize("sent", [{}, {"form_token": "0" * 64}])
async def test_a_form_that_no_page_of_the_session_made_does_nothing(work, database, sent):
    case = await ordered(work)
    await does(work, BO, case, "Attestera", in_form=True)

    async with work(KARIN) as desk:
        answer = await desk.browser.post("/arbete/gor", data=sent | {"_act": "kp.claim", "_value": f"test||{case}|2|1"})

    assert answer.status_code == 400
    assert len(await history(database, case)) == 2


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/arbetet", "/a"])
async def test_nobody_is_led_away_from_the_own_work(work, back):
    async with work(ANNA) as desk:
        await desk.open(f"/arbete/visa?_act=kp.new_order&_value=test||||0|0&_back={back}")

    assert all(form.fields.get("_back", "/arbete") == "/arbete" for form in desk.page.forms)


async def test_a_sentence_that_somebody_else_wrote_into_an_address_is_not_said(work):
    async with work(ANNA) as desk:
        await desk.open("/arbete?said=WyJ4IiwgIkJldGFsYSBuIl0=")

    assert 'role="status"' not in desk.html


# --- a session that ended meanwhile


async def test_what_was_filled_in_outlasts_a_session_and_is_sent_once_one_is_signed_in_again(work, database):
    case, typed = await ordered(work), {"reason": "Ryms inte\ni år", "reason_code": "no_budget"}

    async with work(BO) as desk:
        await desk.open(f"/arbete/visa?_act=kp.reject&_value=test||{case}|1|1")
        desk.browser.cookies.clear()
        await desk.send(**typed)
        out = (desk.posted, desk.page.heading, desk.page.links["Logga in (öppnas i ett nytt fönster)"])
        told_at_first = "Logga in först." in desk.text
        await desk.press("Fortsätt")
        still_out = "Du är inte inloggad i den här webbläsaren än. Logga in först." in desk.text
        await sign_in(database, desk.browser, BO, now())
        await desk.press("Fortsätt")
        anew, filled, status = desk.text, desk.page.forms[0].fields, desk.posted
        before = (await work.case(case)).state
        await desk.send()

    assert out == (403, "Du är inte inloggad längre", "/logga-in")
    assert (told_at_first, still_out) == (False, True)
    assert "Du har loggat in på nytt, och det du skickade har inte tagits emot." in anew
    assert (status, filled["reason"].strip(), filled["reason_code"]) == (400, "Ryms inte\ni år", "no_budget")
    assert (before, (await work.case(case)).state) == ("awaiting_customer_attest", "rejected")


@pytest.mark.parametrize("sent", [{}, {"_whose": ""}, {"_whose": "0" * 64}])
async def test_what_one_person_filled_in_is_nobody_elses_to_send(work, database, sent):
    case = await ordered(work)

    async with work(BO) as desk:
        await desk.open(f"/arbete/visa?_act=kp.reject&_value=test||{case}|1|1")
        desk.browser.cookies.clear()
        await desk.send(reason="Ryms inte", reason_code="no_budget")
        # Another attestant sits down, or somebody made the form up.
        await sign_in(database, desk.browser, BO if sent else CECILIA, now())
        await desk.press("Fortsätt", **sent)

    assert desk.posted == 400
    assert ("så inget har gjorts" if sent else "so nothing was done") in desk.text
    assert "Ryms inte" not in desk.html
    assert (await work.case(case)).state == "awaiting_customer_attest"


@pytest.mark.parametrize("way", ["another session", "another language"])
async def test_a_tick_for_one_offer_is_none_for_another_whatever_the_form_is_drawn_anew_for(work, database, way):
    async with work(ANNA) as desk:
        await (await desk.open()).follow("Ny beställning")
        await desk.update(**{desk.name_of("offer"): NPO_AGENT})
        typed = {desk.name_of("offer"): SITHS, "terms_accepted": "1", "invoice_ref": "REF-1"}
        if way == "another language":
            await desk.speak("English", **typed)
        else:
            desk.browser.cookies.clear()
            await desk.send(**typed)
            await sign_in(database, desk.browser, ANNA, now())
            await desk.press("Fortsätt")

    fields = next(each.fields for each in desk.page.forms if "_drawn_by" in each.fields)
    assert (fields[desk.name_of("offer")], fields["invoice_ref"]) == (SITHS, "REF-1")
    assert fields["terms_accepted"] == ""


async def test_boxes_that_were_ticked_outlast_a_session(work, database):
    async with work(ADA) as desk:
        await (await (await desk.open()).follow("Personer och roller")).follow("Lägg till person")
        ticked = next(name for form in desk.page.forms for name in form.choices if name.endswith(":orderer"))
        desk.browser.cookies.clear()
        await desk.send(email="nina@example.org", name="Nina Ny", **{ticked: "1"})
        await sign_in(database, desk.browser, ADA, now())
        await desk.press("Fortsätt")

    fields = next(each.fields for each in desk.page.forms if "_drawn_by" in each.fields)
    assert (fields["email"], fields[ticked]) == ("nina@example.org", "1")


async def test_the_page_that_keeps_a_form_is_read_in_another_language_and_keeps_it(work, database):
    case = await ordered(work)

    async with work(BO) as desk:
        await desk.open(f"/arbete/visa?_act=kp.reject&_value=test||{case}|1|1")
        desk.browser.cookies.clear()
        await desk.send(reason="Ryms inte", reason_code="no_budget")
        await desk.speak("English")
        heading, is_told_off = desk.page.heading, "Sign in first." in desk.text
        await sign_in(database, desk.browser, BO, now())
        await desk.press("Continue")

    assert (heading, is_told_off) == ("You are no longer signed in", False)
    assert (desk.page.heading, desk.page.forms[0].fields["reason"].strip()) == ("Reject the order", "Ryms inte")


async def test_whoever_presses_a_button_after_a_session_ended_signs_in_and_is_where_it_stands(work, database):
    case = await ordered(work)
    await does(work, BO, case, "Attestera", in_form=True)

    async with work(KARIN) as desk:
        await desk.open(f"/arbete/arende/{case}")
        held = next(each for each in desk.page.forms if each.fields.get("_act") == "kp.claim")
        desk.browser.cookies.clear()
        led = await desk.browser.post(held.action, data=held.fields)
        await sign_in(database, desk.browser, KARIN, now())
        old = await desk.browser.post(held.action, data=held.fields)

    assert led.headers["location"] == f"/logga-in?next=%2Farbete%2Farende%2F{case}"
    assert (old.status_code, "så inget har gjorts" in old.text) == (400, True)
    assert len(await history(database, case)) == 2


# --- what is kept beside orders


async def test_an_administrator_adds_somebody_and_history_says_how_she_had_signed_in(work, database):
    async with work(ADA, how=Assurance.MAIL_CODE) as desk:
        await desk.open()
        await desk.follow("Personer och roller")
        await desk.follow("Lägg till person")
        typed = {desk.name_of("email"): "nina@example.org", desk.name_of("name"): "Nina Ny"}
        await desk.send(**typed, **{"roles:orderer": "1"})
        assert desk.posted == 303, desk.text

        assert "Nina Ny" in desk.text
        assert 'role="status"' in desk.html
    (line,) = await kept(database, "role")
    assert (line.action, line.person_id, line.surface, line.assurance) == ("granted", ADA, "web", "mail_code")


async def test_an_administrator_chooses_the_hour_of_reminders_and_is_told_where_there_is_no_such_hour(work, database):
    async with work(ADA) as desk:
        await desk.open()
        await desk.follow("Attest och påminnelser")
        hours = desk.choices("reminder_hour")
        await desk.send(reminder_hour="17")
        refused = desk.status, desk.text
        await desk.send(reminder_hour="14")
        assert desk.posted == 303, desk.text

    assert list(hours) == [f"kl. {hour:02}.00" for hour in range(9, 17)]
    assert refused[0] == 422
    assert "Välj en hel timme mellan kl. 09.00 och kl. 16.00." in refused[1]
    (line,) = await kept(database, "organisation")
    assert json.loads(line.evidence) == {"by": ADA, "reminder_hour": 14, "before": {"reminder_hour": 9}}


async def test_an_administrator_is_told_at_the_field_that_no_e_id_can_be_used_here_yet(work, database):
    async with work(ADA) as desk:
        await desk.open()
        await desk.follow("Attest och påminnelser")
        asked = desk.text
        await desk.send(eid_from="1000")
        refused = desk.status, desk.text

    assert "Lämna tomt. E-legitimation går inte att använda här ännu, och då kan ingen attestera" in asked
    assert refused[0] == 422
    assert "Ta bort beloppet. E-legitimation går inte att använda här ännu." in refused[1]
    assert await kept(database, "organisation") == []


async def test_an_attestant_names_a_substitute_and_history_says_how_she_had_signed_in(work, database):
    async with work(CECILIA, how=Assurance.MAIL_CODE) as desk:
        await desk.open("/arbete?lang=sv")
        await desk.follow("Ange ersättare")
        first, last = (str(today() + timedelta(days)) for days in (60, 64))
        typed = {desk.name_of("substitute"): BO, "first": first, "last": last}
        await desk.send(**typed)
        assert desk.posted == 303, desk.text
        assert "Bo Ek" in desk.text
        await desk.press("Ta bort ersättaren")

    lines = await kept(database, "substitution")
    told = [(line.action, line.person_id, line.surface, line.assurance) for line in lines]
    assert told == [(each, CECILIA, "web", "mail_code") for each in ("set", "changed")]


@pytest.mark.parametrize("listed", ["claimed", "unclaimed", "customer_service", "decided", "nonsense"])
async def test_customer_service_turns_the_pages_of_its_lists(work, listed):
    await ordered(work)
    async with work(KARIN) as desk:
        await desk.open(f"/arbete?list={listed}&page=0")

    assert desk.status == 200


async def test_a_list_begins_above_its_menus_and_each_row_has_the_number_of_its_case(work):
    cases = [await ordered(work, units=f"Enhet {number}") for number in range(AT_A_GLANCE + 1)]
    async with work(BO) as desk:
        await desk.open()
        folded = desk.html.partition("<details>")[2].partition("</details>")[0]

    assert folded.count("<select") == 4
    assert all(f"<p>{case} · SITHS · " in desk.html for case in cases)
    # What a menu is about, and what stands in it, are two things.
    assert [desk.html.count(f">{said}<") for said in ("Kund", "Alla kunder", "Tjänst", "Alla tjänster")] == [1] * 4
    assert "visas." not in desk.text


async def test_whoever_is_asked_to_keep_an_order_finds_it_with_what_waits_and_keeps_it_on_its_page(work):
    case = await work.case(await ordered(work))
    async with work(ANNA) as desk:
        before = (await desk.open()).text
    await work.database.write(partial(let_wait, case=case, since=case.waiting_since - timedelta(days=40)))

    async with work(ANNA) as desk:
        asked = (await desk.open()).text
        page = (await desk.open(f"/arbete/arende/{case.id}")).text
        done = await does(work, ANNA, case.id, "Behåll beställningen")
        kept = (await desk.open()).text

    assert ["behålla eller ta tillbaka?" in each for each in (before, asked, kept)] == [False, True, False]
    assert ["1 väntar på dig" in each for each in (before, asked, kept)] == [False, True, False]
    assert "Vill ni ha den kvar? Behåll den, så påminns de som ska svara på nytt." in page
    assert "Klart. Du valde ”Behåll beställningen”." in done


async def test_a_narrowed_list_says_to_what_before_anything_is_unfolded(work):
    await ordered(work)
    async with work(BO) as desk:
        await desk.open("/arbete?organisation=O-region&service=siths")
        text = desk.html.partition("</details>")[2]

    assert "Bara Region Exempel, SITHS visas." in text


@pytest.mark.parametrize(("asked", "own"), [("en", "sv"), ("sv", "en")])
async def test_a_page_in_the_language_asked_for_has_nothing_in_the_own_one(work, asked, own):
    case = await ordered(work)
    await work.speaks(BO, own)
    pages = dict[str, str]()

    async with work(BO, own) as desk:
        for address in (f"/arbete/arende/{case}", f"/arbete/visa?_act=kp.reject&_value=test||{case}|1|1", "/arbete"):
            pages[address] = (await desk.open(f"{address}{'&' if '?' in address else '?'}lang={asked}")).text

    words = {"sv": ("Beställning", "Avslå", "Väntar på dig"), "en": ("Order", "Reject", "Waiting for you")}
    for said, of_own, page in zip(words[asked], words[own], pages.values(), strict=True):
        assert said in page
        assert of_own not in page, page


async def test_a_language_that_was_asked_for_stays_from_page_to_page_and_through_a_form(work):
    case, headings = await ordered(work), list[str]()

    async with work(BO) as desk:
        await desk.open("/arbete?lang=en")
        headings.append(desk.page.heading)
        for move in (
            desk.follow("Show"),
            desk.follow("Reject"),
            desk.send(reason=""),
            desk.send(reason="Too dear", reason_code="no_budget"),
            desk.follow("Back"),
        ):
            await move
            headings.append(desk.page.heading)

    order, form = "The order", "Reject the order"
    assert headings == ["Kundportalen", order, form, form, order, "Kundportalen"]
    assert desk.page.links["Where you are signed in"] == "/inloggningar?lang=en"
    assert (await work.case(case)).state == "rejected"


async def test_a_form_is_read_in_another_language_with_all_that_was_typed(work):
    case = await ordered(work)

    async with work(BO) as desk:
        await desk.open(f"/arbete/visa?_act=kp.reject&_value=test||{case}|1|1")
        await desk.speak("English", reason="Ryms inte", reason_code="no_budget")
        heading, filled = desk.page.heading, desk.page.forms[0].fields
        await desk.speak("Svenska", **filled)

    assert (heading, desk.page.heading) == ("Reject the order", "Avslå beställningen")
    assert (filled["reason"].strip(), filled["reason_code"]) == ("Ryms inte", "no_budget")


async def test_a_list_is_read_in_another_language_as_it_was_narrowed_and_what_was_done_is_not_said_again(work):
    async with work(BO) as desk:
        await desk.open("/arbete?organisation=O-region&service=siths&said=x&lang=sv")

        english = desk.page.links["English"]
        await desk.open("/arbete?lang=en")
        await desk.press("Show Choose a list", _value="decided")

    assert english == "?organisation=O-region&service=siths&lang=en"
    assert "Sign out" in desk.text


async def test_whoever_chooses_a_language_in_a_form_comes_back_in_that(work):
    async with work(ADA) as desk:
        await desk.open("/arbete?lang=en")
        await desk.follow("People and roles")
        await desk.follow("Add a person")
        await desk.speak("Svenska")
        await desk.follow("Tillbaka")

    assert desk.page.heading == "Personer och roller"


async def test_the_page_of_what_a_form_has_led_to_leads_to_no_other_language(work):
    case = await ordered(work)
    async with work(CECILIA) as desk:
        await desk.open(f"/arbete/visa?_act=kp.reject&_value=test||{case}|1|1")
        await work.act(await work.case(case), BO, Action.ATTEST, confirmed=True)
        await desk.send(reason="Ryms inte", reason_code="no_budget")

    assert (desk.posted, desk.page.heading) == (409, "That did not work")
    assert "Svenska" not in desk.text


@pytest.mark.parametrize("asked", ["", "?lang=sv"])
async def test_a_language_is_chosen_for_everything_from_then_on(work, asked):
    async with work(ANNA) as desk:
        await desk.open(f"/arbete{asked}")
        form = next(each for each in desk.page.forms if each.fields.get("_act") == "kp.language")
        chosen = await desk.browser.post(form.action, data=form.fields | {"_value": "en"})
        await desk.open(chosen.headers["location"])

    assert "Sign out" in desk.text


async def test_whoever_is_linked_in_several_slacks_chooses_on_the_page_which_gets_the_messages(work):
    for team, name, organisation in ((TEAM, "Inera", None), ("slack:TREGION", "Region Exempels Slack", REGION)):
        await work.joined.workspaces.ensure(
            team_id=team.removeprefix("slack:"),
            enterprise_id=None,
            name=name,
            token=f"xoxb-{name}",
            bot_user_id="UBOT",
            channel=None,
            language=Language.SV,
            organisation=organisation,
        )
    link = {"issuer": "slack:TREGION", "subject": "UBO2", "person_id": BO, "organisation_id": REGION}
    link |= {"state": "confirmed", "at": LONG_AGO}
    await work.database.write(lambda connection: connection.execute(insert(tables.identities).values(link)))
    async with work(BO) as desk:
        await desk.open()
        before = desk.text
        await desk.press("Skicka hit")

    assert "Region Exempels Slack: får dina nya meddelanden" in before
    assert "Inera: du är kopplad" in before
    assert "Inera: får dina nya meddelanden" in desk.text
    assert "Region Exempels Slack: du är kopplad" in desk.text


async def history(database, case):
    table = tables.history
    query = select(table).where(table.c.case_id == case, table.c.kind == "change").order_by(table.c.id)
    return await database.read(lambda connection: connection.execute(query).all())


async def kept(database, kind):
    """The lines of history of one kind that tell of no case."""
    query = select(tables.history).where(tables.history.c.kind == kind).order_by(tables.history.c.id)
    return await database.read(lambda connection: connection.execute(query).all())
