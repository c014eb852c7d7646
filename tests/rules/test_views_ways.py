"""What opens for the ways an order can go besides straight on: each modal as a person reads it, and what it reads back."""

# ruff: noqa: E501 - a line of a snapshot is a line on the screen

from dataclasses import replace
from datetime import date

import pytest
from inline_snapshot import snapshot

from bot.forms.inputs import FieldErrors
from bot.forms.orders.colleagues import ColleagueModal
from bot.forms.orders.decisions import ConfirmModal
from bot.forms.orders.messages import InstructionsModal
from bot.forms.orders.order_fields import AGENT
from bot.forms.orders.order_modal import OrderModal
from bot.forms.orders.questions import AnswerModal, QuestionModal
from bot.forms.orders.reasons import TOLD_BY_NAME, CancelModal, EmergencyModal, HoldModal
from bot.forms.orders.revision_modal import RevisionModal
from bot.forms.orders.units import write_units
from bot.views.home import home
from bot.views.home.status import SHOWN, status_message
from bot.views.orders.details import CaseReading, DetailsModal
from bot.views.orders.timeline_lines import LINES_SHOWN
from bot.views.organisations.absences import AbsenceAnswers, AbsencePlace, SubstituteModal, place_in
from bot.views.organisations.administered import AdministeredOrganisation, AdministrationSection
from bot.views.organisations.role_forms import GrantModal
from bot.web.links.dialog_form import DialogForm, Filled
from core.api import (
    SIDE_OF,
    Action,
    Answers,
    Cost,
    Flow,
    Language,
    Missing,
    OrganisationId,
    Part,
    Payer,
    PersonId,
    Readiness,
    Revision,
    Role,
    Side,
    State,
    Unit,
    find,
)
from core.views.case_view import disclose
from core.views.record import SlackChange, Timeline
from core.views.timeline import disclose_slack, disclose_timeline
from notifications.render import button_values
from notifications.texts import template
from tests.support.drawn.drawings import METADATA, nodes, strings
from tests.support.drawn.reading import as_read, modal_as_read
from tests.support.drawn.sent import as_sent
from tests.support.drawn.views import a_page, absence_forms, home_facts, order_forms, reading, revision
from tests.support.world import builders
from tests.support.world.builders import TWO_ATTESTS, after

VIA = Flow.VIA_AGENT
ABSENT, HOMES, FORMS = dict(absence_forms()), dict(home_facts()), dict(order_forms())
PEOPLE = [(PersonId("PFRIDA"), "Frida Näs"), (PersonId("PGUN"), "Gun Holm")]


def built(modal, case, part, action, language=Language.SV, **choices):
    view = builders.view(case, SIDE_OF[part])
    row = next(each for each in view.offers[part] if each.does is action)
    return as_sent(modal.build(view, row, METADATA, language, **choices))


# --- questions and answers


def test_a_question_says_who_will_read_it():
    view = built(QuestionModal, after(), Part.CUSTOMER_ATTESTANT, Action.REQUEST_COMPLETION)

    assert modal_as_read(view) == snapshot("""\
== Begär komplettering ==
Beställningen av **Nationell patientöversikt** för **Region Exempel** väntar tills beställaren har svarat. Därefter går den tillbaka till det här steget.
Vad behöver kompletteras? *: []
  ~ Frågan visas bara hos Region Exempel. Skriv inga patientuppgifter eller personnummer.
~ Beställning B-2345678, version 1
(Skicka frågan) (Avbryt)\
""")
    assert QuestionModal.read({"message": " Vilka? "}) == Answers(message="Vilka?")
    assert QuestionModal.read({"message": " "}).in_words(Language.SV) == {
        "message": "Skriv vad som behöver kompletteras."
    }


def test_what_is_sent_back_is_said_to_stay_within_the_agent():
    case = after(Action.APPROVE, flow=VIA)

    assert modal_as_read(built(QuestionModal, case, Part.AGENT_ATTESTANT, Action.SEND_BACK)) == snapshot("""\
== Skicka tillbaka ==
Beställningen av **Nationell patientöversikt** för **Region Exempel** går tillbaka till agentens beställare hos **Journalia AB**.
Vad behöver agentens beställare se över? *: []
  ~ Frågan visas bara hos Journalia AB. Skriv inga patientuppgifter eller personnummer.
~ Beställning B-2345678, version 1
(Skicka tillbaka) (Avbryt)\
""")


def test_an_answer_shows_the_question_and_leads_to_the_orders_fields():
    case = after(Action.REQUEST_COMPLETION)
    view = built(AnswerModal, case, Part.ORDERER, Action.ANSWER)

    assert modal_as_read(view) == snapshot("""\
== Svara på frågan ==
**Bo Lund** behöver en komplettering av **Nationell patientöversikt** för **Region Exempel**.
**Frågan**
> Gäller det även Rehab Öster?
Ditt svar *: []
  ~ Svaret visas bara hos Region Exempel. Skriv inga patientuppgifter eller personnummer.
Behöver uppgifterna i beställningen ändras? Då kan du göra det i stället för att bara svara.
(Ändra uppgifterna)
~ Beställning B-2345678, version 1
~ Svara senast 27\u00a0april\u00a02026. Annars går beställningen ut.
(Svara och skicka) (Avbryt)\
""")
    change = next(each for each in nodes(view) if each.get("action_id") == "kp.change_order")
    assert button_values.read(change["value"]) == button_values.read(METADATA.partition("\n")[0])
    assert AnswerModal.read({"message": "Ja."}) == Answers(message="Ja.")


def test_a_changed_order_is_read_whole():
    case = after(Action.REQUEST_COMPLETION)
    drawn = revision(builders.view(case), Language.SV, invoice_ref="ZZ1")

    assert modal_as_read(drawn) == snapshot("""\
== Ändra beställningen ==
**Bo Lund** behöver en komplettering av **Nationell patientöversikt** för **Region Exempel**.
**Frågan**
> Gäller det även Rehab Öster?
Om du ändrar vårdenheter, fakturareferens eller önskad start börjar beställningen om från första steget, med dagens pris. Om du bara ändrar kommentar eller teknisk kontakt fortsätter den där den väntade.
Ett svar till den som frågade: [Nu stämmer det.]
  ~ Svaret visas bara hos Region Exempel. Skriv inga patientuppgifter eller personnummer.
Vårdenheter *: [Vårdcentralen Norr; SE2222222222-A1B2
Vårdcentralen Söder; SE2222222222-A1B3
Rehab Öster]
  ~ En vårdenhet per rad: bara namnet, eller namnet och HSA-id med semikolon mellan. Exempel: Vårdcentralen Norr; SE2222222222-A1B2.
Fakturareferens *: [ZZ1]
Önskad start: []
Namn på teknisk kontakt: [Ulf Teknik]
  ~ Den som kan svara på tekniska frågor. Skriv också e-postadress eller telefonnummer.
E-postadress till teknisk kontakt: []
Telefonnummer till teknisk kontakt: [010-123 45 67]
  ~ Svenskt nummer med riktnummer, till exempel 070-174 06 05, eller utländskt som börjar med +.
Kommentar: [Vi byter journalsystem i april.]
  ~ Visas för er attestant och Ineras kundservice. Skriv inga patientuppgifter eller personnummer.
~ Beställning B-2345678, version 1
(Svara och skicka) (Avbryt)\
""")
    values = {"message": "Nu.", "units": "Norr\n", "invoice_ref": "ZZ2", "technical_contact.name": "", "comment": ""}
    assert RevisionModal.read(values) == Answers(
        message="Nu.", revision=Revision(units=(Unit("Norr"),), invoice_ref="ZZ2")
    )


def test_a_word_with_a_changed_order_that_is_too_long_is_told_at_its_field():
    values = {"message": "x" * 2901, "units": "Norr"}

    assert RevisionModal.read(values).revision.unread == ("message",)
    assert RevisionModal.errors(Language.SV, {"message": "unread"}, values) == {
        "message": template(Language.SV, "field_error.too_long")
    }


def test_units_that_fill_more_than_a_field_go_on_in_further_fields():
    units = write_units(Unit(f"Vårdcentralen nummer {number}", f"SE2222222222-{number:04}") for number in range(200))
    drawn = as_sent(revision(builders.view(after(Action.REQUEST_COMPLETION)), Language.SV, units=units))

    blocks = [each for each in drawn["blocks"] if each.get("block_id", "").startswith("units")]
    fields = {each["block_id"]: each["element"] for each in blocks}
    assert len(fields) > 1
    typed = {block: each.get("initial_value", "") for block, each in fields.items()}
    assert all(len(typed[block]) < each["max_length"] for block, each in fields.items())
    read = RevisionModal.read(typed)
    assert len(read.revision.units) == 200


# --- reasons


@pytest.mark.parametrize(("modal", "action"), [(HoldModal, Action.HOLD), (CancelModal, Action.CANCEL)])
def test_customer_service_says_why(modal, action):
    case = after(Action.ATTEST, Action.CLAIM)
    text = modal_as_read(built(modal, case, Part.CUSTOMER_SERVICE, action))

    assert "Region Exempel" in text
    assert modal.read({"reason": "Därför."}) == Answers(reason="Därför.")
    assert isinstance(modal.read({"reason": ""}), FieldErrors)


def test_an_emergency_says_that_it_is_marked_and_who_is_told():
    view = built(
        EmergencyModal, after(), Part.CUSTOMER_EMERGENCY, Action.EMERGENCY_ATTEST, told=["Bo Lund", "Frida Näs"]
    )

    assert modal_as_read(view) == snapshot("""\
== Attestera som reserv ==
Du attesterar **Nationell patientöversikt** för **Region Exempel** som reservattestant, i stället för en attestant som inte kan nås.
Kostnad: **37\xa0000\xa0kr första året (25\xa0000\xa0kr vid start), därefter 12\xa0000\xa0kr/år exkl.\xa0moms**.
Beslutet loggas med ditt namn. Du kan inte ångra beslutet.
Du attesterar utan e-legitimation.
Attesten märks som gjord av reservattestant, i meddelandena och i historiken.
De som kunde ha attesterat får veta att du gjorde det, när och varför: **Bo Lund, Frida Näs**.
Varför kan det inte vänta? *: []
  ~ Motiveringen visas hos Region Exempel och för Ineras kundservice. Skriv inga patientuppgifter eller personnummer.
~ Beställning B-2345678, version 1
(Attestera) (Avbryt)\
""")


def test_an_emergency_of_many_is_told_in_general_words():
    names = [f"Person {number}" for number in range(TOLD_BY_NAME + 1)]
    few, many = (
        built(EmergencyModal, after(), Part.CUSTOMER_EMERGENCY, Action.EMERGENCY_ATTEST, told=told)
        for told in (names[1:], names)
    )

    assert f"**{', '.join(names[1:])}**" in as_read(few)
    assert "De hos Region Exempel som kunde ha attesterat" in as_read(many).replace("**", "")
    assert not [each for each in strings(many) if "Person" in each]


# --- people to choose


def test_a_decision_is_handed_over_to_a_colleague():
    view = built(ColleagueModal, after(), Part.CUSTOMER_ATTESTANT, Action.HAND_OVER, colleagues=PEOPLE)

    assert modal_as_read(view) == snapshot("""\
== Lämna över ==
Välj vem som ska besluta om **Nationell patientöversikt** för **Region Exempel** i ditt ställe. Sedan kan du besluta i det här steget bara om du får frågan tillbaka.
Kollega *: <Frida Näs / Gun Holm>
  ~ Listan visar dem hos Region Exempel som får besluta om beställningen.
~ Beställning B-2345678, version 1
(Lämna över) (Avbryt)\
""")
    assert ColleagueModal.read({"to": "PFRIDA"}) == Answers(to=PersonId("PFRIDA"))
    assert ColleagueModal.read({}).in_words(Language.SV) == {"to": "Välj vem du lämnar över till."}


def test_more_colleagues_than_a_menu_holds_are_asked_for_while_typing():
    many = [(PersonId(f"P{number}"), f"Person {number}") for number in range(101)]
    view = built(ColleagueModal, after(), Part.CUSTOMER_ATTESTANT, Action.HAND_OVER, colleagues=many)

    assert next(each for each in nodes(view) if each.get("action_id") == "kp.colleagues")["type"] == "external_select"


def test_instructions_go_to_the_orderer_unless_another_is_chosen():
    people = [(builders.ORDERER, "Anna Ek"), *PEOPLE]
    case = after(Action.ATTEST, Action.CLAIM)
    view = built(InstructionsModal, case, Part.CUSTOMER_SERVICE, Action.SEND_INSTRUCTIONS, recipients=people)

    menu = next(each["element"] for each in view["blocks"] if each.get("block_id") == "to")
    assert menu["initial_option"]["text"]["text"] == "Anna Ek (har beställt)"
    sent = InstructionsModal.read({"message": "Läs."} | {"to": "PGUN"})
    assert sent == Answers(message="Läs.", to=PersonId("PGUN"))


def test_what_is_sent_again_begins_with_what_was_sent():
    case = after(Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)
    view = built(InstructionsModal, case, Part.CUSTOMER_SERVICE, Action.SEND_AGAIN)

    field = next(each["element"] for each in view["blocks"] if each.get("block_id") == "message")
    assert field["initial_value"] == "Börja på https://exempel.se/start och följ stegen."


# --- confirmations


def test_jav_is_declared_with_what_it_means():
    assert modal_as_read(built(ConfirmModal, after(), Part.CUSTOMER_ATTESTANT, Action.RECUSE)) == snapshot("""\
== Anmäl jäv ==
Du anmäler jäv i beställningen av **Nationell patientöversikt** för **Region Exempel**. Du deltar då inte mer i den här beställningen. Andra hos **Region Exempel** som kan besluta får frågan. Finns det ingen får er administratör besked. Du behöver inte säga varför. Det kan inte ångras.
~ Beställning B-2345678, version 1
(Anmäl jäv) (Avbryt)\
""")


def test_whoever_has_attested_is_told_that_it_ceases_to_count_with_jav():
    view = built(ConfirmModal, after(), Part.CUSTOMER_ATTESTANT, Action.RECUSE, has_attested=True)

    assert "Du har redan attesterat. Din attest räknas inte längre om du anmäler jäv." in as_read(view)


def test_whoever_has_approved_is_told_that_the_order_goes_back_with_jav():
    view = builders.view(after(Action.APPROVE, flow=VIA), Side.AGENT)
    stays, back = builders.find(VIA, State.AWAITING_AGENT_ATTEST, Action.RECUSE)
    said = "Godkännandet gäller inte längre om du anmäler jäv, och beställningen går tillbaka till agentens beställare."

    assert said in as_read(ConfirmModal.build(view, back, METADATA, Language.SV))
    assert said not in as_read(ConfirmModal.build(view, stays, METADATA, Language.SV))


def test_a_substitute_confirms_in_the_own_name_and_for_whom():
    view = built(ConfirmModal, after(), Part.CUSTOMER_ATTESTANT, Action.ATTEST, absent="Bo Lund")

    assert "Du beslutar i ditt eget namn, som ersättare för **Bo Lund**." in as_read(view)


@pytest.mark.parametrize(
    ("modal", "action"), [(ConfirmModal, Action.ATTEST), (EmergencyModal, Action.EMERGENCY_ATTEST)]
)
def test_an_end_is_attested_with_its_last_day_and_without_e_identification(modal, action):
    part = Part.CUSTOMER_ATTESTANT if action is Action.ATTEST else Part.CUSTOMER_EMERGENCY

    text = as_read(built(modal, after(flow=Flow.TERMINATION), part, action))

    assert "Önskad sista dag: **1\u00a0april\u00a02026**." in text
    assert "Du attesterar utan e-legitimation." in text
    assert "Kostnad" not in text


def test_both_prices_and_the_number_of_attests_stand_in_the_confirmation():
    coming = {Payer.CUSTOMER: Cost(2_600_000, 1_300_000)}
    order = builders.order(coming_costs=coming, coming_from=date(2027, 1, 1))
    case = after(rules={Side.CUSTOMER: TWO_ATTESTS}, content=order)
    dossier = builders.dossier(case, rules={Side.CUSTOMER: TWO_ATTESTS})
    view = disclose(dossier, Side.CUSTOMER)
    row = next(each for each in view.offers[Part.CUSTOMER_ATTESTANT] if each.does is Action.ATTEST)

    text = as_read(ConfirmModal.build(view, row, METADATA, Language.SV))

    assert (
        "Från **1\u00a0januari\u00a02027**: **39\u00a0000\u00a0kr första året (26\u00a0000\u00a0kr vid start)" in text
    )
    assert "Beloppet behöver **2** attester. Din är nummer **1**." in text


def test_whoever_attests_second_reads_that_the_own_attest_is_the_second():
    rules = {Side.CUSTOMER: TWO_ATTESTS}
    view = disclose(builders.dossier(after(Action.ATTEST, rules=rules), rules=rules), Side.CUSTOMER)
    row = next(each for each in view.offers[Part.CUSTOMER_ATTESTANT] if each.does is Action.ATTEST)

    text = as_read(ConfirmModal.build(view, row, METADATA, Language.SV))

    assert "Beloppet behöver **2** attester. Din är nummer **2**." in text


# --- absence


def test_the_own_absence_asks_for_a_colleague_and_two_days():
    view = as_sent(SubstituteModal.build(ABSENT["own"], METADATA.partition("\n")[0], Language.SV))

    assert modal_as_read(view) == snapshot("""\
== Ange ersättare ==
Ersättaren får samma frågor som du och beslutar i sitt eget namn, som ersättare för dig. Du kan fortfarande besluta själv.
**Roll: **attestant hos Region Exempel
Ersättare *: <Person 0 / Person 1 / Person 2>
  ~ Den som har lagt en beställning beslutar aldrig om den, inte heller som ersättare. En ersättare kan inte i sin tur ha en ersättare.
Från och med *: [2026-03-12]
Till och med *: []
(Spara) (Avbryt)\
""")
    values = {f"substitute.{builders.CUSTOMER}": "P1", "first": "2026-03-12", "last": "2026-03-20"}
    assert SubstituteModal.read(values, AbsencePlace(builders.CUSTOMER, Role.ATTESTANT)) == AbsenceAnswers(
        builders.CUSTOMER, Role.ATTESTANT, PersonId("P1"), date(2026, 3, 12), date(2026, 3, 20)
    )


def test_an_administrator_says_who_is_away_and_in_which_role():
    view = as_sent(SubstituteModal.build(ABSENT["somebody else's"], METADATA.partition("\n")[0], Language.SV))

    assert modal_as_read(view) == snapshot("""\
== Ange ersättare ==
Ersättaren får samma frågor som den som är borta, och beslutar i sitt eget namn.
**Organisation: **Region Exempel
Vem är borta? *: <Bo Lund, attestant>
Ersättare *: <Person 0 / Person 1 / Person 2>
  ~ Den som har lagt en beställning beslutar aldrig om den, inte heller som ersättare. En ersättare kan inte i sin tur ha en ersättare.
Från och med *: [2026-03-12]
Till och med *: []
(Spara) (Avbryt)\
""")
    values = {
        f"absent.{builders.CUSTOMER}": "PBO|attestant",
        f"substitute.{builders.CUSTOMER}": "P1",
        "first": "2026-03-12",
        "last": "2026-03-20",
    }
    read = SubstituteModal.read(values, AbsencePlace(builders.CUSTOMER))
    assert (read.absent, read.role) == (PersonId("PBO"), Role.ATTESTANT)


def test_what_is_missing_is_said_at_its_field():
    read = SubstituteModal.read({}, AbsencePlace(builders.CUSTOMER))

    assert read.in_words(Language.SV).keys() == {"absent", "substitute", "first", "last"}


def test_what_is_no_role_is_not_chosen():
    absence = SubstituteModal.read({f"absent.{builders.CUSTOMER}": "PBO|king"}, AbsencePlace(builders.CUSTOMER))
    grant = GrantModal.read({"roles": ["king"]})
    both = GrantModal.read({"roles": ["king", "orderer"]})

    assert f"absent.{builders.CUSTOMER}" in absence
    assert list(grant.in_words(Language.SV)) == ["roles"]
    assert both.roles == {Role.ORDERER}


@pytest.mark.parametrize("value", ["", "|attestant", "O1|king"])
def test_what_is_no_place_is_none(value):
    assert place_in(value) is None


def test_a_place_is_read_back():
    for place in (AbsencePlace(builders.CUSTOMER), AbsencePlace(builders.CUSTOMER, Role.AGENT_HANDLER)):
        assert place_in(place.value) == place


@pytest.mark.parametrize("listed", ["nothing", "one of each"])
def test_the_home_of_an_administrator_begins_with_what_is_missing_before_anything_can_be_ordered(listed):
    lacking, ready = (Readiness(missing, does_order=True) for missing in ((Missing.ORDERER, Missing.ATTESTANT), ()))
    kept = [AdministeredOrganisation(OrganisationId("O1"), "Annan Vård AB", each) for each in (lacking, ready)]
    facts = [replace(HOMES[listed], administration=AdministrationSection([each])) for each in kept]

    told, later = (as_read(home.build(each, Language.SV)) for each in facts)

    missing = "Inte klar att beställa. Saknas: beställare, attestant."
    assert told.count(missing) == 1
    assert told.index(missing) < told.index("(Personer och roller)") < told.index("(Tjänster och avtal)")
    assert later.index("(Tjänster och avtal)") < later.index("(Personer och roller)")


def test_the_tab_tells_of_substitutes_and_of_what_cannot_go_on():
    text = as_read(home.build(HOMES["away and administering"], Language.SV))

    assert (
        "Frida Näs ersätter dig som attestant hos Region Exempel 12\u00a0mars–31\u00a0mars\u00a02026 (Ta bort ersättaren)"
        in text
    )
    assert "Du ersätter Gun Holm som attestant hos Region Exempel" in text
    assert "ingen attestant har tillräcklig beloppsgräns" in text
    assert "Höj beloppsgränsen" in text
    assert "(Ange ersättare) (Ange ersättare för någon annan)" in text


def test_what_waits_for_a_substitute_says_for_whom():
    assert "du ersätter Frida Näs" in as_read(home.build(HOMES["a substitute"], Language.SV))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (5, "5 beställningar väntar på dig."),
        (6, "6 beställningar väntar på dig. Här är de 5 som har väntat längst."),
        (100, "99+ beställningar väntar på dig. Här är de 5 som har väntat längst."),
    ],
)
def test_the_command_says_how_many_wait_and_which_it_shows_where_they_are_more(count, said):
    page = a_page(HOMES["one of each"].inbox.rows * count)

    message = status_message(replace(HOMES["one of each"], inbox=page), Language.SV)

    assert message.text.startswith(said)
    assert as_read(message.blocks).count("(Visa)") == SHOWN


# --- the whole order


def test_the_history_tells_the_own_side_and_inera_when_its_slack_was_off_and_on_again():
    case = after(Action.APPROVE, Action.ATTEST, flow=Flow.VIA_AGENT)
    dossier, off, on = builders.dossier(case), builders.AT + builders.HOUR / 2, builders.AT + builders.HOUR * 5
    changes = tuple(
        SlackChange(organisation, at, is_back)
        for organisation in (builders.AGENT, builders.INERA)
        for at, is_back in ((on, True), (off, False), (off + builders.HOUR, False), (on + builders.HOUR, True))
    )
    past = Timeline(case.decisions, builders.PEOPLE, changes)
    texts = {}
    for side in Side:
        told = CaseReading(past=disclose_timeline(dossier, past, side), slack=disclose_slack(dossier, past, side))
        texts[side] = as_read(DetailsModal.build(disclose(dossier, side), Language.SV, told))
    lines = [line for line in texts[Side.AGENT].splitlines() if " Slack hos " in line]

    assert lines == [
        "Appen är tillbaka i Slack hos Journalia AB sedan 12\u00a0mars\u00a02026\u00a0kl.\u00a019.32",
        "Appen var borta från Slack hos Journalia AB 12\u00a0mars\u00a02026\u00a0kl.\u00a015.02,"
        " så det som väntade gick på annat sätt, oftast via mejl",
    ]
    assert all(line in texts[Side.INERA] for line in lines)
    assert "Slack hos" not in texts[Side.CUSTOMER]
    order = ["Appen är tillbaka", "Appen var borta", "skickade in beställningen"]
    assert sorted(order, key=texts[Side.INERA].index) == order


def test_the_whole_history_stands_in_plain_words_the_latest_first():
    rules = {Side.CUSTOMER: TWO_ATTESTS}
    case = after(Action.REQUEST_COMPLETION, Action.ANSWER, Action.ATTEST, rules=rules)
    taken = tuple(replace(each, absent=builders.COLLEAGUE, limit_ore=5_000_000) for each in case.decisions[-1:])
    case = replace(case, decisions=(*case.decisions[:-1], *taken))
    dossier = builders.dossier(case, rules=rules)
    past = disclose_timeline(dossier, Timeline(case.decisions, builders.PEOPLE), Side.CUSTOMER)

    text = as_read(DetailsModal.build(disclose(dossier, Side.CUSTOMER), Language.SV, CaseReading(past=past)))

    assert text[text.index("# Vad som har hänt") :] == snapshot("""\
# Vad som har hänt
Bo Lund attesterade 12\xa0mars\xa02026\xa0kl.\xa017.32 (ersättare för Frida Näs, beloppsgräns 50\xa0000\xa0kr)
Anna Ek svarade 12\xa0mars\xa02026\xa0kl.\xa016.32
**Skrev**
> Ja, från och med maj.
Bo Lund begärde en komplettering 12\xa0mars\xa02026\xa0kl.\xa015.32
**Skrev**
> Gäller det även Rehab Öster?
Anna Ek skickade in beställningen 12\xa0mars\xa02026\xa0kl.\xa014.32
~ Beställning B-2345678, version 1
~ B-2345678: påminnelse skickas 16\xa0mars\xa02026\xa0kl.\xa009.00
~ B-2345678 avslutas 27\xa0april\xa02026 om ingen svarar\
""")


def test_the_history_does_not_tell_the_other_organisation_of_more_attests_than_the_last():
    rules = {Side.CUSTOMER: TWO_ATTESTS}
    given = (Action.APPROVE, Action.ATTEST, Action.ATTEST)

    one, both = (_attests_the_agent_reads(after(*done, flow=VIA, rules=rules)) for done in (given, (*given, given[-1])))

    assert one == []
    assert len(both) == 1


def _attests_the_agent_reads(case):
    """The lines of the history that tell the agent of attests that the customer gave."""
    dossier = builders.dossier(case, rules={Side.CUSTOMER: TWO_ATTESTS})
    past = disclose_timeline(dossier, Timeline(case.decisions, builders.PEOPLE), Side.AGENT)
    text = as_read(DetailsModal.build(disclose(dossier, Side.AGENT), Language.SV, CaseReading(past=past)))
    told = text[text.index("# Vad som har hänt") :].splitlines()
    return [each for each in told if "attesterade" in each and "David Sten" not in each]


def test_a_long_history_is_paged():
    case = after(Action.ATTEST, Action.CLAIM, Action.SEND_INSTRUCTIONS)
    view = builders.view(case, Side.INERA)

    first, second = (
        as_sent(DetailsModal.build(view, Language.SV, reading(view, Part.CUSTOMER_SERVICE, page))) for page in (0, 1)
    )

    assert "(Äldre)" in as_read(first)
    assert "(Nyare)" not in as_read(first)
    assert "(Nyare)" in as_read(second)
    older = next(each for each in nodes(first) if each.get("action_id") == "kp.history.older")
    assert button_values.read_more(older["value"])[1] == "1"
    assert len(reading(view, Part.CUSTOMER_SERVICE).past) > LINES_SHOWN


def test_the_whole_order_offers_what_its_reader_may_do():
    case = after()
    view = builders.view(case)

    text = as_read(DetailsModal.build(view, Language.SV, reading(view, Part.CUSTOMER_EMERGENCY)))

    assert "(Attestera som reserv)" in text


def test_an_order_for_a_later_day_shows_what_it_will_cost():
    coming = {Payer.CUSTOMER: Cost(2_600_000, 1_300_000)}
    earlier = {Payer.CUSTOMER: Cost(2_400_000, 1_100_000)}
    order = builders.order(coming_costs=coming, coming_from=date(2027, 1, 1), earlier_costs=earlier)

    text = as_read(DetailsModal.build(builders.view(after(content=order)), Language.SV))

    assert "Kostnad | 37\u00a0000\u00a0kr första året (25\u00a0000\u00a0kr vid start" in text
    assert "Kostnad när beställningen lades | 35\u00a0000\u00a0kr första året (24\u00a0000\u00a0kr vid start" in text
    assert (
        "Kostnad från 1\u00a0januari\u00a02027 | 39\u00a0000\u00a0kr första året (26\u00a0000\u00a0kr vid start" in text
    )


def test_an_end_shows_whose_fee_ends_to_inera_and_the_own_alone_to_the_customer():
    order = builders.order(
        Flow.TERMINATION, ending_costs={Payer.CUSTOMER: Cost(0, 450_000), Payer.AGENT: Cost(0, 90_000)}
    )
    case = after(flow=Flow.TERMINATION, content=order)
    inera, customer = (
        as_read(DetailsModal.build(builders.view(case, side), Language.SV)) for side in (Side.INERA, Side.CUSTOMER)
    )

    assert "Kundens kostnad som upphör | " in inera
    assert "Agentens kostnad som upphör | " in inera
    assert "Kostnad som upphör | " in customer
    assert "gentens kostnad" not in customer


# --- the order form


def test_what_becomes_of_what_there_is_is_asked_under_the_agent():
    form = replace(FORMS["asks of one"], existing_asked="Ni har redan tjänsten via Journalia AB.")
    text = as_read(OrderModal.build(form, METADATA, Language.SV))

    assert (
        text.index("Agent *:")
        < text.index("**Ni har redan tjänsten via Journalia AB.**")
        < text.index("Vårdenheter *:")
    )
    assert "anslutningen via Journalia AB (NPÖ Producent): Norr, Söder, a, b, c, … och 3 till" in text


def test_whoever_attests_a_termination_reads_once_more_for_which_units_and_until_when():
    case = builders.case_in(State.AWAITING_CUSTOMER_ATTEST, Flow.TERMINATION)
    (attest, *_) = find(case.flow, case.state, Action.ATTEST)

    text = modal_as_read(ConfirmModal.build(builders.view(case), attest, METADATA, Language.SV)).replace("**", "")

    assert "Vårdenheter (3): Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster." in text
    assert "Önskad sista dag: 1\xa0april\xa02026." in text


def test_a_customer_that_has_the_service_is_warned_of_the_fee():
    text = as_read(OrderModal.build(replace(FORMS["direct"], has_service=True), METADATA, Language.SV))

    assert (
        "**Er organisation har redan Nationell patientöversikt för andra vårdenheter. En tilläggsbeställning ger en ny uppstartskostnad."
        in text
    )


def test_a_choice_that_may_be_left_out_can_be_taken_back_on_a_page():
    mentioned = replace(FORMS["agent named"], agents=[(builders.AGENT, "Journalia AB")])
    required = replace(FORMS["via agent"], agent=mentioned.agents[0])

    optional_choices, required_choices = (
        _agents_on_a_page(OrderModal.build(form, METADATA, Language.SV))
        for form in (replace(mentioned, agent=mentioned.agents[0]), required)
    )

    assert optional_choices == ["", builders.AGENT]
    assert required_choices == [builders.AGENT]


def _agents_on_a_page(drawn):
    """What there is to choose of agents where one is chosen."""
    asked = [each.field for each in DialogForm(drawn, [], Language.SV).pieces(Filled()) if each.field is not None]
    [agent] = [each for each in asked if each.field.name == AGENT]
    assert agent.value == builders.AGENT
    return [value for value, _ in agent.field.options]
