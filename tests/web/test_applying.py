"""Anybody applies on the web: errors at the field, nothing typed is lost, and a form is sent in once."""

from functools import partial

import pytest
from sqlalchemy import func, select

from bot.web.applying.application_fields import NUMBER
from bot.web.fields import ask
from bot.web.gate import FORMS
from core.api import Flow, Language, State
from core.storage import tables
from notifications.texts import say
from tests.web.filling import SECOND, TYPED, applied, opened, sent
from tests.web.reading import read


async def count(portal) -> int:
    work = select(func.count()).select_from(tables.cases)
    return (await portal.database.read(lambda connection: connection.execute(work))).scalar_one()


async def test_an_application_is_sent_in_and_its_number_told(portal):
    answer = await sent(portal.browser, **TYPED)
    thanks = read((await portal.browser.get(answer.headers["location"])).text)
    number = answer.headers["location"].rpartition("/")[2]
    case = await portal.case(number)

    assert answer.status_code == 303
    assert thanks.heading == "Ansökan är mottagen"
    assert number in thanks.text
    assert case.flow is Flow.CUSTOMER_APPLICATION
    assert case.state is State.APPLICATION_SUBMITTED
    assert case.application.organisation == TYPED["organisation"]
    assert case.application.invoice_address == TYPED["invoice_address"]
    assert case.application.signatories[0].name == "Çelik Jovanović"
    assert portal.changes == ["changed"]


async def test_mails_will_be_in_the_language_of_the_form(portal):
    assert (await applied(portal, address="/ansok?lang=en")).application.language is Language.EN


async def test_an_agent_applies_without_a_category(portal):
    form = await opened(portal.browser, "/ansok/agent")
    case = await applied(portal, {name: TYPED[name] for name in TYPED if name != "category"}, "/ansok/agent")

    assert "category" not in form.fields
    assert case.flow is Flow.AGENT_APPLICATION


async def test_an_empty_form_is_told_at_every_field_and_above_them_all(portal):
    answer = await sent(portal.browser)
    page = read(answer.text)

    assert answer.status_code == 422
    assert page.title.startswith("Fel:")
    assert set(page.invalid) == set(TYPED)
    assert {page.ids[link.removeprefix("#")] for link in page.links.values() if link.startswith("#f-")} == set(TYPED)
    assert "Företrädare (firmatecknare) 1, namn: Skriv personens namn." in page.text
    for name in page.invalid:
        assert f"{page.attributes[name]['id']}-error" in page.attributes[name]["aria-describedby"].split()
    assert await count(portal) == 0


async def test_what_was_typed_is_there_when_something_is_wrong(portal):
    wrong = TYPED | {"org_number": "556559-4231", "administrator.email": "åsa", "terms_accepted": ""}

    page = read((await sent(portal.browser, **wrong)).text)

    assert set(page.invalid) == {"org_number", "administrator.email", "terms_accepted"}
    assert {name: page.fields[name] for name in TYPED if name != "terms_accepted"} == {
        name: wrong[name] for name in TYPED if name != "terms_accepted"
    }


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("556559-4231", "Kontrollsiffran stämmer inte."),
        ("16556559-4231", "Kontrollsiffran stämmer inte."),
        ("556559-423", "Skriv tio siffror"),
        ("556559-42311", "Skriv tio siffror"),
    ],
)
async def test_a_number_with_a_wrong_check_digit_is_called_wrong_and_not_short(portal, number, said):
    page = read((await sent(portal.browser, **TYPED | {"org_number": number})).text)

    assert page.invalid == ["org_number"]
    assert said in page.text


async def test_what_was_typed_is_shown_and_never_run(portal):
    sly = {"organisation": '"><script>alert(1)</script>', "invoice_address": "</textarea><b>"}

    page = await sent(portal.browser, **sly)

    assert "<script>" not in page.text
    assert "</textarea><b>" not in page.text
    assert read(page.text).fields["organisation"] == sly["organisation"]


async def test_signatories_are_added_and_removed_and_nothing_typed_is_lost(portal):
    two = read((await sent(portal.browser, do="add", **TYPED)).text)
    three = read((await portal.browser.post("/ansok", data=two.fields | SECOND | {"do": "add"})).text)
    less = read((await portal.browser.post("/ansok", data=three.fields | {"do": "remove-1"})).text)

    assert two.fields["signatories.1.name"] == ""
    assert "autofocus" in two.attributes["signatories.1.name"]
    assert three.fields["signatories.1.name"] == "Zoë Müller"
    assert ("do", "remove-2") in three.buttons
    assert less.fields["signatories.1.name"] == ""
    assert "signatories.2.name" not in less.fields
    assert less.fields["organisation"] == TYPED["organisation"]
    assert await count(portal) == 0


async def test_two_sign_together(portal):
    case = await applied(portal, TYPED | SECOND)

    assert [each.email for each in case.application.signatories] == ["celik@example.org", "zoe@example.org"]
    assert case.application.signatures_needed == 2


async def test_a_signatory_left_empty_is_nobody(portal):
    empty = {"signatories.0.name": "", "signatories.0.email": "", "signatures_needed": "1"}

    case = await applied(portal, TYPED | SECOND | empty)

    assert [each.name for each in case.application.signatories] == ["Zoë Müller"]


async def test_no_more_sign_than_are_named(portal):
    answer = await sent(portal.browser, **TYPED, **SECOND | {"signatures_needed": "3"})

    assert read(answer.text).invalid == ["signatures_needed"]


async def test_one_person_may_be_administrator_and_contact(portal):
    same = {"agreement_contact.same": "1", "agreement_contact.name": "", "agreement_contact.email": ""}

    case = await applied(portal, TYPED | same)

    assert case.application.agreement_contact.name == "Åsa Öberg"


async def test_the_language_is_changed_and_nothing_typed_is_lost(portal):
    form = await opened(portal.browser)
    page = await portal.browser.post("/ansok?lang=en", data=form.fields | TYPED | {"do": "show"})

    assert page.status_code == 200
    assert read(page.text).heading == "Apply to become a customer"
    assert read(page.text).fields["administrator.name"] == "Åsa Öberg"


async def test_the_button_that_enter_presses_sends_the_form(portal):
    assert (await opened(portal.browser)).buttons[0] == ("do", "send")


async def test_a_form_sent_twice_is_one_application(portal):
    form = await opened(portal.browser)
    first, second = [await portal.browser.post("/ansok", data=form.fields | TYPED | {"do": "send"}) for _ in range(2)]

    assert first.headers["location"] == second.headers["location"]
    assert await count(portal) == 1


async def test_whoever_goes_back_and_changes_something_is_told_that_it_was_sent(portal):
    form = await opened(portal.browser)
    first = await portal.browser.post("/ansok", data=form.fields | TYPED | {"do": "send"})
    again = await portal.browser.post("/ansok", data=form.fields | TYPED | {"invoice_ref": "REF-2", "do": "send"})

    assert again.status_code == 409
    assert read(again.text).heading == "Ansökan är redan skickad"
    assert first.headers["location"].rpartition("/")[2] in again.text
    assert await count(portal) == 1


async def test_two_forms_are_two_applications(portal):
    await applied(portal)
    await applied(portal)

    assert await count(portal) == 2


@pytest.mark.parametrize("do", ["jump", "send-1", "remove", "remove-", "remove-999", "remove-x", "add-1", "allow"])
async def test_a_button_that_the_form_does_not_have_sends_nothing_in(portal, do):
    form = await opened(portal.browser)

    answer = await portal.browser.post("/ansok", data=form.fields | TYPED | {"do": do})

    assert (answer.status_code, await count(portal)) == (400, 0)


async def test_a_form_without_its_key_is_not_taken(portal):
    answer = await portal.browser.post("/ansok", data=TYPED | {"do": "send"})

    assert answer.status_code == 400
    assert await count(portal) == 0


async def test_a_program_that_fills_in_everything_is_asked_to_leave_a_field_empty(portal):
    answer = await sent(portal.browser, **TYPED, website="https://example.org")

    assert answer.status_code == 422
    assert "Lämna det här fältet tomt" in answer.text
    assert await count(portal) == 0


async def test_too_many_forms_from_an_address_are_held_off_with_a_page_that_says_how_long(portal):
    answers = [await sent(portal.browser) for _ in range(FORMS.burst + 1)]
    page = read(answers[-1].text)

    assert {each.status_code for each in answers[:-1]} == {422}
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "30"
    assert page.heading == "Vänta en stund"


async def test_a_personal_number_where_none_belongs_is_not_taken(portal):
    answer = await sent(portal.browser, **TYPED | {"invoice_ref": "19811218-9876"})

    assert read(answer.text).invalid == ["invoice_ref"]
    assert await count(portal) == 0


async def test_a_name_that_holds_an_address_is_not_taken(portal):
    answer = await sent(portal.browser, **TYPED | {"organisation": "Logga in på www.evil.example"})

    assert read(answer.text).invalid == ["organisation"]
    assert "Skriv namnet utan den, och ett mellanslag efter varje punkt." in answer.text
    assert await count(portal) == 0


async def test_what_nobody_sees_is_left_out_of_what_was_typed(portal):
    unseen = "Re\u200bgi\u00adon\u202e \u2066N\u3164o\u009brr\ufeff\ufe0f\u2060\u009d"
    case = await applied(portal, TYPED | {"organisation": unseen})

    assert case.application.organisation == "Region Norr"


async def test_a_name_of_what_nobody_sees_is_no_name(portal):
    answer = await sent(portal.browser, **TYPED | {"organisation": "\u3164\u2060"})

    assert read(answer.text).invalid == ["organisation"]
    assert await count(portal) == 0


async def test_a_form_that_is_too_large_is_told_so(portal):
    answer = await sent(portal.browser, **TYPED | {"invoice_address": "x" * 300_000})

    assert answer.status_code == 413


async def test_what_is_no_form_is_told_so(portal):
    for content in (b"\xff\xfe", b"&".join(b"a=1" for _ in range(1_000)), b"organisation=%FF"):
        assert (await portal.browser.post("/ansok", content=content)).status_code == 400


async def test_every_field_says_to_the_browser_what_it_asks(portal):
    form = await opened(portal.browser)

    assert all(form.attributes[name].get("autocomplete") for name in TYPED if name != "terms_accepted")
    assert form.attributes["organisation"]["autocomplete"] == "organization"
    assert form.attributes["administrator.email"]["autocomplete"] == "section-administrator email"


async def test_a_number_that_is_none_leads_nowhere(portal):
    assert (await portal.browser.get("/ansok/tack/buy-now")).status_code == 404


async def test_what_is_wrong_with_one_person_in_two_roles_is_told_once_where_it_was_typed(portal):
    both = TYPED | {"agreement_contact.same": "1", "administrator.email": "åsa", "agreement_contact.email": "bo"}

    page = read((await sent(portal.browser, **both)).text)

    assert page.invalid == ["administrator.email"]


def test_a_code_that_nobody_foresaw_still_has_a_sentence():
    [asked] = ask(partial(say, Language.SV), [NUMBER], {}, {"org_number": "never_heard_of"})

    assert asked.error == say(Language.SV, "web.field_error.other")


@pytest.mark.parametrize("number", ["999", "9" * 5_000])
async def test_a_number_that_no_signatory_has_is_refused_and_nothing_is_sent(portal, number):
    answer = await sent(portal.browser, **TYPED, do=f"remove-{number}")

    assert answer.status_code == 400
    assert "<h1>" in answer.text


async def test_a_length_that_no_body_has_is_too_large(browser):
    answer = await browser.post("/reading", content=b"", headers={"Content-Length": "9" * 5_000})

    assert answer.status_code == 413
