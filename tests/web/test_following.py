"""Whoever applied follows the application, answers about it and takes it back, by a link that only they have."""

import pytest

from bot.web.gate import FORMS
from core.api import Action, State
from tests.web.filling import SECOND, TYPED, applied
from tests.web.reading import read


async def page(portal, address: str):
    answer = await portal.browser.get(address)
    assert answer.status_code == 200
    return read(answer.text)


async def test_it_is_followed_from_sent_in_to_signed(portal):
    case = await applied(portal)
    address = await portal.follow_link(case)

    sent = await page(portal, address)
    approved = await portal.approve(case.id)
    waiting = await page(portal, address)
    sign = await portal.sign_link(approved)
    shown = read((await portal.browser.get(sign)).text)
    await portal.browser.post(sign, data=shown.fields | {"confirmed": "1", "do": "send"})
    signed = await page(portal, address)

    assert sent.heading == "Ansökan inskickad"
    assert "Öppna avtalet som PDF" not in sent.links
    assert (await portal.browser.get(signed.links["Öppna avtalet som PDF"])).content.startswith(b"%PDF-")
    assert "Ta tillbaka ansökan" in sent.links
    assert waiting.heading == "Väntar på signering"
    assert "Çelik Jovanović: har inte signerat ännu" in waiting.text
    assert "Ta tillbaka ansökan" not in waiting.links
    assert signed.heading == "Avtalet är tecknat"
    assert "Çelik Jovanović: har signerat" in signed.text


async def test_once_enough_have_signed_it_does_not_ask_for_the_others(portal):
    case = await portal.approve((await applied(portal, TYPED | SECOND | {"signatures_needed": "1"})).id)
    waiting = await page(portal, await portal.follow_link(case))
    sign = await portal.sign_link(case)
    shown = read((await portal.browser.get(sign)).text)
    await portal.browser.post(sign, data=shown.fields | {"confirmed": "1", "do": "send"})

    signed = await page(portal, await portal.follow_link(case))

    assert "1 av 2 firmatecknare måste signera." in waiting.text
    assert "Avtalet är signerat av dem som behövdes." in signed.text
    assert "Çelik Jovanović: har signerat" in signed.text
    assert "Zoë Müller" not in signed.text


async def test_of_what_customer_service_cancelled_it_says_why_and_asks_for_nothing(portal):
    case = await portal.approve((await applied(portal)).id)
    await portal.act(case.id, Action.CANCEL, reason="Fel firmatecknare.")

    cancelled = await page(portal, await portal.follow_link(case))

    assert cancelled.heading == "Avbruten av Inera"
    assert "Fel firmatecknare." in cancelled.text
    assert "måste signera" not in cancelled.text


async def test_why_it_was_rejected_stands_there(portal):
    case = await applied(portal)
    await portal.reject(case.id, "Ni är redan kund genom regionen.")

    rejected = await page(portal, await portal.follow_link(case))

    assert rejected.heading == "Ansökan avslagen"
    assert "Ni är redan kund genom regionen." in rejected.text


async def test_a_question_is_answered_with_words_and_with_other_facts(portal):
    case = await applied(portal)
    address = await portal.follow_link(case)
    await portal.ask(case.id, "Vem tar emot fakturan?")

    asked = await page(portal, address)
    typed = {"message": "Det gör ekonomi.", "invoice_ref": "EKONOMI", "terms_accepted": "1"}
    answered = await portal.browser.post(address, data=asked.fields | typed | {"do": "send"})
    after = await portal.case(case.id)

    assert "Vem tar emot fakturan?" in asked.text
    assert "Svara senast 14 januari 2027, annars avslutas ansökan." in asked.text
    assert {name: asked.fields[name] for name in ("organisation", "administrator.email")} == {
        name: TYPED[name] for name in ("organisation", "administrator.email")
    }
    assert answered.status_code == 303
    assert answered.headers["location"] == address
    assert after.state is State.APPLICATION_SUBMITTED
    assert after.application.invoice_ref == "EKONOMI"
    assert after.decisions[-1].message == "Det gör ekonomi."


async def test_a_second_question_is_shown_and_the_first_is_not_once_it_is_answered(portal):
    case = await applied(portal)
    address = await portal.follow_link(case)
    await portal.ask(case.id, "Vem tar emot fakturan?")
    asked = await page(portal, address)
    typed = {"message": "Det gör ekonomi.", "terms_accepted": "1", "do": "send"}
    await portal.browser.post(address, data=asked.fields | typed)
    answered = await page(portal, address)
    await portal.act(case.id, Action.REQUEST_COMPLETION, message="Vilken kategori är ni?")

    again = await page(portal, address)

    assert "Vem tar emot fakturan?" in asked.text
    assert "Vilken kategori är ni?" in again.text
    assert "Vem tar emot fakturan?" not in answered.text + again.text


async def test_too_many_answers_from_an_address_are_held_off_and_changing_the_form_is_no_answer(portal):
    case = await applied(portal)
    address = await portal.follow_link(case)
    await portal.ask(case.id, "Vem tar emot fakturan?")

    changed = [await portal.browser.post(address, data={"do": "add"}) for _ in range(FORMS.burst + 1)]
    # One form was sent in before.
    answers = [await portal.browser.post(address, data={"do": "send"}) for _ in range(FORMS.burst)]

    assert {each.status_code for each in changed} == {200}
    assert [each.status_code for each in answers] == [422] * (FORMS.burst - 1) + [429]


async def test_a_wrong_answer_is_told_at_the_field(portal):
    case = await applied(portal)
    address = await portal.follow_link(case)
    await portal.ask(case.id, "Vem tar emot fakturan?")
    asked = await page(portal, address)

    for typed, wrong in (
        ({"org_number": "1"}, ["org_number"]),
        ({"message": "Fråga 19811218-9876"}, ["message"]),
        ({"message": "x" * 2_901}, ["message"]),
    ):
        data = asked.fields | {"message": "Ja", "terms_accepted": "1"} | typed | {"do": "send"}
        answer = await portal.browser.post(address, data=data)
        assert answer.status_code == 422
        assert read(answer.text).invalid == wrong


async def test_it_is_taken_back_after_a_question_and_not_by_opening_a_link(portal):
    case = await applied(portal)
    address = await portal.follow_link(case)

    asked = await page(portal, (await page(portal, address)).links["Ta tillbaka ansökan"])
    before = await portal.case(case.id)
    answer = await portal.browser.post(address + "/aterta")
    after = await page(portal, answer.headers["location"])

    assert asked.heading == "Vill du ta tillbaka ansökan?"
    assert asked.links["Behåll ansökan"] == address
    assert before.state is State.APPLICATION_SUBMITTED
    assert after.heading == "Ansökan tillbakatagen"


async def test_it_is_not_taken_back_twice(portal):
    case = await applied(portal)
    address = await portal.follow_link(case)
    await portal.browser.post(address + "/aterta")

    again = await portal.browser.post(address + "/aterta")

    assert again.status_code == 409
    assert "går inte längre" in read((await portal.browser.get(address + "/aterta")).text).text


@pytest.mark.parametrize("address", ["/a/nothing", "/a/nothing/aterta", "/s/nothing", "/s/nothing/avtal.pdf"])
async def test_a_wrong_link_gets_a_page_that_says_what_to_do(portal, address):
    answer = await portal.browser.get(address)

    assert answer.status_code == 404
    assert "Länken fungerar inte" in answer.text


async def test_a_sole_traders_number_is_not_shown(portal):
    case = await applied(portal, TYPED | {"org_number": "811218-9876"})

    shown = await page(portal, await portal.follow_link(case))

    assert "enskild firma" in shown.text
    assert "811218" not in shown.text


async def test_a_sole_traders_number_is_kept_when_nothing_else_is_typed(portal):
    case, address = await asked_sole_trader(portal)

    asked = await portal.browser.get(address)
    typed = read(asked.text).fields | {"message": "Jag.", "terms_accepted": "1", "do": "send"}
    answered = await portal.browser.post(address, data=typed)

    assert "811218" not in asked.text
    assert read(asked.text).attributes["org_number"]["inputmode"] == "numeric"
    assert answered.status_code == 303
    assert (await portal.case(case.id)).application.org_number == "8112189876"


async def test_a_number_that_a_sole_trader_types_instead_is_the_one_that_counts(portal):
    case, address = await asked_sole_trader(portal)
    typed = (await page(portal, address)).fields | {"message": "Vi är ett bolag nu.", "terms_accepted": "1"}

    answered = await portal.browser.post(address, data=typed | {"org_number": "222222-2222", "do": "send"})

    assert answered.status_code == 303
    assert (await portal.case(case.id)).application.org_number == "2222222222"


async def asked_sole_trader(portal):
    """An application of somebody whose number is a personnummer, asked about, and where it is answered."""
    case = await applied(portal, TYPED | {"org_number": "811218-9876"})
    address = await portal.follow_link(case)
    await portal.ask(case.id, "Vem tar emot fakturan?")
    return case, address


async def test_without_a_link_no_form_is_read(portal):
    address = f"{await portal.follow_link(await applied(portal))}x"
    unreadable = {"content-type": "multipart/form-data"}

    assert (await portal.browser.post(address, content=b"", headers=unreadable)).status_code == 404
