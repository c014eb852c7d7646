"""An administrator lets people in, and they order and attest; customer service does the same for anybody."""

from bot.demo.run import Demo
from tests.flow.book import Book
from tests.flow.office import DEMO, Office, person, today_and_tomorrow
from tests.flow.people import (
    ANNA,
    BO,
    CECILIA,
    DISA,
    EVA,
    FARID,
    LENA,
    OSCAR,
    TOVE,
    attest,
    fill,
    open_form,
    place_order,
)
from tests.flow.slack import Json, Person, Slack, elements, options, says, text, until
from tests.flow.stage import playing, with_mail
from tests.flow.wire import Wire

OFFER, REGION, SOLSIDAN = "npo-producent", "Region Exempel", "Vårdhuset Solsidan AB"
PRACTICE = "Lena Strand Psykologi"
NUMBER = {each["name"]: str(each["org_number"]) for each in DEMO["organisations"]}


def choose_in(who: Person, part: Json, action: str, form: str, near: str = "") -> None:
    """Choose what a menu of ours holds; `near` stands in its block, or in the one before it."""
    before: list[Json] = []
    for block in part["blocks"]:
        menus = [each for _, each in elements([block]) if each["action_id"] == action]
        for menu in menus if near in says([*before[-1:], block]) else ():
            chosen = next(
                each for each in menu["options"] if each["value"].partition("|")[2].split("|")[-1].startswith(form)
            )
            place = {"view_id": part["id"], "block_id": block["block_id"], "action_id": action}
            who._ask("press", **place, selected={"type": "overflow", "selected_option": chosen})
            return
        before.append(block)
    raise AssertionError(f"no {form} near {near!r} in {says(part)}")


def open_people(who: Person, organisation: str = REGION) -> Json:
    """The people of an organisation, from the home tab."""
    home = who.home(organisation, "Personer och roller" if who.user != FARID else "People and roles")
    block = next(
        after
        for before, after in zip(home["blocks"], home["blocks"][1:], strict=False)
        if organisation in says(before) and any(each["action_id"] == "kp.people" for _, each in elements([after]))
    )
    button = next(each for _, each in elements([block]) if each["action_id"] == "kp.people")
    place = {"view_id": home["id"], "block_id": block["block_id"], "action_id": "kp.people", "value": button["value"]}
    who._ask("press", **place)
    return who.modal(organisation, "Lägg till person")


def grant(who: Person, email: str, name: str, *roles: str, **more: Json) -> Json:
    """From the list of people: add one, and what the product answered."""
    who.press(who.modal("Lägg till person"), "kp.add_person")
    form = who.modal("E-postadress", "Roller")
    return who.submit(form, email=text(email), name=text(name), roles=options(*roles), **more)


def test_somebody_who_is_let_in_is_asked_linked_and_orders(slack: Slack, book: Book) -> None:
    eva, oscar = slack.person(EVA), slack.person(OSCAR)
    open_people(eva)

    answer = grant(eva, "oscar.uto@annan.example", "Oscar Uto", "orderer")

    assert answer["response_action"] == "update", answer
    assert "mejl" not in says(eva.modal("Sparat"))
    oscar.press(oscar.message("Är det du?"), "kp.link_yes")
    card = oscar.message("Du är nu beställare hos Region Exempel", "Eva Nord", "har gett dig rollen")
    assert "kp.new_order" in oscar.offered(card)
    case = place_order(slack, OFFER, OSCAR)
    attest(slack, BO, case)
    assert book.state(case) == "awaiting_customer_service"


def test_the_same_form_again_gives_nobody_a_role_that_has_ended_since(slack: Slack, wire: Wire) -> None:
    eva = slack.person(EVA)
    open_people(eva)
    grant(eva, "farid.haddad@solsidan.example", "Annat Namn", "attestant", limit=text("900 000"))
    until(lambda: len(eva.modals()) == 2, what="the receipt")
    sent = [each["body"] for each in slack.log()["deliveries"] if each["type"] == "view_submission"][-1]
    eva.close_all()
    show(eva, open_people(eva), "Farid Haddad")
    choose_in(eva, eva.modal("Farid Haddad", "attestant"), "kp.role.menu", "end_role")
    assert eva.submit(eva.modal("Avsluta rollen"))["response_action"] == "update"
    eva.close_all()

    answer = wire.interact(sent).json()

    assert "har redan tagits emot, och räknas en gång" in says(answer["view"])
    eva.close_all()
    assert "Farid Haddad" not in says(open_people(eva))


def test_a_new_attestant_attests_what_waited_and_the_list_shows_who_is_there(slack: Slack, book: Book) -> None:
    eva, anna = slack.person(EVA), slack.person(ANNA)
    open_people(eva)
    grant(eva, "farid.haddad@solsidan.example", "Annat Namn", "attestant", limit=text("100 000"))
    until(lambda: len(eva.modals()) == 2, what="the receipt")
    eva.close_all()
    farid = slack.person(FARID)
    farid.message("You are now attestant at Region Exempel", "100,000")

    case = place_order(slack, OFFER, ANNA)
    farid.home("Region Exempel")
    farid.command(case)
    assert "kp.attest" in farid.offered(farid.modal(case))
    farid.close_all()

    people = open_people(eva)
    assert "Farid Haddad, farid.haddad@solsidan.example\nattestant till 100" in says(people)
    assert "Grace" not in says(people)
    assert anna.hears_nothing_of("Du är nu")


def test_a_role_given_for_one_service_holds_for_that_service(slack: Slack) -> None:
    eva, farid = slack.person(EVA), slack.person(FARID)
    open_people(eva)
    npo = {"selected_option": {"value": "npo"}}

    grant(eva, "farid.haddad@solsidan.example", "Annat Namn", "attestant", limit=text("100 000"), service=npo)

    farid.message("You are now attestant at Region Exempel", "NPÖ")
    eva.modal("Sparat")
    eva.close_all()
    show(eva, open_people(eva), "Farid Haddad")
    eva.modal("Farid Haddad", "attestant", "NPÖ")


def test_a_role_is_changed_and_ended_from_the_persons_page_and_the_person_hears_it(slack: Slack) -> None:
    eva, bo = slack.person(EVA), slack.person(BO)
    people = open_people(eva)
    show(eva, people, "Bo Ek")
    page = eva.modal("Bo Ek", "attestant till 50")

    choose_in(eva, page, "kp.role.menu", "change_role")
    changed = eva.submit(eva.modal("Ändra rollen"), limit=text("75 000"))

    assert changed["response_action"] == "update", changed
    bo.message("Din roll som attestant hos Region Exempel har ändrats", "75\u00a0000\u00a0kr (var 50\u00a0000\u00a0kr)")
    eva.slack.ask("close", team=eva.team, user=eva.user, view_id=eva.modals()[-1]["id"])
    page = eva.modal("Bo Ek", "attestant till 75")
    choose_in(eva, page, "kp.role.menu", "end_role")
    ended = eva.submit(eva.modal("Avsluta rollen"))
    assert ended["response_action"] == "update", ended
    bo.message("Du är inte längre attestant hos Region Exempel")
    # Nothing is left to show of him, so the list is shown instead.
    eva.slack.ask("close", team=eva.team, user=eva.user, view_id=eva.modals()[-1]["id"])
    assert "Bo Ek" not in says(eva.modal("Cecilia Dahl"))


def test_an_administrator_ends_what_links_somebody_to_an_account_from_the_persons_page(
    slack: Slack, book: Book
) -> None:
    eva, bo = slack.person(EVA), slack.person(BO)
    bo.home("Bo Ek")
    show(eva, open_people(eva), "Bo Ek")
    page = eva.modal("Bo Ek", "Lägg till roll")

    eva.press(page, "kp.unlink")
    ended = eva.submit(eva.modal("kan då inte besluta"))

    assert ended["response_action"] == "update", ended
    assert book.undone() == [("Bo Ek", "slack", "administrator")]
    bo.home("Med länken i mejlet om kontot tillåter du att det kopplas igen")
    eva.slack.ask("close", team=eva.team, user=eva.user, view_id=eva.modals()[-1]["id"])
    until(lambda: "kp.unlink" not in eva.offered(eva.modal("Bo Ek", "Lägg till roll")), what="his page without it")


def test_an_administrator_corrects_a_name_from_the_persons_page_and_the_person_is_told(slack: Slack) -> None:
    eva, bo = slack.person(EVA), slack.person(BO)
    bo.home("Bo Ek")
    show(eva, open_people(eva), "Bo Ek")
    page = eva.modal("Bo Ek", "Lägg till roll")

    eva.press(page, "kp.rename")
    form = eva.modal("Så heter personen överallt")
    wrong = eva.submit(form, name=text("bo.example.org/logga-in"))
    saved = eva.submit(form, name=text("Bo Ekman"))

    assert wrong["response_action"] == "errors", wrong
    assert saved["response_action"] == "update", saved
    bo.message("Ditt namn i Kundportalen är ändrat", "Eva Nord", "heter du nu", "Bo Ekman")
    bo.home("Bo Ekman")


def test_whoever_changes_her_own_name_reads_who_hears_of_it(slack: Slack) -> None:
    eva = slack.person(EVA)
    show(eva, open_people(eva), "Eva Nord")
    eva.press(eva.modal("Eva Nord", "Lägg till roll"), "kp.rename")

    eva.submit(eva.modal("Så heter personen överallt"), name=text("Eva Nordin"))

    eva.modal("Ditt namn är ändrat", "Andra administratörer får veta det")


def show(who: Person, people: Json, name: str) -> None:
    block = next(each for each in people["blocks"] if name in says([each]) and "accessory" in each)
    button = block["accessory"]
    place = {"view_id": people["id"], "block_id": block["block_id"], "action_id": "kp.person"}
    who._ask("press", **place, value=button["value"])


def test_what_is_wrong_is_said_at_its_field(slack: Slack) -> None:
    eva = slack.person(EVA)
    open_people(eva)

    nameless = grant(eva, "ny@region.example", " ", "orderer")
    numbered = eva.submit(
        eva.modal("E-postadress"),
        email=text("ny@region.example"),
        name=text("Nils 811228-9874"),
        roles=options("orderer"),
    )
    form = eva.modal("E-postadress")
    day, next_day = today_and_tomorrow()
    nobody = eva.submit(form, email=text("nobody"), name=text("N"), roles=options("attestant"))
    wrong = eva.submit(
        form,
        email=text("ny@region.example"),
        name=text("Nils Ny"),
        roles=options("orderer"),
        limit=text("100"),
        first={"selected_date": str(next_day)},
        last={"selected_date": str(day)},
    )
    amount = eva.submit(form, email=text("x"), name=text("N"), roles=options("attestant"), limit=text("mycket"))

    assert "saknas" in nameless["errors"]["name"]
    assert "personnummer" in numbered["errors"]["name"]
    assert "beloppsgräns" in wrong["errors"]["limit"]
    assert "kronor" in amount["errors"]["limit"]
    assert nobody["errors"].keys() == {"email"}


def test_the_last_administrator_stays(slack: Slack) -> None:
    eva = slack.person(EVA)
    show(eva, open_people(eva), "Eva Nord")
    choose_in(eva, eva.modal("Eva Nord", "administratör"), "kp.role.menu", "end_role")

    answer = eva.submit(eva.modal("Avsluta rollen"))

    assert "utan administratör" in answer["errors"]["last"]


def test_two_organisations_stand_apart_on_one_home_tab(slack: Slack, office: Office) -> None:
    office.organisation(REGION, people=[person("Tove Mark", "administrator", at="solsidan.example")])
    tove = slack.person(TOVE)

    home = tove.home(REGION, SOLSIDAN)

    assert says(home).count("Klar att beställa.") == 2
    ours, theirs = open_people(tove, REGION), None
    tove.close_all()
    theirs = open_people(tove, SOLSIDAN)
    assert "Grace Holm" in says(theirs)
    assert "Bo Ek" not in says(theirs)
    assert SOLSIDAN not in says(ours)
    assert "Grace Holm" not in says(ours)


def test_an_organisation_that_lacks_an_attestant_says_so_until_it_has_one(slack: Slack, office: Office) -> None:
    tove, farid = slack.person(TOVE), slack.person(FARID)
    for email in ("grace.holm@solsidan.example", "karin.strom@nordjournal.example"):
        office.takes("attestant", email, SOLSIDAN)
    tove.home("Inte klar att beställa. Saknas: attestant.")

    open_people(tove, SOLSIDAN)
    grant(tove, "oscar.uto@annan.example", "Oscar Uto", "attestant")

    tove.home_now("Klar att beställa.")
    farid.message("Vårdhuset Solsidan AB is ready to order")


def test_customer_service_keeps_any_organisation_by_name_and_by_number(slack: Slack, book: Book) -> None:
    disa, oscar = slack.person(DISA), slack.person(OSCAR)
    disa.home("alla organisationer")
    disa.press_home("kp.organisations")
    menu = disa.modal("Vilken organisation?")
    [found] = disa.search(menu, "kp.organisation.choose", "solsi")["options"]
    assert found["text"]["text"].startswith(SOLSIDAN)
    disa.choose(menu, "kp.organisation.choose", found["value"])
    disa.modal(SOLSIDAN, "Klar att beställa.")
    disa.close_all()

    assert disa.command(f"organisation {NUMBER[REGION]}")["status"] == 200
    page = disa.modal(REGION, "Klar att beställa.")
    disa.press(page, "kp.people")
    disa.modal("Bo Ek")
    grant(disa, "oscar.uto@annan.example", "Oscar Uto", "orderer", "attestant")

    oscar.press(oscar.message("Är det du?"), "kp.link_yes")
    oscar.message("Du är nu beställare hos Region Exempel", "Ineras kundservice", "har gett dig rollen")
    assert oscar.hears_nothing_of("Disa Fors")


def test_a_second_person_ends_what_one_alone_was_allowed(slack: Slack) -> None:
    disa, lena = slack.person(DISA), slack.person(LENA)
    disa.command("organisation lena strand")
    disa.press(disa.modal(PRACTICE), "kp.people")
    disa.modal("Lena Strand")

    grant(disa, "oscar.uto@annan.example", "Oscar Uto", "orderer")

    disa.modal("Sparat", "får ingen längre attestera sin egen beställning")
    lena.message("Reglerna för attest är ändrade hos Lena Strand Psykologi", "Ineras kundservice")


def test_who_keeps_nothing_finds_nothing(slack: Slack) -> None:
    anna = slack.person(ANNA)

    anna.command("organisation region")

    assert anna.message("Ingen organisation som du sköter heter så")["ephemeral"]
    assert "kp.people" not in anna.offered(anna.home("Anna Berg"))


def test_invoice_data_fill_in_the_order_form(slack: Slack) -> None:
    eva, anna = slack.person(EVA), slack.person(ANNA)
    choose_in(eva, eva.home(REGION), "kp.organisation.menu", "invoices", REGION)
    form = eva.modal("Fakturaadress")
    filled = {
        "address": text("Box 1, 100 00 Staden"),
        "reference": text("REF-1"),
        "service": {"selected_option": {"value": "npo"}},
        "service_reference": text("NPÖ-7"),
    }
    assert eva.submit(form, **filled)["response_action"] == "update"

    order = open_form(anna, OFFER)

    field = next(each["element"] for each in order["blocks"] if each["block_id"] == "invoice_ref")
    assert field["initial_value"] == "NPÖ-7"
    assert anna.submit(order, **fill(order, OFFER, invoice_ref=text("NPÖ-7")))["response_action"] == "update"


def test_rules_are_read_line_by_line_and_told_to_those_who_decide(slack: Slack) -> None:
    eva, cecilia = slack.person(EVA), slack.person(CECILIA)
    choose_in(eva, eva.home(REGION), "kp.organisation.menu", "rules", REGION)
    form = eva.modal("E-legitimation")
    wrong = eva.submit(form, tiers=text("500000; 2\nmycket; 3"))
    unknown = eva.submit(form, tiers=text("500000; 2\n\n900000; ingen@region.example"))

    saved = eva.submit(form, tiers=text("500 000; 2\n900000; bo.ek@region.example, cecilia.dahl@region.example"))

    assert wrong["errors"]["tiers"].startswith("Rad 2")
    assert unknown["errors"]["tiers"].startswith("Rad 3")
    assert saved["response_action"] == "update", saved
    cecilia.message("Reglerna för attest är ändrade hos Region Exempel", "Från 500\u00a0000\u00a0kr: 2 attester")
    eva.close_all()
    choose_in(eva, eva.home(REGION), "kp.organisation.menu", "rules", REGION)
    again = eva.modal("E-legitimation")
    field = next(each["element"] for each in again["blocks"] if each.get("block_id") == "tiers")
    assert field["initial_value"] == "500000; 2\n900000; bo.ek@region.example, cecilia.dahl@region.example"


def test_an_administrator_chooses_after_how_many_days_and_at_which_hour_people_are_reminded(slack: Slack) -> None:
    eva, cecilia = slack.person(EVA), slack.person(CECILIA)
    choose_in(eva, eva.home(REGION), "kp.organisation.menu", "rules", REGION)
    form = eva.modal("Den som inte har svarat påminns efter", "2 arbetsdagar", "kl. 09.00")

    saved = eva.submit(
        form,
        reminder_days={"selected_option": {"value": "4"}},
        reminder_hour={"selected_option": {"value": "14"}},
    )

    assert saved["response_action"] == "update", saved
    cecilia.message("Påminnelserna är ändrade hos Region Exempel", "4 arbetsdagar", "kl.\u00a014.00")
    eva.close_all()
    choose_in(eva, eva.home(REGION), "kp.organisation.menu", "rules", REGION)
    eva.modal("Den som inte har svarat påminns efter", "4 arbetsdagar", "kl. 14.00")


def test_a_new_administrator_is_told_where_to_begin(slack: Slack) -> None:
    disa, oscar, eva = slack.person(DISA), slack.person(OSCAR), slack.person(EVA)
    disa.command("organisation region exempel")
    disa.press(disa.modal(REGION), "kp.people")
    disa.modal("Bo Ek")
    grant(disa, "oscar.uto@annan.example", "Oscar Uto", "administrator")

    oscar.press(oscar.message("Är det du?"), "kp.link_yes")

    oscar.message("Välkommen, Oscar Uto", "Börja med att ge någon rollen beställare", REGION)
    card = oscar.message("Du är nu administratör hos Region Exempel")
    oscar.press(card, "kp.people")
    oscar.modal("Bo Ek")
    eva.message("Oscar Uto är nu administratör hos Region Exempel")


def test_somebody_who_is_not_in_slack_hears_by_mail(place: Demo) -> None:
    with with_mail(place) as posted, playing(posted) as slack:
        eva = slack.person(EVA)
        open_people(eva)
        grant(eva, "nils.ny@utanfor.example", "Nils Ny", "attestant")
        eva.modal("Sparat", "skickas mejlen till dem efter hand")

        def sent() -> Json | None:
            mails = slack.http.get("/sandbox/mails").json()["mails"]
            return next((each for each in mails if "nils.ny@utanfor.example" in str(each["to"])), None)

        mail = until(sent, what="a mail to somebody new")

    assert mail["subject"] == "Du är nu attestant hos Region Exempel"
    assert "Eva Nord har gett dig rollen" in mail["text"]


def test_what_an_organisation_has_is_shown_from_the_home_tab(slack: Slack) -> None:
    anna, eva = slack.person(ANNA), slack.person(EVA)
    case = place_order(slack, OFFER)

    anna.home("Anna Berg")
    anna.press_home("kp.holdings")

    held = says(anna.modal("Kundavtal", "Gäller sedan"))
    assert "Nationell patientöversikt (NPÖ): Producent, direktanslutning" in held
    assert "2 vårdenheter" in held
    assert "Vårdcentralen Norr, Vårdcentralen Söder" in held
    assert case in held
    choose_in(eva, eva.home(REGION), "kp.organisation.menu", "holdings", REGION)
    assert case in says(eva.modal("Kundavtal"))


def test_what_each_of_several_organisations_has_is_shown_in_the_same_modal(slack: Slack, office: Office) -> None:
    office.organisation(REGION, people=[person("Tove Mark", "administrator", at="solsidan.example")])
    tove = slack.person(TOVE)
    tove.home(REGION, SOLSIDAN)
    tove.press_home("kp.holdings")
    shown = tove.modal(REGION)
    [places] = [each for _, each in elements(shown) if each["action_id"] == "kp.holdings.place"]
    names = {each["text"]["text"]: each["value"] for each in places["options"]}
    first = places["initial_option"]["text"]["text"]
    [other] = names.keys() - {first}

    tove.choose(shown, "kp.holdings.place", names[other])

    def chosen() -> bool:
        [modal] = tove.modals()
        menu = next(each for _, each in elements(modal) if each["action_id"] == "kp.holdings.place")
        return menu["initial_option"]["text"]["text"] == other

    assert names.keys() == {REGION, SOLSIDAN}
    until(chosen, what="the other organisation in the same modal")


def test_who_has_no_role_any_more_is_told_so_at_the_button(slack: Slack, office: Office) -> None:
    anna = slack.person(ANNA)
    anna.home("Anna Berg")
    slack.faults(faults=[{"kind": "server_error", "method": "views.publish"}])
    office.takes("orderer", "anna.berg@region.example", REGION)

    anna.press_home("kp.holdings")

    anna.modal("Knappen används inte längre")


def test_the_people_of_a_large_organisation_are_turned_page_by_page(slack: Slack, office: Office) -> None:
    names = [f"Person {letter}" for letter in "abcdefghi"]
    office.organisation(SOLSIDAN, people=[person(name, "orderer", at="solsidan.example") for name in names])
    tove = slack.person(TOVE)
    first = open_people(tove, SOLSIDAN)

    tove.press(first, "kp.people.more")

    later = tove.modal(names[-1])
    assert names[-1] not in says(first)
    assert names[0] not in says(later)
    tove.press(later, "kp.people")
    tove.modal(names[0])
