"""Whoever is sent to customer service is told how to reach it: in every sentence, on every surface."""

import re

import pytest

from core.api import Language
from notifications.render.model import Bold, FactRows, Heading, Item, Paragraphs, Quote, SmallPrint
from notifications.render.surfaces import block_kit
from notifications.render.surfaces.html import as_html
from notifications.render.surfaces.text import as_text
from notifications.texts import ServiceContact, around_contact, keys, name_contact, say
from notifications.texts import contact as texts_contact
from notifications.texts.catalogue import written
from tests.support.drawn import reached
from tests.support.world import contact

PLACES = re.compile(r"\{(customer_service(?:_in_full)?)\}")
MAILTO, TEL = "mailto:kundservice@example.se", "tel:+46701740605"


def places(language):
    return {key: found for key in keys() if (found := PLACES.findall(written(language, key)))}


@pytest.mark.parametrize("language", Language)
def test_every_sentence_that_sends_people_to_customer_service_has_a_place_for_the_way(language):
    without = {key: found for key in keys() if (found := reached.sends(language, written(language, key)))}

    assert without == {}
    assert all(reached.SENDS[language].search(written(language, key)) for key in reached.AMONG_COLLEAGUES)


def test_both_languages_send_people_there_in_the_same_sentences():
    assert places(Language.SV) == places(Language.EN)
    assert len(places(Language.SV)) > 45


@pytest.mark.parametrize("language", Language)
def test_every_such_sentence_says_the_way_once_it_is_named(language):
    for key, found in places(language).items():
        said = say(language, key, **{name: "x" for name in re.findall(r"\{(\w+)\}", written(language, key))})

        assert "{customer" not in said
        assert sum(words == "kundservice@example.se" or url == MAILTO for words, url in around_contact(said)) == len(
            found
        )


@pytest.mark.slow
@pytest.mark.parametrize("language", Language)
def test_everything_drawn_that_sends_people_there_says_the_way(language, everything_drawn):
    drawn = everything_drawn[language]

    for name, _, sent in drawn.distinct:
        assert list(reached.in_slack(language, sent)) == [], name
    for name, _, mail in drawn.mails:
        assert reached.in_html(language, mail["html"]) == [], name
        assert reached.sends(language, mail["text"]) == [], name
        assert f'<a href="{MAILTO}">' in mail["html"], name
        assert f'<a href="{TEL}">' in mail["html"], name
        assert "kundservice@example.se, 070-174 06 05" in mail["text"], name


@pytest.mark.parametrize("language", Language)
def test_which_way_a_short_sentence_has_does_not_follow_the_order_of_a_long_one(language, monkeypatch):
    named = ServiceContact("kundservice@example.se", "https://example.se/", "070-174 06 05")
    monkeypatch.setattr(texts_contact, "IN_FULL", ("phone", "url", "email"))

    assert [shown for shown, _ in named.ways] == [named.phone, named.url, named.email]
    assert named.short_way == ("kundservice@example.se", MAILTO)


def test_a_short_sentence_has_the_first_way_that_there_is(monkeypatch):
    monkeypatch.setattr(texts_contact, "IN_SHORT", ("phone", "email", "url"))

    assert ServiceContact("a@example.se", "", "070-174 06 05").short_way == ("070-174 06 05", TEL)
    assert ServiceContact("a@example.se", "https://example.se/").short_way == ("a@example.se", "mailto:a@example.se")


# --- one sentence, three surfaces


def test_the_name_is_a_link_where_there_are_links_and_has_the_address_beside_it_elsewhere():
    sentence = say(Language.SV, "small.contact")
    line = [Paragraphs([[sentence]])]

    assert block_kit.blocks_of(line)[0]["elements"][0]["elements"] == [
        {"type": "text", "text": "Frågor? Kontakta "},
        {"type": "link", "url": MAILTO, "text": "Ineras kundservice"},
        {"type": "text", "text": "."},
    ]
    assert block_kit.mrkdwn(sentence) == f"Frågor? Kontakta <{MAILTO}|Ineras kundservice>."
    assert as_html(line) == f'<p>Frågor? Kontakta <a href="{MAILTO}">Ineras kundservice</a>.</p>'
    assert as_text(line) == "Frågor? Kontakta Ineras kundservice (kundservice@example.se)."


def test_small_print_has_the_link_and_is_plain_where_there_is_none():
    small = (SmallPrint(say(Language.EN, "small.contact") + " A & B *x*"), SmallPrint("A & B *x*"))
    with_link, without = (drawn["elements"][0] for drawn in block_kit.blocks_of(small))

    assert with_link == {
        "type": "mrkdwn",
        "text": f"Questions? Contact <{MAILTO}|Inera customer service>. A &amp; B *x*",
        "verbatim": True,
    }
    assert without == {"type": "plain_text", "text": "A & B *x*", "emoji": False}


def test_a_fact_has_the_link_and_is_plain_where_there_is_none():
    facts = [FactRows([("Frågor", say(Language.SV, "value.questions")), ("Kund", "A & B *x*")])]
    [section] = block_kit.blocks_of(facts)

    assert section["fields"][1] == {
        "type": "mrkdwn",
        "text": f"Kontakta <{MAILTO}|Ineras kundservice>",
        "verbatim": True,
    }
    assert section["fields"][3] == {"type": "plain_text", "text": "A & B *x*", "emoji": False}
    assert f'<td valign="top">Kontakta <a href="{MAILTO}">Ineras kundservice</a></td>' in as_html(facts)
    assert '<td valign="top">A &amp; B *x*</td>' in as_html(facts)
    assert as_text(facts) == "Frågor: Kontakta Ineras kundservice (kundservice@example.se)\nKund: A & B *x*"


@pytest.mark.parametrize(
    ("language", "label", "value"),
    [
        (Language.SV, "Frågor", "Ineras kundservice"),
        (Language.SV, "Frågor", "Kontakta Ineras kundservice"),
        (Language.EN, "Questions", "Inera customer service"),
    ],
)
def test_a_fact_that_sends_people_there_without_the_way_is_found(language, label, value):
    facts = [FactRows([(label, value)])]

    assert list(reached.in_slack(language, block_kit.blocks_of(facts)))
    assert reached.in_html(language, as_html(facts))
    assert reached.sends(language, as_text(facts))


def test_where_nothing_can_be_a_link_in_slack_the_address_stands_there():
    (drawn,) = block_kit.blocks_of([Item(say(Language.EN, "small.contact"))])

    assert drawn["text"]["text"] == "Questions? Contact Inera customer service (kundservice@example.se)."


def test_in_full_every_way_is_shown_and_can_be_followed():
    assert as_html([SmallPrint(say(Language.SV, "mail.no_reply"))]).endswith(
        f'kontakta Ineras kundservice: <a href="{MAILTO}">kundservice@example.se</a>,'
        f' <a href="{TEL}">070-174 06 05</a>.</small></p>'
    )


def test_what_people_write_leads_nowhere():
    text = '<a href="https://evil.example">Ineras kundservice</a> (annan@example.se) & kundservice@example.se'

    assert [url for _, url in around_contact(text)] == [""]
    for block in (Paragraphs([[text]]), Paragraphs([[Bold(text)]]), Quote("Fråga", text), Heading(text)):
        assert "<a " not in as_html([block])
        assert '"link"' not in str(block_kit.blocks_of([block]))


@pytest.fixture
def named():
    """Another contact than everybody else's, for as long as the test takes."""
    yield name_contact
    contact.name_it()


def test_a_page_alone_is_where_the_name_leads(named):
    named(ServiceContact(url="https://www.example.se/kundservice?a=1&b=2"))
    (drawn,) = as_html([Paragraphs([[say(Language.EN, "small.contact")]])]).splitlines()

    assert drawn == (
        '<p>Questions? Contact <a href="https://www.example.se/kundservice?a=1&amp;b=2">Inera customer service</a>.</p>'
    )


def test_with_several_ways_the_mail_address_goes_first_and_all_are_shown_in_full(named):
    named(ServiceContact("a+b@example.se", "https://www.example.se/{x}%", "+46 8 123 456 78"))
    said = say(Language.SV, "web.footer")

    assert say(Language.SV, "small.contact") == "Frågor? Kontakta Ineras kundservice (a+b@example.se)."
    assert said.endswith(": a+b@example.se, https://www.example.se/{x}%, +46 8 123 456 78.")
    assert [url for _, url in around_contact(said) if url] == [
        "mailto:a%2Bb@example.se",
        "https://www.example.se/{x}%",
        "tel:+46812345678",
    ]
