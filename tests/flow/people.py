"""The demo's people by their Slack user ids, and the orders they place in the tests."""

import re

from core.api import CaseId
from tests.flow.slack import Json, Person, Slack, case_in, option, options, says, text

ANNA, BO, CECILIA, DAVID = "U0ANNABERG1", "U0BOEK00001", "U0CECILIA01", "U0DAVIDLIN1"
FARID, GRACE, KARIN, LENA = "U0FARIDHAD1", "U0GRACEHOL1", "U0KARINSTR1", "U0LENASTRA1"
HANNA, IVAR, JOHN = "U0HANNAVIK1", "U0IVARLUND1", "U0JOHNREED1"
DISA, ERIK, OSCAR = "U0DISAFORS1", "U0ERIKSAND1", "U0OSCARUTO1"
EVA, FILIP, TOVE = "U0EVANORD01", "U0FILIPASK1", "U0TOVEMARK1"


def open_form(orderer: Person, offer: str) -> Json:
    """The order form with an offer chosen."""
    assert orderer.shortcut()["status"] == 200
    orderer.choose(orderer.modal(), "kp.offers", offer)
    return orderer.modal("SEK" if orderer.user == FARID else "kr")


def block(view: Json, name: str) -> str:
    """The id of a block whose name begins so; an offer's also holds the organisation."""
    return next(each["block_id"] for each in view["blocks"] if each["block_id"].partition(".")[0] == name)


def fill(form: Json, offer: str, **changed: Json | None) -> dict[str, Json]:
    """A form filled in well."""
    filled = {
        block(form, "offer"): option(offer),
        "units": text("Vårdcentralen Norr; SE2222222222-A1B2\nVårdcentralen Söder"),
        "invoice_ref": text("ZZ1234"),
        "technical_contact.name": text("Tekla Teknik"),
        "technical_contact.email": text("tekla@region.example"),
        "technical_contact.phone": text("070-174 06 05"),
        "comment": text("Vi vill komma igång före jul."),
        "terms_accepted": options("yes"),
    }
    return {name: said for name, said in (filled | changed).items() if said is not None}


def order_via(slack: Slack, agent: str = "Nordjournal AB", **more: Json) -> CaseId:
    """Place an order through an agent."""
    form = open_form(slack.person(ANNA), "npo-producent-agent")
    chosen = option(agents(form)[agent])
    slack.person(ANNA).close_all()
    return place_order(slack, "npo-producent-agent", agent=chosen, **more)


def place_order(slack: Slack, offer: str, orderer: str = ANNA, **more: Json | None) -> CaseId:
    """Place an order through the form; its number."""
    person = slack.person(orderer)
    form = open_form(person, offer)
    answer = person.submit(form, **fill(form, offer, **more))
    assert answer["response_action"] == "update", answer
    sent = re.search(r"B-\w+", says(person.modal("B-")))
    assert sent
    person.close_all()
    return case_in(person.message("Ta tillbaka" if orderer != FARID else "Withdraw", sent[0]))


def decide(slack: Slack, user: str, case: str, action: str, **answers: Json) -> Json:
    """Press a button of the card that asks, and submit what it opens; what the product answered."""
    person = slack.person(user)
    person.press(person.message("Attestera" if action != "kp.approve" else "Godkänn", case), action)
    return person.submit(person.modal(), **answers)


def attest(slack: Slack, user: str, case: str) -> None:
    """Attest, as one may."""
    answer = decide(slack, user, case, "kp.attest")
    assert answer["response_action"] == "clear", answer
    slack.person(user).close_all()


def agents(form: Json) -> dict[str, str]:
    """Agents that the form offers: name -> id."""
    menu = next(each["element"] for each in form["blocks"] if each["block_id"] == "agent")
    return {each["text"]["text"]: each["value"] for each in menu["options"]}
