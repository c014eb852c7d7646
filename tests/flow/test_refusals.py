"""No press is met with silence: every "no" comes to the presser alone, where the press was."""

import re

import httpx
import pytest

from bot.demo.run import Demo
from tests.flow.book import Book
from tests.flow.office import Office
from tests.flow.people import ANNA, BO, CECILIA, DAVID, DISA, ERIK, OSCAR, place_order
from tests.flow.slack import PATIENCE, Json, Person, Slack, option, runs, says, text, until
from tests.flow.stage import playing, with_mail
from tests.flow.test_health import misconfigured
from tests.flow.wire import Wire, altered

OFFER = "npo-producent"


def heard(person: Person, *words: str) -> Json:
    """A sentence that only this person sees."""
    message = person.message(*words)
    assert message["ephemeral"]
    return message


def attest(person: Person, case: str) -> Json:
    person.press(person.message("Attestera", case), "kp.attest")
    return person.submit(person.modal("Region Exempel"))


def last(slack: Slack, kind: str) -> Json:
    """The latest delivery of a kind, as the product got it."""
    return [each["body"] for each in slack.log()["deliveries"] if each["type"] == kind][-1]


def open_nothing(slack: Slack) -> None:
    """Slack answers with an error where a modal is to open."""
    slack.faults(faults=[{"kind": "server_error", "method": "views.open"}])


def test_case_36_the_slower_of_two_attestants_is_told_who_was_first(slack: Slack, book: Book) -> None:
    bo, cecilia = slack.person(BO), slack.person(CECILIA)
    case = place_order(slack, OFFER)
    for person in (bo, cecilia):
        person.press(person.message("Attestera", case), "kp.attest")
    mine, theirs = bo.modal("Region Exempel"), cecilia.modal("Region Exempel")

    assert bo.submit(mine)["response_action"] == "clear"
    assert cecilia.submit(theirs)["response_action"] == "update"

    assert "Bo Ek har redan svarat" in says(cecilia.modal("redan svarat"))
    assert book.lines(case) == 2
    until(lambda: book.refusals(case), what="the line about Cecilia")
    assert book.refusals(case) == [("Cecilia Dahl", "attest", "already_decided")]


def test_whoever_is_unlinked_is_told_so_at_a_card_and_in_an_open_form_and_links_again(place: Demo, book: Book) -> None:
    with with_mail(place) as posting, playing(posting) as slack:
        bo = slack.person(BO)
        case = place_order(slack, OFFER)
        card = bo.message("Attestera", case)
        bo.press(card, "kp.attest")
        form = bo.modal("Region Exempel")

        Office(place.database_url, slack.tick).unlinks("bo.ek@region.example")

        bo.submit(form)
        assert "inte kopplat till någon person" in says(bo.modal("Öppna fliken Hem för att koppla det"))
        bo.press(card, "kp.attest")
        heard(bo, "Öppna fliken Hem för att koppla det")
        assert book.state(case) == "awaiting_customer_attest"
        bo.home("Med länken i mejlet om kontot tillåter du att det kopplas igen")
        let_in(slack, "bo.ek@region.example")
        bo.home("Är det du?")
        bo.press_home("kp.link_yes")
        bo.home_now("Region Exempel", case)
        attest(bo, case)
        until(lambda: book.state(case) == "awaiting_customer_service", what="the attest")


def let_in(slack: Slack, email: str) -> None:
    """Somebody follows the link of the mail that told of the end, and allows the account there."""

    def told() -> Json | None:
        mails = slack.http.get("/sandbox/mails").json()["mails"]
        return next((each for each in mails if email in str(each["to"]) and "inte längre" in each["subject"]), None)

    link = re.search(r"https?://\S+/k/\S+", until(told, what="a mail about the account")["text"])
    page = httpx.post(link[0], data={"do": "allow"}, headers={"Accept": "text/html"}, timeout=PATIENCE)
    assert "Kontot får kopplas igen" in page.text


def test_an_attest_of_a_large_amount_waits_for_a_look_at_the_account_which_the_refusal_begins(
    place: Demo, book: Book
) -> None:
    with playing(misconfigured(place, fresh_look_above=1)) as slack:
        bo = slack.person(BO)
        case = place_order(slack, OFFER)
        card = bo.message("Attestera", case)

        bo.press(card, "kp.attest")
        heard(bo, "Det görs nu, så försök igen strax")
        until(book.looks, what="the look")
        attest(bo, case)

        until(lambda: book.state(case) == "awaiting_customer_service", what="the attest")


def test_case_37_a_rejection_that_comes_second_does_not_undo_and_says_how_to_stop_it(slack: Slack, book: Book) -> None:
    bo, cecilia = slack.person(BO), slack.person(CECILIA)
    case = place_order(slack, OFFER)
    bo.press(bo.message("Attestera", case), "kp.attest")
    cecilia.press(cecilia.message("Avslå", case), "kp.reject")
    mine, theirs = bo.modal("Region Exempel"), cecilia.modal("avslår")

    assert bo.submit(mine)["response_action"] == "clear"
    cecilia.submit(theirs, reason_code=option("no_budget"), reason=text("Inte i år."))

    told = runs(cecilia.modal("redan svarat"))
    assert "kontakta beställaren eller Ineras kundservice" in told
    assert book.state(case) == "awaiting_customer_service"


def test_case_38_a_withdrawal_that_comes_first_stands(slack: Slack, book: Book) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    case = place_order(slack, OFFER)
    bo.press(bo.message("Attestera", case), "kp.attest")
    anna.press(anna.card("kp.withdraw", case), "kp.withdraw")
    mine, theirs = anna.modal("ta tillbaka"), bo.modal("Region Exempel")

    assert anna.submit(mine)["response_action"] == "clear"
    bo.submit(theirs)

    assert "Anna Berg har tagit tillbaka" in says(bo.modal("tagit tillbaka"))
    assert book.state(case) == "withdrawn"


def test_a_repeat_of_ones_own_press_hears_that_it_counted(slack: Slack, book: Book) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    slack.faults(faults=[{"kind": "duplicate_delivery", "times": 2}])

    assert attest(bo, case)["response_action"] == "clear"

    repeat = [each for each in slack.log()["deliveries"] if each["type"] == "view_submission"][-1]
    assert "Du har redan svarat" in says(repeat["answer"]["view"])
    assert book.lines(case) == 2


def test_a_press_on_a_decided_step_names_who_decided_and_the_card_is_repainted(slack: Slack) -> None:
    bo, cecilia = slack.person(BO), slack.person(CECILIA)
    case = place_order(slack, OFFER)
    stale = cecilia.message("Attestera", case)
    with slack.frozen():
        attest(bo, case)

        cecilia.press(stale, "kp.attest")

        heard(cecilia, "Bo Ek har redan svarat")
    assert "kp.attest" not in cecilia.offered(cecilia.message("Attesterad av Bo Ek", case))


def test_taking_back_from_an_old_copy_says_that_the_order_is_finished_and_how_it_ended(
    slack: Slack, wire: Wire, book: Book
) -> None:
    anna, cecilia = slack.person(ANNA), slack.person(CECILIA)
    case = place_order(slack, OFFER)
    anna.press(anna.card("kp.withdraw", case), "kp.withdraw")
    copy = last(slack, "block_actions")
    anna.close_all()
    cecilia.press(cecilia.card("kp.reject", case), "kp.reject")
    cecilia.submit(cecilia.modal("Avslå"), reason_code=option("no_budget"), reason=text("Inte i år."))

    assert wire.interact(copy).status_code == 200

    heard(anna, "Beställningen går inte att ta tillbaka längre: Avslagen (Cecilia Dahl, ")
    until(lambda: book.refusals(case), what="the line about Anna")
    assert book.refusals(case) == [("Anna Berg", "withdraw", "already_decided")]
    assert anna.hears_nothing_of("Försök igen", case)


def test_a_press_in_an_order_that_was_opened_before_is_answered_by_a_modal_of_one_sentence(slack: Slack) -> None:
    bo, cecilia = slack.person(BO), slack.person(CECILIA)
    case = place_order(slack, OFFER)
    cecilia.press(cecilia.home("väntar på dig", case), "kp.details")
    stale = cecilia.modal(case)
    attest(bo, case)

    cecilia.press(stale, "kp.attest")

    assert "Bo Ek har redan svarat" in says(cecilia.modal("redan svarat"))


def test_case_46_two_at_customer_service_cannot_take_one_case(slack: Slack) -> None:
    disa, erik = slack.person(DISA), slack.person(ERIK)
    case = place_order(slack, OFFER)
    attest(slack.person(BO), case)
    stale = erik.message("Ta ärendet", case)
    with slack.frozen():
        disa.press(disa.message("Ta ärendet", case), "kp.claim")

        erik.press(stale, "kp.claim")

        heard(erik, "Disa Fors har tagit ärendet")


@pytest.mark.parametrize(
    ("user", "words"),
    [
        (ANNA, "Du har inte rollen attestant för Region Exempel"),
        (DISA, "Du har inte rollen attestant för Region Exempel"),
        (OSCAR, "inte kopplat till någon"),
        (DAVID, "inte kopplat till någon"),
    ],
)
def test_case_43_a_press_by_somebody_without_the_role_is_refused(
    slack: Slack, wire: Wire, book: Book, user: str, words: str
) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    bo.press(bo.message("Attestera", case), "kp.attest")
    bo.close_all()

    press = altered(last(slack, "block_actions"), "user", "id", value=user)
    answer = wire.interact(altered(press, "user", "team_id", value=slack.person(user).team))

    assert answer.status_code == 200
    # The answer goes where the press came from; here that is Bo's conversation.
    heard(bo, words)
    assert book.lines(case) == 1


def test_the_orderer_may_not_attest_the_own_order(slack: Slack, wire: Wire) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER, CECILIA)
    assert slack.person(CECILIA).hears_nothing_of("Attestera", case)
    bo.press(bo.message("Attestera", case), "kp.attest")

    wire.interact(altered(last(slack, "block_actions"), "user", "id", value=CECILIA))

    heard(bo, "Du har lagt beställningen")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("actions", 0, "value"), "prod|C2345|B-2345678|1|1", "en annan miljö"),
        (("actions", 0, "action_id"), "kp.delegate", "Knappen används inte längre"),
        (("actions", 0, "action_id"), "something.else", "Knappen används inte längre"),
        (("actions", 0, "value"), "hello", "Knappen används inte längre"),
        (("actions", 0, "value"), "demo|C2345|B-2345678|1|1", "Beställningen finns inte"),
    ],
)
def test_a_button_of_another_environment_or_time_gets_a_sentence(
    slack: Slack, wire: Wire, path: tuple[str | int, ...], value: str, words: str
) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    bo.press(bo.message("Attestera", case), "kp.attest")
    bo.close_all()

    assert wire.interact(altered(last(slack, "block_actions"), *path, value=value)).status_code == 200

    heard(bo, words)


def shown(answer: httpx.Response) -> str:
    """What the modal says that a submission is answered with."""
    told = answer.json()
    assert told["response_action"] == "update"
    return says(told["view"])


@pytest.mark.parametrize(
    ("environment", "number", "words"),
    [("prod", None, "en annan miljö"), ("demo", "B-2345678", "Beställningen finns inte")],
)
def test_a_form_of_another_environment_or_order_gets_a_sentence_and_decides_nothing(
    slack: Slack, wire: Wire, book: Book, environment: str, number: str | None, words: str
) -> None:
    case = place_order(slack, OFFER)
    attest(slack.person(BO), case)
    sent, other = last(slack, "view_submission"), place_order(slack, OFFER, units=text("Vårdcentralen Väster"))
    metadata = sent["view"]["private_metadata"].replace("demo|", f"{environment}|").replace(case, number or other)

    answer = wire.interact(altered(sent, "view", "private_metadata", value=metadata))

    assert words in shown(answer)
    assert book.state(other) == "awaiting_customer_attest"


def test_an_order_form_of_another_environment_places_nothing(slack: Slack, wire: Wire, book: Book) -> None:
    place_order(slack, OFFER)
    sent, cases = last(slack, "view_submission"), book.cases()
    elsewhere = altered(
        sent, "view", "private_metadata", value=sent["view"]["private_metadata"].replace("demo", "prod")
    )

    answer = wire.interact(altered(elsewhere, "view", "id", value="V0ANOTHER01"))

    assert "en annan miljö" in shown(answer)
    assert book.cases() == cases


def copies_of_bos_card(slack: Slack) -> tuple[str, list[Json]]:
    """An order whose card to Bo stands twice, since the answer to the first post was lost; the unknown one first."""
    bo = slack.person(BO)
    mine = next(each["id"] for each in bo.state()["conversations"] if each["kind"] == "im")
    slack.faults(faults=[{"kind": "drop_after", "method": "chat.postMessage", "channel": mine, "times": 1}])
    case = place_order(slack, OFFER)

    def both() -> list[Json] | None:
        found = [each for each in bo.messages() if case in says(each)]
        return found if len(found) == 2 else None

    return case, sorted(until(both, what="two messages"), key=lambda each: float(each["ts"]))


def test_a_copy_that_is_pressed_without_the_role_is_known_from_then_on_and_shows_the_truth(
    slack: Slack, office: Office
) -> None:
    bo = slack.person(BO)
    _, (copy, known) = copies_of_bos_card(slack)
    office.takes("attestant", "bo.ek@region.example", "Region Exempel")
    until(lambda: "kp.attest" not in bo.acts(_again(bo, known)), what="the known message to be repainted")
    assert "kp.attest" in bo.acts(_again(bo, copy))

    bo.press(_again(bo, copy), "kp.attest")

    # Bo has no role there any more, and is not told where.
    heard(bo, "Du har inte rollen attestant för organisationen")
    until(lambda: "kp.attest" not in bo.acts(_again(bo, copy)), what="the copy to be repainted")


def _again(person: Person, message: Json) -> Json:
    """A message as it is now."""
    return next(each for each in person.messages() if each["ts"] == message["ts"])


def test_a_modal_that_comes_too_late_is_said_to_have(slack: Slack) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    open_nothing(slack)

    bo.press(bo.message("Attestera", case), "kp.attest")

    heard(bo, "Rutan gick inte att öppna", "Försök igen")


def test_a_modal_that_the_home_tab_cannot_open_is_told_of_in_a_direct_message(slack: Slack) -> None:
    anna = slack.person(ANNA)
    anna.home("Anna Berg")
    open_nothing(slack)

    anna.press_home("kp.new_order")

    told = anna.message("Rutan gick inte att öppna", "Försök igen")
    assert not told["ephemeral"]
    assert [each["text"]["text"] for each in told["blocks"]] == [told["text"]]


def test_a_rejection_of_spaces_is_refused_at_its_field(slack: Slack, book: Book) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    bo.press(bo.message("Avslå", case), "kp.reject")

    answer = bo.submit(bo.modal("avslår"), reason_code=option("other"), reason=text("   "))

    assert answer["response_action"] == "errors"
    assert answer["errors"] == {"reason": "Skriv en motivering."}
    assert book.lines(case) == 1


def test_case_40_a_request_sent_again_by_slack_or_anybody_changes_nothing(slack: Slack, book: Book) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    attest(bo, case)
    sent = [each for each in slack.log()["deliveries"] if each["type"] in {"block_actions", "view_submission"}]
    state, lines, cases = book.state(case), book.lines(), book.cases()

    for each in sent:
        for fresh in (False, True):
            assert slack.ask("replay", delivery=each["n"], fresh=fresh)["status"] == 200

    assert (book.state(case), book.lines(), book.cases()) == (state, lines, cases)
    heard(bo, "Du har redan svarat")


def test_what_people_write_mentions_nobody_and_forges_nothing(slack: Slack) -> None:
    bo = slack.person(BO)
    nasty = "<!channel> <@U0BOEK00001> *f* <https://evil.example|Attest> `x` &lt;"
    case = place_order(slack, OFFER, comment=text(nasty))

    card = bo.message("Attestera", case)

    assert nasty in says(card)
    assert not [element for element in _mrkdwn(card) if "evil" in element or "channel" in element]


def _mrkdwn(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if part.get("type") == "mrkdwn" else []
        return own + [found for value in part.values() for found in _mrkdwn(value)]
    return [found for each in part for found in _mrkdwn(each)] if isinstance(part, list) else []
