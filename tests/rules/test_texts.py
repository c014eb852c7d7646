"""People read whole sentences in their own language: every word of the code has one, in both."""

import inspect
import re
from datetime import UTC, date, datetime
from string import Formatter

import pytest

import bot.acts.refusals as refusals_of_the_bot
from bot.forms.refusal_sentences import refusal
from core.api import (
    APPLICATION_FLOWS,
    DECIDING,
    FLOWS,
    ORDER_FLOWS,
    PART_WAITED_FOR,
    Action,
    Block,
    Cost,
    CustomerCategory,
    Flow,
    Language,
    OrderError,
    Part,
    Period,
    PriceKind,
    PriceUnit,
    ReasonCode,
    Role,
    Side,
    State,
    Surface,
    is_final,
)
from core.applications import attachment, form
from core.register import contacts
from core.workflow import ending, order_rules
from notifications.render.pieces.parts import BUTTON_LIMIT
from notifications.texts import clock, cost, counted, day, keys, money, price, say, template, when, whole_hour
from notifications.texts.catalogue import written
from tests.support.drawn.limits import TITLE
from tests.support.world import builders

UNWANTED = {Language.SV: r"\b(e?-?mail|vänligen|eller/och|ombud)\b", Language.EN: r"\bplease note\b"}
ALL = sorted(keys(Language.SV) | keys(Language.EN))


def placeholders(language, key):
    return {name for _, name, _, _ in Formatter().parse(template(language, key)) if name is not None}


def refusals(of=OrderError):
    for each in of.__subclasses__():
        yield each
        yield from refusals(each)


def test_both_languages_have_the_same_keys():
    assert keys(Language.SV) == keys(Language.EN)


def test_both_languages_fill_in_the_same():
    differ = [key for key in ALL if placeholders(Language.SV, key) != placeholders(Language.EN, key)]

    assert differ == []


def test_texts_are_in_the_style_of_the_house():
    for language in Language:
        for key in ALL:
            text = template(language, key)
            assert text, key
            assert text == text.strip(), key
            assert "!" not in text, key
            assert "  " not in text, key
            assert not re.search(UNWANTED[language], re.sub(r"{\w+}", "", text), re.IGNORECASE), key


# Words that have left for another, and where one of them stands still: a handläggare is the agent's alone, and what law
# calls an elektronisk underskrift keeps its name.
ABANDONED = re.compile(
    r"\båter(ta|tar|tog|tagit|tagen|taget|tagna)\b|\bskr[ei]v\w*( bara)? under\b|underteckn|(?<!elektronisk )underskri"
    r"|(?<!agentens beställare \()handläggare|(?<!agent)uppdrag",
    re.IGNORECASE,
)


def test_for_one_thing_there_is_one_word():
    assert [key for key in ALL if ABANDONED.search(template(Language.SV, key))] == []


# What is read in Slack alone: how an account is linked, what a command answers, what stands on the tab itself.
IN_SLACK = (
    r"(link|linked|unlinked|home|command|help|web\.(account|install))\..*|err\.(not_linked(_elsewhere)?|link_gone)"
)


@pytest.mark.parametrize(("language", "words"), [(Language.SV, r"\bflik(en)?\b"), (Language.EN, r"\bhome tab\b")])
def test_a_sentence_for_every_door_names_no_tab_of_slacks(language, words):
    named = {key for key in ALL if re.search(words, template(language, key), re.IGNORECASE)}

    assert {key for key in named if not re.fullmatch(IN_SLACK, key)} == set()


@pytest.mark.parametrize("language", Language)
def test_what_is_sent_is_said_to_arrive_as_a_message_and_not_in_slack(language):
    assert [key for key in ALL if key.startswith("send.") and "Slack" in template(language, key)] == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("area", "words"),
    [
        ("state", State),
        ("act", Action),
        ("past", Action),
        ("part", Part),
        ("role", Role),
        ("role_of", Part),
        ("reason", ReasonCode),
        ("category", CustomerCategory),
        ("language", Language),
        ("flow", [Flow.DIRECT]),
        ("format.per", Period),
        *((f"format.price.{kind}", PriceUnit) for kind in PriceKind),
    ],
)
def test_every_word_of_the_domain_has_words_for_people(language, area, words):
    for word in words:
        assert say_any(language, f"{area}.{word}")


# Sentences that the domain gives word for word (domain: 11), by where they stand; what says more comes after them.
AS_GIVEN = {
    "btn.attest": "Attestera",
    "btn.approve": "Godkänn",
    "btn.reject": "Avslå",
    "btn.request_completion": "Begär komplettering",
    "btn.answer": "Svara och skicka",
    # One word for it, and the plain one.
    "btn.withdraw": "Ta tillbaka beställningen",
    "btn.hand_over": "Lämna över",
    "btn.recuse": "Jag är jävig",
    "btn.details": "Visa hela beställningen",
    "btn.claim": "Ta ärendet",
    "btn.release": "Släpp ärendet",
    "btn.send_instructions": "Skicka instruktion",
    "btn.inform_agent": "Informera agenten",
    "btn.hold": "Pausa",
    "btn.substitute": "Ange ersättare",
    "btn.cancel_dialog": "Avbryt",
    "question.text.request_completion": "Vad behöver kompletteras?",
    "hint.no_personal_data": "Skriv inga patientuppgifter eller personnummer.",
    # Nobody else is asked because of that, and a promise that no row keeps is not made.
    "err.self_attest": "Du har lagt beställningen och kan därför inte attestera den.",
    "err.both_sides": "Du har redan agerat för {organisation} i den här beställningen.",
    "err.limit": "Beloppet är högre än din beloppsgräns.",
    "err.changed": "Beställningen har ändrats sedan meddelandet skickades. Vi har skickat de nya uppgifterna.",
    "err.already_connected": "{unit} har redan {service}.",
    "blocked.why.nobody.customer_attestant": (
        "Beställning {number} kan inte gå vidare: ingen som får attestera finns kvar."
    ),
    "blocked.todo.nobody.customer_attestant": "Lägg till rollen attestant för någon annan än beställaren.",
    "substitute.told": "Du är ersättare för {absent} {from}–{to}. Du attesterar i ditt eget namn.",
}


@pytest.mark.parametrize(("key", "sentence"), AS_GIVEN.items())
def test_sentences_of_the_domain_stand_as_they_are_given(key, sentence):
    assert template(Language.SV, key).startswith(sentence)


# What readers stumbled over, as it is said instead, in both languages; what says more stands around it.
PLAIN = {
    "applied.signed_none.one": (
        "Ingen har signerat ännu. En signatur behövs.",
        "Nobody has signed yet. One signature is needed.",
    ),
    "chain.attests_none": ("Ingen har attesterat ännu.", "Nobody has attested yet."),
    "chain.did.approve": ("godkände {at}", "approved {at}"),
    "chain.did.attest": ("attesterade {at}", "attested {at}"),
    "chain.did.reject": ("avslog {at}", "rejected {at}"),
    "chain.did.withdraw": ("{part} tog tillbaka beställningen", "{part} withdrew the order"),
    "via_agent.chain.then_confirms": ("agenten eller beställaren", "the agent or orderer"),
    "effect.customer_attest.via_agent": ("får {agent} börja ansluta", "{agent} may begin to connect"),
    "effect.more_attests.one": ("Efter din attest behövs en till.", "After your attest, one more is needed."),
    "standstill.title": ("Inget svar ännu: ", "No answer yet: "),
    "standstill.todo.administrator": ("eller ange en ersättare", "or name a substitute"),
    "overdue.now.title": ("Försenad: ", "Late: "),
    "termination.overdue.now.title": ("Försenad uppsägning: ", "Late termination: "),
    "err.reminded_lately": (
        "De har redan fått frågan. Du kan påminna igen {from_day}.",
        "They have already been asked. You can remind them again on {from_day}.",
    ),
    "err.person_has_left": ("Kontot för {person} är avslutat.", "{person}'s account has been closed."),
    "web.sign_in.asked.title": ("Titta i din mejl", "Check your e-mail"),
    "mail.sign_in.code": (
        "Din kod (för webbläsaren där du bad om mejlet):",
        "Your code (for the browser where you asked for this e-mail):",
    ),
    "web.sent.next": (
        "Där kan administratören följa, komplettera och ta tillbaka ansökan.",
        "There the administrator can follow, complete and withdraw the application.",
    ),
    "letter.received.todo": (
        "Där kan du följa, komplettera och ta tillbaka den.",
        "There you can follow, complete and withdraw it.",
    ),
    "agent_start.lead": ("Kom överens med kunden om en tid.", "Agree on a time with the customer."),
    "termination.order.units_hint": (
        "Ta bort raderna för de enheter ni behåller.",
        "Remove the lines of the units that you keep.",
    ),
    "confirm.logged": ("Du kan inte ångra beslutet.", "You cannot undo it."),
    "confirm.attest.agent": (
        "att {customer} ansluts till {service} via er.",
        "that {customer} connects to {service} through you.",
    ),
    "customer_attest.title": ("Att attestera: ", "Attest: "),
    "agent_attest.title": ("Att attestera: ", "Attest: "),
    "customer_attest.text": ("Attestera {service}{cost} – {orderer}", "Attest {service}{cost} – {orderer}"),
    "agent_attest.text": ("Attestera {service} för {customer}{cost}", "Attest {service} for {customer}{cost}"),
    "order.for": ("Du beställer för {organisation}.", "You are ordering for {organisation}."),
    "done.ordered": ("Beställning {number} är skickad. Du får", "Order {number} has been sent. You will get"),
    "web.field.invoice_ref.hint": ("som ska stå på fakturan", "to print on the invoice"),
    "web.field.signatures_needed.label": ("Antal signaturer som behövs", "How many must sign"),
    "letter.signed.lead": ("gäller från {day}", "applies from {day}"),
}
# So long at most, in words.
BRIEF = {"order.units_hint": 25, "not_ready.agent_roles.todo": 35}


@pytest.mark.parametrize(("key", "sentences"), PLAIN.items())
def test_what_readers_stumbled_over_is_said_plainly_in_both_languages(key, sentences):
    for language, sentence in zip(Language, sentences, strict=True):
        assert sentence in template(language, key)


@pytest.mark.parametrize("language", Language)
def test_a_hint_and_a_thing_to_do_are_no_longer_than_somebody_reads(language):
    for key, words in BRIEF.items():
        assert len(template(language, key).split()) <= words, key


# Rows of the flows table that a person follows, and those that leave a step behind.
BY_PEOPLE = [row for row in FLOWS if row.who is not Part.CLOCK]
DECIDED = {row.does for row in FLOWS if row.source in PART_WAITED_FOR and not row.keeps_step} - {
    Action.REPRICE,
    Action.REVIEW,
}
FINAL = {state for row in FLOWS for state in row.targets() if is_final(row.flow, state)}


@pytest.mark.parametrize("language", Language)
def test_every_act_of_people_has_a_button_and_a_dialog_that_fits(language):
    for does in {row.does for row in BY_PEOPLE} - {Action.SUBMIT}:
        assert len(say_any(language, f"btn.{does}")) <= BUTTON_LIMIT, does
        for part in ("title", "submit"):
            assert len(say_any(language, f"confirm.{part}.{does}")) <= TITLE, does


@pytest.mark.parametrize("language", Language)
def test_every_decision_has_words_in_the_chain_and_on_the_card_it_ends(language):
    for does in DECIDED | {Action.EMERGENCY_ATTEST, Action.SEND_AGAIN}:
        for key in (f"chain.did.{does}", f"chain.did_by.{does}", f"decided.{does}"):
            assert say_any(language, key)


@pytest.mark.parametrize("language", Language)
def test_every_state_is_told_to_the_orderer_and_every_end_to_all(language):
    for flow in ORDER_FLOWS:
        for state in {row.target_state() for row in FLOWS if row.flow is flow} | {State.COMPLETION_REQUESTED}:
            for key in (f"status.waits.{state}", f"status.next.{state}"):
                assert {f"{key}.{flow}", key} & keys(language), key
    for state in {state for row in FLOWS if row.flow in ORDER_FLOWS for state in row.targets()} & FINAL:
        assert all(say_any(language, f"outcome.{state}.{side}") for side in Side), state


@pytest.mark.parametrize("language", Language)
def test_every_state_of_an_application_has_a_headline(language):
    for flow in APPLICATION_FLOWS:
        for key in ("name", "kind"):
            assert f"applied.{key}.{flow}" in keys(language)
        for state in {state for row in FLOWS if row.flow is flow for state in row.targets()}:
            assert f"applied.title.{state}" in keys(language), state
            assert is_final(flow, state) or f"applied.todo.{state}" in keys(language), state


@pytest.mark.parametrize("language", Language)
def test_history_says_wherever_something_was_done(language):
    assert {f"history.surface.{surface}" for surface in Surface} <= set(keys(language))


@pytest.mark.parametrize("language", Language)
def test_whatever_blocks_an_order_is_explained_with_what_to_do(language):
    for why in Block:
        assert say_any(language, f"blocked.told.{why}")
        for part in DECIDING:
            for key in (f"blocked.why.{why}", f"blocked.todo.{why}"):
                assert {f"{key}.{part}", key} & keys(language) or why is Block.OVER_LIMIT, key


@pytest.mark.parametrize("language", Language)
def test_a_person_number_in_a_field_has_a_sentence_that_says_what_to_do(language):
    for key in ("field_error.personal_number", "err.personal_number"):
        assert say(language, key).count(".") > 1


def say_any(language, key):
    return say(language, key, **{name: "x" for name in placeholders(language, key)})


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("error", sorted(set(refusals()), key=lambda each: each.code), ids=lambda each: each.code)
def test_every_refusal_has_a_sentence_of_its_own(language, error):
    assert f"err.{error.code}" in keys(language)

    sentence = refusal(language, error.code, {})

    assert sentence.endswith(".")
    assert "{" not in sentence
    assert sentence[0].isupper()


def test_the_bots_refusals_are_among_them():
    assert refusals_of_the_bot.ButtonIsGone in set(refusals())


CODES_OF_APPLICATIONS = set(re.findall(r'yield (?:f?"[^"]+"|\w+), "(\w+)"', inspect.getsource(form)))
CODES_OF_APPLICATIONS |= set(re.findall(r'AUTHORITY: "(\w+)"', inspect.getsource(attachment)))
FIELD_CODES = {
    code
    for rules in (order_rules, contacts)
    for code in re.findall(r'yield (?:\w+|"\w+"), "(\w+)"', inspect.getsource(rules))
}
CODES_OF_LAST_DAYS = set(re.findall(r'"last_day": "(\w+)"', inspect.getsource(ending)))


@pytest.mark.parametrize("language", Language)
def test_every_problem_of_a_field_has_a_sentence(language):
    assert {"required", "too_long", "too_many", "repeated", "hsa_id", "terms_not_accepted", "not_asked"} <= FIELD_CODES
    assert {"file_empty", "file_too_large", "file_kind", "file_no_room", "file_gone"} <= CODES_OF_APPLICATIONS
    for code in FIELD_CODES | CODES_OF_APPLICATIONS | {"org_number"}:
        assert f"field_error.{code}" in keys(language)
    assert {"not_connected", "too_early", "too_far"} == CODES_OF_LAST_DAYS
    for code in CODES_OF_LAST_DAYS:
        assert f"field_error.last_day.{code}" in keys(language)


# --- forms of dates, times and money

# A winter afternoon and a summer evening in UTC; Stockholm is one and two hours ahead.
WINTER, SUMMER = datetime(2026, 3, 12, 13, 32, tzinfo=UTC), datetime(2026, 6, 30, 22, 5, tzinfo=UTC)


def test_times_are_told_in_stockholm():
    assert when(Language.SV, WINTER) == "12\u00a0mars\u00a02026\u00a0kl.\u00a014.32"
    assert when(Language.EN, WINTER) == "12\u00a0March\u00a02026\u00a0at\u00a014:32"
    assert day(Language.SV, SUMMER) == "1\u00a0juli\u00a02026"
    assert clock(Language.SV, SUMMER) == "kl.\u00a000.05"
    assert [whole_hour(language, 9) for language in Language] == ["kl.\u00a009.00", "09:00"]
    assert day(Language.EN, date(2026, 12, 24)) == "24\u00a0December\u00a02026"


@pytest.mark.parametrize(
    ("ore", "swedish", "english"),
    [
        (125_000, "1\u00a0250\u00a0kr", "SEK\u00a01,250"),
        (125_050, "1\u00a0250,50\u00a0kr", "SEK\u00a01,250.50"),
        (0, "0\u00a0kr", "SEK\u00a00"),
        (123_456_789_01, "123\u00a0456\u00a0789,01\u00a0kr", "SEK\u00a0123,456,789.01"),
    ],
)
def test_money_is_told_in_kronor_that_do_not_break(ore, swedish, english):
    assert money(Language.SV, ore) == swedish
    assert money(Language.EN, ore) == english


@pytest.mark.parametrize(
    ("whole", "swedish", "english"),
    [
        (Cost(), "ingen kostnad", "no cost"),
        (Cost(100), "1\u00a0kr vid start exkl.\u00a0moms", "SEK\u00a01 one-off excl.\u00a0VAT"),
        (Cost(0, 125_000), "1\u00a0250\u00a0kr/år exkl.\u00a0moms", "SEK\u00a01,250/year excl.\u00a0VAT"),
        (
            Cost(100, 200, Period.MONTH),
            "25\u00a0kr första året (1\u00a0kr vid start), därefter 2\u00a0kr/mån exkl.\u00a0moms",
            "SEK\u00a025 in the first year (SEK\u00a01 one-off), then SEK\u00a02/month excl.\u00a0VAT",
        ),
    ],
)
def test_a_cost_is_told_without_vat_and_says_so(whole, swedish, english):
    assert cost(Language.SV, whole) == swedish
    assert cost(Language.EN, whole) == english


def test_a_price_says_what_it_is_multiplied_by():
    per_unit = builders.price(kind=PriceKind.RECURRING, amount_ore=50_000)

    assert price(Language.SV, per_unit) == "500\u00a0kr/år per vårdenhet"
    assert price(Language.SV, builders.price()) == "1\u00a0000\u00a0kr vid start per vårdenhet"


def test_one_is_counted_in_the_singular():
    assert counted(Language.SV, "value.working_days", 1) == "1 arbetsdag"
    assert counted(Language.SV, "value.working_days", 2) == "2 arbetsdagar"
    assert counted(Language.EN, "value.working_days", 0) == "0 working days"


# --- refusals

AT = builders.AT


@pytest.mark.parametrize(
    ("code", "facts", "sentence"),
    [
        (
            "already_decided",
            {"person": "Bo Lund", "part": Part.CUSTOMER_ATTESTANT, "action": Action.ATTEST, "at": AT},
            "Bo Lund har redan svarat (attesterat, 12\u00a0mars\u00a02026\u00a0kl.\u00a014.32)."
            " Ditt svar har inte registrerats."
            " Du behöver inte göra något.",
        ),
        (
            "already_decided",
            {"person": None, "part": "customer_attestant", "organisation": "Region A", "action": "reject", "at": AT},
            "Kundens attestant hos Region A har redan svarat (avslagit, 12\u00a0mars\u00a02026\u00a0kl.\u00a014.32)."
            " Ditt svar har inte registrerats. Du behöver inte göra något.",
        ),
        (
            "already_decided",
            {"person": "Bo Lund", "part": Part.CUSTOMER_ATTESTANT, "action": "attest", "at": AT, "wanted": "reject"},
            "Bo Lund har redan svarat (attesterat, 12\u00a0mars\u00a02026\u00a0kl.\u00a014.32)."
            " Ditt svar har inte registrerats."
            " Vill du ändra utfallet, kontakta beställaren eller Ineras kundservice (kundservice@example.se).",
        ),
        (
            "already_decided",
            {"person": "Bo Lund", "part": Part.CUSTOMER_ATTESTANT, "action": "attest", "at": AT, "wanted": "withdraw"},
            "Bo Lund har redan svarat (attesterat, 12\u00a0mars\u00a02026\u00a0kl.\u00a014.32),"
            " och beställningen är inte tillbakatagen."
            " Försök igen, eller kontakta Ineras kundservice (kundservice@example.se)"
            " om den inte längre går att ta tillbaka.",
        ),
        (
            "already_decided",
            {"part": Part.ORDERER, "organisation": "Region A", "action": "withdraw", "at": AT, "wanted": "approve"},
            "Beställaren hos Region A har tagit tillbaka beställningen (12\u00a0mars\u00a02026\u00a0kl.\u00a014.32)."
            " Ditt svar har inte registrerats. Du behöver inte göra något.",
        ),
        (
            "already_decided",
            {"part": Part.CLOCK, "action": Action.EXPIRE, "at": AT, "wanted": Action.ATTEST},
            "Beställningen har gått ut (12\u00a0mars\u00a02026\u00a0kl.\u00a014.32). Ditt svar har inte registrerats."
            " Du behöver inte göra något.",
        ),
        (
            "no_role",
            {"part": Part.AGENT_ATTESTANT, "organisation": "Journalia AB"},
            "Du har inte rollen attestant för Journalia AB. Nya roller kan ta några minuter."
            " Kontakta annars er administratör.",
        ),
        (
            "no_role",
            {"part": Part.CUSTOMER_SERVICE, "organisation": None},
            "Det här görs av Ineras kundservice, och du har inte den rollen."
            " Kontakta ansvarig på kundservice om du ska ha den.",
        ),
        (
            "category_not_allowed",
            {"categories": ("region", "municipality")},
            "Erbjudandet är för Region, Kommun. Välj ett annat erbjudande"
            " eller fråga Ineras kundservice (kundservice@example.se).",
        ),
        (
            "price_changed",
            {"old": Cost(100), "new": Cost(200)},
            "Priset har ändrats sedan beställningen lades: 1\u00a0kr vid start exkl.\u00a0moms → 2\u00a0kr vid start"
            " exkl.\u00a0moms. Kontrollera innan du attesterar. Du får strax ett nytt meddelande med det nya priset.",
        ),
        (
            "limit",
            {"limit_ore": 1, "amount_ore": 2},
            "Beloppet är högre än din beloppsgräns. En attestant med högre gräns behöver attestera.",
        ),
        (
            "already_connected",
            {"unit": "Rehab Öster", "service": "NPÖ"},
            "Rehab Öster har redan NPÖ. Beställ bara för nya vårdenheter."
            " En tilläggsbeställning kan ge en ny uppstartskostnad.",
        ),
        (
            "substitution_overlaps",
            {"person": "Bo Lund", "from_day": date(2026, 7, 1), "to_day": date(2026, 7, 31)},
            "Bo Lund är redan ersättare 1\u00a0juli\u00a02026–31\u00a0juli\u00a02026. Välj dagar som inte"
            " går in i varandra, eller ta bort den första.",
        ),
        (
            "closed",
            {"case": "B-2345678", "flow": Flow.TERMINATION},
            "Uppsägningen är avslutad. Du behöver inte göra något.",
        ),
        (
            "closed",
            {"case": "B-2345678", "flow": Flow.DIRECT},
            "Beställningen är avslutad. Du behöver inte göra något.",
        ),
        (
            "closed",
            {"case": "A-2345678", "flow": Flow.CUSTOMER_APPLICATION},
            "Ansökan är avslutad. Du behöver inte göra något.",
        ),
        (
            "a code of the future",
            {},
            "Det går inte just nu. Öppna beställningen på nytt och försök igen.",
        ),
    ],
)
def test_a_refusal_names_what_it_is_about(code, facts, sentence):
    assert refusal(Language.SV, code, facts) == sentence


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", ["stale", "changed", "closed", "not_possible"])
def test_of_a_termination_no_general_refusal_names_an_order(language, code):
    said = refusal(language, code, {"case": "B-2345678", "flow": Flow.TERMINATION})

    assert re.search("beställning|order", said, re.IGNORECASE) is None


# Where something is said to be connected: of what somebody has confirmed. Or that it is not.
CONNECTED = {"holdings.connected", "outcome.connected.title", "state.connected"}
NOT_CONNECTED = {"field_error.last_day.not_connected", "field_error.not_connected"}


@pytest.mark.parametrize(
    ("language", "words"), [(Language.SV, r"\banslut(?:en|na|et)\b"), (Language.EN, r"\bconnected\b")]
)
def test_only_what_somebody_has_confirmed_is_called_connected(language, words):
    said = {key for key in keys(language) if re.search(words, written(language, key), re.IGNORECASE)}

    assert said - NOT_CONNECTED <= CONNECTED
    assert said >= CONNECTED
