"""The home tab, the command, and how an account becomes a person's."""

import httpx
import pytest

from bot.demo.run import Demo
from tests.flow.book import Book
from tests.flow.people import ANNA, BO, DAVID, DISA, ERIK, FARID, GRACE, OSCAR, attest, fill, open_form, place_order
from tests.flow.slack import PATIENCE, Json, Person, Slack, option, says, text, until
from tests.flow.stage import TEAM, playing, with_mail
from tests.flow.wire import Wire, altered
from tests.web.filling import TYPED
from tests.web.reading import read

OFFER = "npo-producent"


def test_it_shows_what_waits_and_what_was_ordered_and_follows_along(slack: Slack) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    assert "Inget väntar" in says(bo.home("Bo Ek"))
    anna.home("Anna Berg")

    case = place_order(slack, OFFER)

    waiting = bo.home_now("1 väntar på dig", case)
    anna.home_now("Väntar på kundens attest", case)
    bo.press(waiting, "kp.details")
    bo.press(bo.modal(case), "kp.attest")
    bo.submit(bo.modal("Du attesterar"))
    bo.home_now("Inget väntar")
    anna.home_now("Hos Ineras kundservice", case)
    assert not bo.modals()


def test_an_opened_order_decides_as_its_card_does_and_shows_what_became_of_it(slack: Slack) -> None:
    disa = slack.person(DISA)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)
    disa.press(disa.home("1 väntar på dig", case), "kp.details")
    opened = disa.modal(case)
    assert set(disa.acts(disa.card("kp.claim", case))) - {"kp.details", "kp.more"} == set(disa.acts(opened))

    disa.press(opened, "kp.claim")

    until(lambda: offering(disa, "kp.release", case), what="the order as it stands now")
    disa.card("kp.release", case)
    disa.home_now("1 väntar på dig", case)


def test_a_press_in_an_opened_order_that_has_moved_on_is_refused_as_on_its_card(slack: Slack) -> None:
    disa, erik = slack.person(DISA), slack.person(ERIK)
    case = place_order(slack, OFFER)
    attest(slack, BO, case)
    disa.press(disa.home(case), "kp.details")
    opened = disa.modal(case)
    erik.press(erik.card("kp.claim", case), "kp.claim")

    disa.press(opened, "kp.claim")

    assert "Erik Sand har tagit ärendet." in says(disa.modal("Det gick inte"))


def test_the_lists_are_turned_narrowed_and_stay_where_the_reader_is(slack: Slack) -> None:
    bo, anna = slack.person(BO), slack.person(ANNA)
    cases = [place_order(slack, OFFER, units=text(f"Enhet {number}")) for number in range(6)]
    attest(slack, BO, cases[0])
    home = bo.home("5 väntar på dig")

    bo.choose(home, "kp.list", "decided")
    home = bo.home_now("Beslutat av dig (1)", cases[0])
    assert cases[1] not in says(home)
    bo.choose(home, "kp.list", "organisation")
    home = bo.home_now("Din organisations beställningar (6)", *cases)
    bo.choose(home, "kp.list.sorting", "amount")
    home = bo.home_now("Din organisations beställningar (6)")
    found = bo.search(home, "kp.list.service", "")["options"]
    assert [each["value"] for each in found] == ["*", "npo"]
    bo.choose(home, "kp.list.service", "npo")
    home = bo.home_now("Din organisations beställningar (6)")
    assert bo.search(home, "kp.list.organisation", "region")["options"][1]["text"]["text"] == "Region Exempel"
    anna.press(anna.message("Visa hela beställningen", cases[5]), "kp.withdraw")
    anna.submit(anna.modal())
    # What has changed is shown in the list that is open.
    bo.home_now("Din organisations beställningar (6)", "Tillbakatagen")


def test_a_case_is_found_by_its_care_unit_with_one_press_typing_and_one_press(slack: Slack) -> None:
    disa, grace = slack.person(DISA), slack.person(GRACE)
    case = place_order(slack, OFFER, units=text("Vårdcentralen Ekbacken"))
    place_order(slack, OFFER, units=text("Vårdcentralen Norr"))
    disa.home("Disa Fors")

    disa.press_home("kp.search")
    answer = disa.submit(disa.modal("Sök ärenden"), sought=text("ekback"))

    assert answer["response_action"] == "update"
    found = disa.modal("1 träff", case)
    disa.press(found, "kp.details")
    assert "Vårdcentralen Ekbacken" in says(disa.modal(case, "Läge"))
    grace.home("Grace")
    grace.press_home("kp.search")
    grace.submit(grace.modal("Search cases"), sought=text("ekback"))
    grace.modal("No case fits what you typed.")


def test_the_whole_order_opens_for_those_who_play_a_part_in_it(slack: Slack) -> None:
    anna, bo, oscar, grace = map(slack.person, (ANNA, BO, OSCAR, GRACE))
    case = place_order(slack, OFFER)

    anna.press(anna.message("Visa hela beställningen", case), "kp.details")
    assert "ZZ1234" in says(anna.modal(case))
    bo.command(case.lower())
    assert "ZZ1234" in says(bo.modal(case))
    grace.command(case)
    assert grace.message("no such order")["ephemeral"]
    oscar.command(case)
    assert oscar.message("inte kopplat till någon")["ephemeral"]
    assert not grace.modals()


def test_a_language_chosen_is_the_language_of_everything_after(slack: Slack) -> None:
    bo = slack.person(BO)
    home = bo.home("Inget väntar")

    bo.choose(home, "kp.language", "en")

    bo.home_now("Nothing is waiting for you")
    case = place_order(slack, OFFER)
    bo.press(bo.message("Attest:", case), "kp.attest")
    assert "You attest" in says(bo.modal())


def test_an_english_customer_orders_and_attests_in_english(slack: Slack) -> None:
    farid, grace = slack.person(FARID), slack.person(GRACE)
    farid.command("new")
    farid.choose(farid.modal("New order"), "kp.offers", OFFER)
    form = farid.modal("SEK")
    assert farid.submit(form, **fill(form, OFFER))["response_action"] == "update"
    assert "has been sent" in says(farid.modal())

    grace.press(grace.message("Attest"), "kp.attest")
    grace.submit(grace.modal("You attest"))

    farid.message("With Inera customer service")
    slack.person(DISA).message("Ta ärendet")


def test_the_command_tells_what_waits_and_how_it_works(slack: Slack) -> None:
    bo, anna = slack.person(BO), slack.person(ANNA)
    bo.command()
    assert bo.message("Inget väntar på dig")["ephemeral"]
    case = place_order(slack, OFFER)

    bo.command(" ")
    listed = bo.message("1 beställning väntar", case)
    bo.press(listed, "kp.details")
    bo.modal(case)
    anna.command("HJÄLP")
    assert "agentens attestant" in says(anna.message("Så fungerar det")).lower()
    anna.home("Anna Berg")
    anna.press_home("kp.help")
    anna.modal("Så fungerar det")


def test_an_account_with_a_persons_address_is_asked_and_linked(slack: Slack) -> None:
    david = slack.person(DAVID)
    home = david.home("David Lind")
    asked = david.message("Är det du?")

    assert {"kp.link_yes", "kp.link_no"} <= set(david.offered(home))
    david.press(asked, "kp.link_yes")

    david.message("Välkommen, David Lind")
    david.home_now("Inget väntar")
    case = place_order(slack, OFFER)
    david.message("Attestera", case)


def test_whoever_holds_a_confirmed_account_says_that_it_is_somebody_elses(slack: Slack, book: Book) -> None:
    david = slack.person(DAVID)
    david.home("David Lind")
    david.press(david.message("Är det du?"), "kp.link_yes")
    greeting = david.message("Välkommen, David Lind")

    david.press(greeting, "kp.link_no")

    david.message("inte längre kopplat till David Lind")
    david.home_now("Med länken i mejlet om kontot tillåter du att det kopplas igen")
    assert "kp.link_yes" not in david.offered(david.home("inte längre kopplat"))
    assert book.undone() == [("David Lind", "slack", "not_me")]


def test_an_account_that_may_be_a_persons_is_asked_before_it_can_order(slack: Slack) -> None:
    david = slack.person(DAVID)

    david.command("ny")

    assert {"kp.link_yes", "kp.link_no"} <= set(david.offered(david.message("Är det du?")))
    assert not david.modals()


def test_what_is_no_order_number_is_answered_with_where_the_help_is(slack: Slack) -> None:
    bo = slack.person(BO)

    bo.command("blaha")

    assert bo.message("/kundportal hjälp")["ephemeral"]


def test_an_order_number_may_be_typed_without_its_hyphen(slack: Slack) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)

    bo.command(case.lower().replace("-", ""))

    bo.modal(case)


def test_an_application_opens_by_its_number_for_customer_service_alone(place: Demo) -> None:
    with with_mail(place) as posted, playing(posted) as slack:
        disa, bo = slack.person(DISA), slack.person(BO)
        number = applied(place)

        disa.command(number.lower())
        bo.command(number)

        assert TYPED["organisation"] in says(disa.modal(number))
        assert bo.message("Ansökan finns inte")["ephemeral"]
        assert not bo.modals()


def test_an_application_is_decided_from_the_card_of_another_with_its_number(place: Demo) -> None:
    with with_mail(place) as posted, playing(posted) as slack:
        disa, first = slack.person(DISA), applied(place, org_number="556559-4230")
        card = disa.card("kp.claim", "Ny kundansökan", first)
        second = applied(place, org_number="556559-4230")

        disa.press(card, "kp.claim")
        card = disa.card("kp.approve", first, "har 1 öppen ansökan till", second)
        disa.press(card, "kp.details")
        disa.press(disa.modal(second), "kp.claim")
        disa.press(
            until(lambda: offering(disa, "kp.reject", second), what="a modal that offers to reject"), "kp.reject"
        )
        disa.submit(disa.modal("Avslå ansökan"), reason_code=option("other"), reason=text("Okänd sökande"))

        until(
            lambda: second not in says(disa.card("kp.approve", first, "Har ärendet")), what="a card without the other"
        )
        assert disa.hears_nothing_of(f"Ansökan {second}")


def applied(place: Demo, **typed: str) -> str:
    """An application sent in on the web; its number."""
    form = httpx.get(f"{place.site}/ansok", timeout=PATIENCE).text
    filled_in = read(form).fields | TYPED | typed | {"do": "send"}
    sent = httpx.post(f"{place.site}/ansok", data=filled_in, timeout=PATIENCE)
    return sent.headers["location"].rpartition("/")[2]


def offering(person: Person, action: str, *words: str) -> Json | None:
    """The open modal, once it offers an action."""
    modal = person.modal(*words)
    return modal if action in person.acts(modal) else None


@pytest.mark.parametrize("typed", ["Ny  beställning", "New order"])
def test_the_form_opens_at_two_words_as_well(slack: Slack, typed: str) -> None:
    anna = slack.person(ANNA)

    anna.command(typed)

    anna.modal("Tjänst och erbjudande")


def test_a_no_can_be_taken_back_on_the_home_tab(slack: Slack) -> None:
    david = slack.person(DAVID)
    david.home("David Lind")
    david.press(david.message("Är det du?"), "kp.link_no")
    david.message("inte kopplat")

    david.press_home("kp.link_yes")

    david.home_now("David Lind", "Inget väntar")


@pytest.mark.parametrize(
    ("answer", "told"), [("kp.link_yes", "nu kopplat till David Lind"), ("kp.link_no", "inte kopplat")]
)
def test_a_question_answered_in_private_says_so_and_can_be_answered_no_more(
    slack: Slack, answer: str, told: str
) -> None:
    david = slack.person(DAVID)
    david.command()
    asked = until(
        lambda: next((each for each in david.messages() if each["ephemeral"] and david.offered(each)), None),
        what="a question in private",
    )

    david.press(asked, answer)

    def answered() -> bool:
        (mine,) = [each for each in david.messages() if each["ts"] == asked["ts"]]
        return told in says(mine) and not david.offered(mine)

    until(answered, what="an answer in the question's place")


def test_a_no_that_was_asked_long_ago_undoes_what_was_linked_since(slack: Slack, wire: Wire) -> None:
    david = slack.person(DAVID)
    david.home("David Lind")
    david.press(david.message("Är det du?"), "kp.link_yes")
    david.message("Välkommen")
    press = [each["body"] for each in slack.log()["deliveries"] if each["type"] == "block_actions"][-1]

    wire.interact(altered(press, "actions", 0, "action_id", value="kp.link_no"))

    david.message("inte längre kopplat till David Lind")


def test_an_order_waits_for_an_account_that_is_not_linked_yet(slack: Slack) -> None:
    david = slack.person(DAVID)
    case = place_order(slack, OFFER)
    asked = david.message("Är det du?")
    assert david.hears_nothing_of("Attestera", case)

    david.press(asked, "kp.link_yes")

    david.message("Attestera", case)


def test_an_account_that_is_linked_hears_nothing_of_what_others_have_decided_meanwhile(slack: Slack) -> None:
    david = slack.person(DAVID)
    decided = place_order(slack, OFFER)
    asked = david.message("Är det du?")
    attest(slack, BO, decided)

    waiting = place_order(slack, "1177-journal-producent")
    david.press(asked, "kp.link_yes")

    david.message("Attestera", waiting)
    assert david.hears_nothing_of(decided)


def test_an_account_without_a_persons_address_hears_what_to_do(slack: Slack) -> None:
    oscar = slack.person(OSCAR)

    assert "administratör" in says(oscar.home("inte kopplat"))
    oscar.command()
    oscar.message("inte kopplat till någon")


def test_a_yes_that_nobody_asked_for_is_refused(slack: Slack, wire: Wire) -> None:
    david = slack.person(DAVID)
    david.home("David Lind")
    david.press(david.message("Är det du?"), "kp.link_yes")
    david.message("Välkommen")
    press = [each["body"] for each in slack.log()["deliveries"] if each["type"] == "block_actions"][-1]

    theirs = altered(altered(press, "user", "id", value=OSCAR), "user", "team_id", value=TEAM)
    assert wire.interact(altered(theirs, "team", "id", value=TEAM)).status_code == 200

    assert david.message("Kopplingen går inte")["ephemeral"]


def test_a_menu_asks_while_people_type(slack: Slack, wire: Wire) -> None:
    anna = slack.person(ANNA)
    open_form(anna, OFFER)
    view = [each["body"]["view"] for each in slack.log()["deliveries"] if each["type"] == "block_actions"][-1]
    press = [each["body"] for each in slack.log()["deliveries"] if each["type"] == "block_actions"][-1]
    offer = next(iter(view["state"]["values"]), "offer")
    search = {key: press[key] for key in ("user", "team", "api_app_id", "token", "view")}
    search |= {"type": "block_suggestion", "block_id": offer, "action_id": "kp.offers", "value": "1177"}

    found = wire.interact(search).json()["option_groups"]

    values = {each["value"] for group in found for each in group["options"]}
    assert "1177-journal-producent" in values
    assert OFFER not in values


@pytest.mark.may_go_wrong("part_failing")
@pytest.mark.parametrize(
    ("event", "problem"),
    [
        ({"type": "app_uninstalled"}, "app_uninstalled"),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U0KUNDPORTA"]}}, "token_revoked"),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U0ANNABERG1"]}}, None),
    ],
)
def test_a_workspace_that_takes_its_token_back_is_marked(
    slack: Slack, book: Book, event: Json, problem: str | None
) -> None:
    assert slack.ask("event", event=event, team=TEAM)["status"] == 200

    assert book.problem() == problem
