"""What may be ordered, through whom, and what a refusal leads to: cases 1, 3, 14, 17, 19, 20, 33, 45 and 51."""

from datetime import date

from tests.flow.book import Book
from tests.flow.office import Office, person, today
from tests.flow.people import (
    ANNA,
    BO,
    CECILIA,
    DISA,
    EVA,
    FARID,
    HANNA,
    IVAR,
    JOHN,
    KARIN,
    LENA,
    agents,
    attest,
    decide,
    fill,
    open_form,
    order_via,
    place_order,
)
from tests.flow.slack import Json, Person, Slack, option, options, says, text

DIRECT, VIA, SITHS, EID = "npo-producent", "npo-producent-agent", "siths-funktionscertifikat", "webcert-eid"
NORTH, WEST = "Nordjournal AB", "Vårdsystem Väst AB"
SINCE = date(2023, 1, 1)


def refused(slack: Slack, user: str, offer: str, **changed: Json | None) -> dict[str, str]:
    """What the form says at its fields when somebody sends it."""
    orderer = slack.person(user)
    form = open_form(orderer, offer)
    answer = orderer.submit(form, **fill(form, offer, **changed))
    assert answer["response_action"] == "errors", answer
    return {block.partition(".")[0]: said for block, said in answer["errors"].items()}


def told(reader: Person, *words: str) -> int:
    """How many messages hold all the words."""
    return len([each for each in reader.messages() if all(word in says(each) for word in words)])


def test_case_01_a_rejected_direct_order_ends_with_its_reason_and_customer_service_never_hears(
    slack: Slack, book: Book
) -> None:
    anna, cecilia, disa = map(slack.person, (ANNA, CECILIA, DISA))
    case = place_order(slack, DIRECT)

    decide(slack, BO, case, "kp.reject", reason_code=option("wrong_unit"), reason=text("Söder är nedlagd."))

    anna.message("avslagen", "Söder är nedlagd.", case)
    assert "kp.attest" not in cecilia.acts(cecilia.message("Avslagen", case))
    assert disa.hears_nothing_of(case)
    assert book.state(case) == "rejected"


def test_case_03_a_rejection_by_the_agents_attestant_has_one_reason_for_all_and_one_for_the_own_side(
    slack: Slack,
) -> None:
    anna, bo, hanna = map(slack.person, (ANNA, BO, HANNA))
    case = order_via(slack)
    approved = decide(slack, HANNA, case, "kp.approve", certified=options("yes"), attestant=option("all"))
    assert approved["response_action"] == "clear", approved
    hanna.close_all()

    reasons = {"reason": text("Vi hinner inte i år."), "internal": text("Fråga säljaren om priset.")}
    decide(slack, IVAR, case, "kp.reject", reason_code=option("other"), **reasons)

    at_the_customer = anna.message("avslagen", "Vi hinner inte i år.", case)
    at_the_agent = hanna.message("avslagen", "Vi hinner inte i år.", "Fråga säljaren om priset.", case)
    assert "säljaren" not in says(at_the_customer)
    assert "Ivar Lund" not in says(at_the_customer)
    assert "Ivar Lund" in says(at_the_agent)
    assert bo.hears_nothing_of(case)


def test_case_14_without_an_attestant_the_form_says_so_and_the_administrator_is_told_once(
    slack: Slack, office: Office, book: Book
) -> None:
    anna, eva = slack.person(ANNA), slack.person(EVA)
    for name in ("bo.ek", "cecilia.dahl", "david.lind"):
        office.takes("attestant", f"{name}@region.example", "Region Exempel")

    said = refused(slack, ANNA, DIRECT)
    refusal = eva.message("kunde inte läggas", "Ge rollen attestant")
    eva.press(refusal, "kp.people")
    eva.modal("Personer och roller", "Region Exempel")
    anna.close_all()
    again = refused(slack, ANNA, DIRECT)

    assert "saknar en attestant" in said["offer"]
    assert again == said
    assert told(eva, "kunde inte läggas") == 1
    assert book.cases() == 0


def test_case_14_an_amount_over_everybodys_limit_is_told_as_that(slack: Slack, office: Office) -> None:
    eva = slack.person(EVA)
    office.takes("attestant", "cecilia.dahl@region.example", "Region Exempel")
    limited = [{"role": "attestant", "attest_limit": 1000}]
    office.organisation("Region Exempel", people=[person(name, *limited) for name in ("Bo Ek", "David Lind")])

    said = refused(slack, ANNA, DIRECT)

    assert "högre än beloppsgränsen för alla attestanter hos Region Exempel" in said["offer"]
    eva.message("beloppsgräns som räcker", "Höj beloppsgränsen")


def test_case_17_an_agent_without_an_assignment_cannot_be_chosen_and_is_refused_in_a_form_that_was_open(
    slack: Slack, office: Office
) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, VIA)
    north = option(agents(form)[NORTH])
    office.organisation(NORTH, agent_assignments=[{"service": "npo", "from": SINCE, "ended": today()}])

    answer = anna.submit(form, **fill(form, VIA, agent=north))
    anna.close_all()

    assert f"{NORTH} har inget agentuppdrag för Nationell patientöversikt (NPÖ)" in answer["errors"]["agent"]
    anna.shortcut()
    anna.choose(anna.modal(), "kp.offers", VIA)
    anna.modal("Ingen agent kan ta emot en sådan beställning just nu.")


def test_case_17_nor_can_one_without_an_agreement(slack: Slack, office: Office) -> None:
    anna = slack.person(ANNA)
    form = open_form(anna, VIA)
    north = option(agents(form)[NORTH])
    office.organisation(NORTH, agreements=[{"type": "agentavtal", "from": SINCE, "ended": today()}])

    answer = anna.submit(form, **fill(form, VIA, agent=north))
    anna.close_all()

    assert f"{NORTH} har inget gällande agentavtal" in answer["errors"]["agent"]
    anna.shortcut()
    anna.choose(anna.modal(), "kp.offers", VIA)
    anna.modal("Ingen agent kan ta emot en sådan beställning just nu.")


def test_case_19_who_is_told_of_an_agent_without_an_attestant_is_at_the_agent_or_else_at_customer_service(
    slack: Slack, office: Office
) -> None:
    anna, disa, eva, hanna = map(slack.person, (ANNA, DISA, EVA, HANNA))
    office.organisation(WEST, people=[person("Lena Strand", "attestant", at="strand.example")])

    def refused_by(agent: str, *gone: str) -> dict[str, str]:
        """What the form says where the agent's attestants have left since it was opened."""
        form = open_form(anna, VIA)
        for email in gone:
            office.takes("attestant", email, agent)
        answer = anna.submit(form, **fill(form, VIA, agent=option(agents(form)[agent])))
        anna.close_all()
        return answer["errors"]

    refused_by(WEST, "lena.strand@strand.example")
    disa.message("kunde inte läggas", WEST, "ingen administratör")
    office.organisation(NORTH, people=[person("Hanna Vik", "administrator", at="nordjournal.example")])

    said = refused_by(NORTH, *(f"{name}@nordjournal.example" for name in ("ivar.lund", "john.reed", "karin.strom")))

    assert NORTH in said["agent"]
    hanna.message("En kunds beställning kunde inte läggas", "agentens beställare (handläggare agent)")
    assert eva.hears_nothing_of("kunde inte läggas")
    assert hanna.hears_nothing_of("Region Exempel")


def test_case_20_without_a_customer_agreement_nothing_is_ordered(slack: Slack, office: Office, book: Book) -> None:
    eva = slack.person(EVA)
    office.organisation("Region Exempel", agreements=[{"type": "kundavtal", "from": SINCE, "ended": today()}])

    said = refused(slack, ANNA, DIRECT)

    assert "Region Exempel har inget gällande kundavtal med Inera" in said["offer"]
    assert eva.hears_nothing_of("kunde inte läggas")
    assert book.cases() == 0


def test_case_33_an_agent_orders_for_itself_directly_and_never_through_itself(
    slack: Slack, office: Office, book: Book
) -> None:
    hanna, ivar, john, karin = map(slack.person, (HANNA, IVAR, JOHN, KARIN))
    own = place_order(slack, SITHS, HANNA, units=None, technical_contact=None)
    ivar.message("Attestera", own)
    assert "kp.approve" not in hanna.acts(hanna.message("Ta tillbaka", own))
    for colleague in (john, karin):
        assert colleague.message("Att", own)
    attest(slack, IVAR, own)

    office.organisation(NORTH, category="private_provider")
    hanna.shortcut()
    hanna.choose(hanna.modal(), "kp.offers", VIA)

    assert book.state(own) == "awaiting_customer_service"
    hanna.modal("Ingen agent kan ta emot en sådan beställning just nu.")


def test_case_45_a_sole_traders_number_is_shown_to_nobody(slack: Slack) -> None:
    lena, disa = slack.person(LENA), slack.person(DISA)
    case = place_order(slack, EID, LENA, units=None, technical_contact=None)
    attest(slack, LENA, case)
    disa.press(disa.card("kp.claim", case), "kp.claim")
    card = disa.card("kp.send_instructions", case)
    for reader in (lena, disa):
        reader.command(case)
        reader.modal(case)

    lena.close_all()
    north = option(agents(open_form(lena, VIA))[NORTH])
    lena.close_all()
    via = place_order(slack, VIA, LENA, agent=north)
    assert "Lena Strand Psykologi" in says(slack.person(HANNA).message("Godkänn", via))

    assert "Lena Strand Psykologi" in says(card)
    sent = repr(
        [each["args"] for each in slack.log()["calls"]] + [each["answer"] for each in slack.log()["deliveries"]]
    )
    assert "Lena Strand Psykologi" in sent
    for number in ("1212121212", "121212-1212", "121212"):
        assert number not in sent


def test_case_51_what_is_for_sole_traders_is_refused_to_others(slack: Slack, book: Book) -> None:
    farid = slack.person(FARID)
    form = open_form(farid, EID)

    answer = farid.submit(form, **fill(form, EID, units=None, technical_contact=None))

    (said,) = answer["errors"].values()
    assert "sole traders only" in said
    assert book.cases() == 0
