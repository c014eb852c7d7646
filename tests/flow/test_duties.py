"""Who may not: the same person twice, both sides, another organisation's, and who declares a conflict of interest."""

from tests.flow.book import Book
from tests.flow.office import Office, person
from tests.flow.people import (
    ANNA,
    BO,
    CECILIA,
    DAVID,
    EVA,
    FARID,
    FILIP,
    GRACE,
    HANNA,
    IVAR,
    JOHN,
    KARIN,
    TOVE,
    agents,
    attest,
    decide,
    fill,
    open_form,
    order_via,
    place_order,
)
from tests.flow.slack import Slack, option, options, runs, says, text
from tests.flow.wire import Wire, altered

OFFER = "npo-producent"


def hand_over(slack: Slack, user: str, case: str, to: str) -> dict[str, object]:
    somebody = slack.person(user)
    somebody.choose_more(somebody.card("kp.hand_over", case), "hand_over")
    modal = somebody.modal("Lämna över")
    people = next(each["element"]["options"] for each in modal["blocks"] if each["block_id"] == "to")
    return somebody.submit(modal, to=option(next(each["value"] for each in people if each["text"]["text"] == to)))


def recuse(slack: Slack, user: str, case: str) -> None:
    somebody = slack.person(user)
    somebody.choose_more(somebody.card("kp.recuse", case), "recuse")
    assert somebody.submit(somebody.modal("Du anmäler jäv"))["response_action"] == "clear"


def test_case_29_an_orderer_who_attests_is_not_asked_about_the_own_order(slack: Slack, book: Book) -> None:
    bo, cecilia = slack.person(BO), slack.person(CECILIA)

    case = place_order(slack, OFFER, CECILIA)

    bo.message("Attestera", case)
    assert cecilia.hears_nothing_of("Attestera", case)
    cecilia.command(case)
    assert "kp.attest" not in cecilia.offered(cecilia.modal(case))
    attest(slack, BO, case)
    assert book.state(case) == "awaiting_customer_service"


def test_case_30_who_approved_for_the_agent_is_not_asked_to_attest(slack: Slack) -> None:
    john = slack.person(JOHN)
    case = order_via(slack)
    john.press(john.message("Approve", case), "kp.approve")
    modal = john.modal("I certify")
    menu = next(each["element"]["options"] for each in modal["blocks"] if each["block_id"] == "attestant")
    assert "John Reed" not in [each["text"]["text"] for each in menu]

    assert john.submit(modal, certified=options("yes"), attestant=option("all"))["response_action"] == "clear"

    slack.person(IVAR).message("Attestera", case)
    assert john.hears_nothing_of("waiting for you to attest", case)


def test_case_31_who_has_acted_for_the_agent_does_not_act_for_the_customer(slack: Slack, book: Book) -> None:
    farid, karin, hanna = slack.person(FARID), slack.person(KARIN), slack.person(HANNA)
    form = open_form(farid, "npo-producent-agent")
    agent = option(agents(form)["Nordjournal AB"])
    farid.close_all()
    case = place_order(slack, "npo-producent-agent", FARID, agent=agent)
    hanna.press(hanna.card("kp.approve", case), "kp.approve")
    modal = hanna.modal("Jag intygar")
    menu = next(each["element"]["options"] for each in modal["blocks"] if each["block_id"] == "attestant")
    chosen = option(next(each["value"] for each in menu if each["text"]["text"] == "Karin Ström"))
    hanna.submit(modal, certified=options("yes"), attestant=chosen)

    attest(slack, KARIN, case)

    slack.person(GRACE).message("Attest", case)
    karin.command(case)
    assert "kp.attest" not in karin.offered(karin.modal(case))
    # Karin's substitute at the customer uses Karin's authority, so what keeps Karin out keeps Tove out.
    assert slack.person(TOVE).hears_nothing_of("Attestera", case)


def test_case_32_every_message_and_dialog_names_the_organisation_one_acts_for(slack: Slack) -> None:
    karin = slack.person(KARIN)
    case = place_order(slack, OFFER, FARID)

    asked = karin.message("Attestera", case)

    assert "Vårdhuset Solsidan AB" in says(asked)
    karin.press(asked, "kp.attest")
    assert "Vårdhuset Solsidan AB" in says(karin.modal("Du attesterar"))


def test_case_41_an_account_that_is_not_linked_decides_nothing_and_hears_what_to_do(slack: Slack, book: Book) -> None:
    david = slack.person(DAVID)
    case = place_order(slack, OFFER)

    david.command(case)

    assert "Öppna fliken Hem för att koppla det" in says(david.message("inte kopplat"))
    assert not david.modals()
    assert book.lines(case) == 1


def test_case_43_somebody_of_another_organisation_learns_nothing_of_an_order(slack: Slack, book: Book) -> None:
    grace = slack.person(GRACE)
    case = place_order(slack, OFFER)

    grace.command(case)

    told = grace.message("no such order")
    assert told["ephemeral"]
    assert "Region Exempel" not in says(told)


def test_case_49_a_role_that_is_minutes_old_is_told_to_wait_for(slack: Slack, office: Office) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    old = bo.card("kp.attest", case)

    with slack.frozen():
        office.takes("attestant", "bo.ek@region.example", "Region Exempel")
        bo.press(old, "kp.attest")
        told = bo.message("inte rollen attestant")

    assert "Nya roller kan ta några minuter" in says(told)


def test_case_50_who_declares_a_conflict_of_interest_is_out_and_others_decide(slack: Slack, book: Book) -> None:
    bo, cecilia = slack.person(BO), slack.person(CECILIA)
    case = place_order(slack, OFFER)

    recuse(slack, BO, case)

    assert "kp.attest" not in bo.offered(bo.message("Du har anmält jäv", case))
    bo.command(case)
    assert "kp.attest" not in bo.offered(bo.modal(case))
    assert "Bo Ek anmälde jäv" in says(bo.modal(case))
    cecilia.message("Attestera", case)
    attest(slack, CECILIA, case)
    assert book.state(case) == "awaiting_customer_service"


def test_case_50_when_nobody_is_left_the_administrator_hears_at_once(slack: Slack, office: Office) -> None:
    eva, anna = slack.person(EVA), slack.person(ANNA)
    office.takes("attestant", "david.lind@region.example", "Region Exempel")
    case = place_order(slack, OFFER)

    recuse(slack, BO, case)
    recuse(slack, CECILIA, case)

    eva.message("ingen som får attestera finns kvar", case)
    anna.message("Ingen hos", "kan besluta", case)


def test_a_decision_is_handed_over_to_a_colleague(slack: Slack, book: Book) -> None:
    bo, cecilia = slack.person(BO), slack.person(CECILIA)
    case = place_order(slack, OFFER)

    assert hand_over(slack, BO, case, "Cecilia Dahl")["response_action"] == "clear"

    assert "kp.attest" not in bo.offered(bo.message("Du har lämnat över", case))
    attest(slack, CECILIA, case)
    bo.command(case)
    assert "Bo Ek lämnade över" in says(bo.modal("till Cecilia Dahl"))
    assert cecilia.message("Attesterad av Cecilia Dahl", case)
    assert book.state(case) == "awaiting_customer_service"


def test_an_old_card_and_an_opened_form_say_to_whom_it_was_handed_over(slack: Slack, wire: Wire, book: Book) -> None:
    bo = slack.person(BO)
    case = place_order(slack, OFFER)
    card = bo.card("kp.attest", case)
    bo.press(card, "kp.attest")
    form = bo.modal("Du attesterar")
    assert hand_over(slack, BO, case, "Cecilia Dahl")["response_action"] == "clear"
    sent = [each["body"] for each in slack.log()["deliveries"] if each["type"] == "view_submission"][-1]

    # The form stood open in another window.
    submitted = wire.interact(altered(sent, "view", value=form)).json()
    bo.press(card, "kp.attest")

    told = ["Du lämnade över beslutet till Cecilia Dahl", "Be Cecilia Dahl lämna tillbaka det"]
    assert all(each in says(submitted["view"]) for each in told)
    bo.message(*told)
    assert book.state(case) == "awaiting_customer_attest"
    bo.command(case)
    details = bo.modal("Be Cecilia Dahl lämna tillbaka det")
    assert not {"kp.attest", "kp.reject"} & set(bo.offered(details))


def test_a_reserve_attestant_never_decides_the_own_order(slack: Slack, office: Office) -> None:
    filip = slack.person(FILIP)
    office.organisation("Region Exempel", people=[person("Filip Ask", "orderer")])
    case = place_order(slack, OFFER, FILIP)

    filip.command(case)

    assert "kp.emergency_attest" not in filip.offered(filip.modal(case))


def test_an_agent_may_not_be_its_own_customer(slack: Slack, book: Book) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, "npo-producent-agent")

    assert "Region Exempel" not in agents(form)
    refused = anna.submit(form, **fill(form, "npo-producent-agent", agent=option("OREGION")))

    assert "agent" in refused["errors"]
    assert book.cases() == 0


def test_a_rejection_of_somebody_who_substitutes_names_both(slack: Slack) -> None:
    farid = slack.person(FARID)
    case = place_order(slack, OFFER, FARID)

    answer = decide(slack, TOVE, case, "kp.reject", reason_code=option("no_budget"), reason=text("Inte i år."))

    assert answer["response_action"] == "clear"
    told = farid.message("Tove Mark", "Inte i år.", case)
    assert "Karin Ström" in runs(told)
