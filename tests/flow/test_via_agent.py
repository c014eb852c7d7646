"""An order through an agent: the agent's two steps, the customer's, and Inera's word to the agent."""

from tests.flow.office import Office
from tests.flow.office import person as somebody
from tests.flow.people import ANNA, BO, DISA, HANNA, IVAR, JOHN, agents, fill, open_form, order_via, place_order
from tests.flow.slack import Slack, case_in, option, options, says, text


def approve(slack: Slack, case: str, attestant: str = "Ivar Lund") -> None:
    hanna = slack.person(HANNA)
    hanna.press(hanna.message("Godkänn", case), "kp.approve")
    modal = hanna.modal("Jag intygar")
    menu = next(each["element"] for each in modal["blocks"] if each["block_id"] == "attestant")
    people = {each["text"]["text"]: each["value"] for each in menu["options"]}
    answer = hanna.submit(modal, certified=options("yes"), attestant=option(people[attestant]))
    assert answer["response_action"] == "clear", answer


def attest(slack: Slack, user: str, case: str) -> None:
    person = slack.person(user)
    person.press(person.message("Attestera", case), "kp.attest")
    assert person.submit(person.modal("kr"))["response_action"] == "clear"


def test_what_is_added_to_a_yes_follows_the_order_to_those_who_may_see_it(slack: Slack) -> None:
    bo, hanna, ivar, disa = map(slack.person, (BO, HANNA, IVAR, DISA))
    case = order_via(slack)
    hanna.press(hanna.message("Godkänn", case), "kp.approve")
    hanna.submit(hanna.modal("Visas för"), certified=options("yes"), comment=text("Tidigast i maj."))
    ivar.press(ivar.message("Attestera", "Tidigast i maj.", case), "kp.attest")
    refused = ivar.submit(ivar.modal("inte för kunden"), comment=text("Gäller 19811218-9876"))
    assert "personnummer" in refused["errors"]["comment"]
    ivar.submit(ivar.modal("inte för kunden"), comment=text("Konto 4010."))
    ivar.message("Kommentar", "Konto 4010.", case)

    asked = bo.message("Attestera", "Tidigast i maj.", case)
    assert "Konto 4010" not in says(asked)
    bo.press(asked, "kp.attest")
    bo.submit(bo.modal("Visas hos"), comment=text("Konto 7777."))
    served = disa.message("Konto 7777.", case)
    disa.press(served, "kp.details")
    for words in ("Tidigast i maj.", "Konto 4010.", "Konto 7777."):
        assert f"”{words}”" in says(disa.modal(case))


def test_an_order_via_an_agent_travels_to_its_end(slack: Slack) -> None:
    anna, bo, hanna, ivar, disa = map(slack.person, (ANNA, BO, HANNA, IVAR, DISA))
    case = order_via(slack)

    anna.message("Väntar på godkännande av agentens beställare", case)
    assert bo.hears_nothing_of(case)
    approve(slack, case)
    anna.message("Väntar på attest av agentens attestant hos Nordjournal AB", case)
    assert slack.person(JOHN).hears_nothing_of("Attest", case)
    assert bo.hears_nothing_of(case)
    attest(slack, IVAR, case)
    asked = bo.message("Attestera", case)
    assert "Nordjournal AB" in says(asked)
    assert "Ivar Lund" not in says(asked)
    assert "Hanna Vik" not in says(asked)
    attest(slack, BO, case)
    disa.press(disa.message("Ta ärendet", case), "kp.claim")
    disa.press(disa.message("Disa Fors", "Informera agenten", case), "kp.inform_agent")
    assert disa.submit(disa.modal("Nordjournal"), message=text("Ni kan börja på måndag."))["response_action"] == "clear"

    started = hanna.message("påbörja", "Ni kan börja på måndag.", case)
    assert "17\u00a0500" not in says(started)
    anna.message("informerad", case)
    assert anna.hears_nothing_of("Ni kan börja på måndag.")
    ivar.message("Attesterad av Ivar Lund", case)


def test_case_02_a_rejection_by_the_agent_ends_the_order_and_the_customers_attestant_never_hears(slack: Slack) -> None:
    anna, hanna = slack.person(ANNA), slack.person(HANNA)
    case = order_via(slack)

    hanna.press(hanna.message("Avslå", case), "kp.reject")
    modal = hanna.modal("avslår")
    reasons = {"reason": text("Ni finns inte hos oss."), "internal": text("Fel kundnummer")}
    assert hanna.submit(modal, reason_code=option("not_our_customer"), **reasons)["response_action"] == "clear"

    told = anna.message("avslagen", "Ni finns inte hos oss.", case)
    assert "Fel kundnummer" not in says(told)
    assert "Hanna Vik" not in says(told)
    assert "Nordjournal AB" in says(told)
    assert slack.person(BO).hears_nothing_of(case)
    assert "kp.approve" not in hanna.offered(hanna.message("Avslagen", case))


def test_case_04_a_rejection_by_the_customers_attestant_tells_both_at_the_agent(slack: Slack) -> None:
    bo, hanna, ivar, anna = map(slack.person, (BO, HANNA, IVAR, ANNA))
    case = order_via(slack)
    approve(slack, case)
    attest(slack, IVAR, case)

    bo.press(bo.message("Avslå", case), "kp.reject")
    bo.submit(bo.modal("avslår"), reason_code=option("no_budget"), reason=text("Inte i år."))

    for person in (anna, hanna, ivar):
        person.message("avslagen", "Inte i år.", case)


def test_an_order_that_is_withdrawn_leaves_nothing_to_press(slack: Slack) -> None:
    anna, hanna = slack.person(ANNA), slack.person(HANNA)
    case = order_via(slack)
    hanna.message("Godkänn", case)

    anna.press(anna.message("Ta tillbaka", case), "kp.withdraw")
    assert anna.submit(anna.modal("ta tillbaka"))["response_action"] == "clear"

    anna.message("Tillbakatagen av dig", case)
    gone = hanna.message("Tillbakatagen", case)
    assert not [each for each in hanna.offered(gone) if each in {"kp.approve", "kp.reject"}]


def test_case_19_an_agent_without_an_attestant_is_not_offered_and_refused_at_its_field(
    slack: Slack, office: Office
) -> None:
    anna, west = slack.person(ANNA), "Vårdsystem Väst AB"
    assert list(agents(open_form(anna, "npo-producent-agent"))) == ["Nordjournal AB"]
    anna.close_all()
    office.organisation(west, people=[somebody("Lena Strand", "attestant", at="strand.example")])
    form = open_form(anna, "npo-producent-agent")
    office.takes("attestant", "lena.strand@strand.example", west)

    answer = anna.submit(form, **fill(form, "npo-producent-agent", agent=option(agents(form)[west])))

    assert answer["response_action"] == "errors"
    assert west in answer["errors"]["agent"]


def test_case_52_an_offer_through_an_agent_may_follow_the_direct_flow(slack: Slack) -> None:
    anna, bo = slack.person(ANNA), slack.person(BO)
    form = open_form(anna, "npo-konsument-agent")
    agent = option(agents(form)["Nordjournal AB"])
    anna.close_all()

    case = place_order(slack, "npo-konsument-agent", agent=agent)

    assert "Nordjournal AB" in says(bo.message("Attestera", case))
    assert case_in(bo.message("Attestera", case)) == case
    assert slack.person(HANNA).hears_nothing_of(case)
