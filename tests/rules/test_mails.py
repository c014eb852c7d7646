"""A mail says what its card says, in order and literally, whatever people have written."""

import re
from html.parser import HTMLParser

import pytest
from inline_snapshot import snapshot

from core.api import SIDE_OF, Language
from core.views.case_view import disclose
from notifications.render.drawings import draw_card
from notifications.render.mails import Enclosed, draw_mail
from notifications.render.model import Bold, CardMessage
from notifications.render.pieces import parts
from notifications.render.surfaces.html import as_html
from notifications.rules.announcements import CardKind
from tests.support.drawn import cards
from tests.support.drawn.drawings import HOSTILE, LINK, mail_of
from tests.support.world import builders

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main"),
    *("h1", "p", "table", "tr", "th", "td", "strong", "small", "blockquote", "br", "hr", "a", "img"),
}


class Read(HTMLParser):
    """The words, tags and links of a page."""

    def __init__(self, page):
        super().__init__()
        self.words, self.tags, self.links = [], set(), []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in {"href", "src"}]

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module", params=Language)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def mailed(everything_drawn, language):
    """Every card there can be, as Slack is given it and as a mail."""
    return everything_drawn[language].mails


@pytest.fixture(scope="module")
def mails(mailed):
    """Every card as a mail."""
    return [(name, mail) for name, _, mail in mailed]


def said_in(blocks):
    """Every line that a card says, its buttons left out."""
    for block in blocks:
        if block["type"] == "header":
            yield block["text"]["text"]
        for part in block.get("elements", ()) if block["type"] in {"rich_text", "context"} else ():
            yield from (each["text"] for each in part["elements"]) if "elements" in part else [part["text"]]
        yield from (each["text"].strip("*") for each in block.get("fields", ()))


# What leads to customer service: its words stand in every mail, and the address beside them in plain text.
SLACK_LINK = re.compile(r"<[^|>]+\|([^>]+)>")
CONTACT_LINKS = {"mailto:kundservice@example.se", "tel:+46701740605"}


def squeezed(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.slow
def test_a_mail_says_everything_that_its_card_says(mailed):
    for name, drawn, mail in mailed:
        words, plain = squeezed("".join(Read(mail["html"]).words)), squeezed(mail["text"].replace("\n> ", "\n"))
        for said in said_in(drawn["blocks"]):
            for piece in SLACK_LINK.sub(r"\n\1\n", said).split("\n"):
                assert squeezed(piece) in words, name
                assert squeezed(piece).casefold() in plain.casefold(), name


@pytest.mark.slow
def test_what_people_write_is_words_and_nothing_else(mails):
    for name, drawn in mails:
        mail = Read(drawn["html"])
        assert mail.tags <= TAGS, name
        assert all(link.startswith("https://") or link in CONTACT_LINKS for link in mail.links), name


@pytest.mark.slow
def test_a_subject_is_one_line_of_a_decent_length(mails):
    for name, drawn in mails:
        subject = drawn["subject"]
        assert 0 < len(subject) <= 120, name
        assert subject.isprintable(), name


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Avtalet är tecknat", "Avtalet är tecknat (A-2345678)"),
        ("Ansökan A-2345678 väntar", "Ansökan A-2345678 väntar"),
    ],
)
def test_a_subject_names_the_case_once(text, subject):
    drawn = draw_mail(CardMessage(text, []), Enclosed(number="A-2345678"), Language.SV)

    assert drawn.subject == subject


def test_what_stands_out_on_a_card_stands_out_in_its_mail():
    line = parts.rich([Bold("Bo & Co"), " har attesterat."])

    assert "<strong>Bo &amp; Co</strong> har attesterat." in as_html([line])


def test_the_number_stands_in_the_longest_subject():
    drawn = draw_mail(CardMessage("Lång " * 50, []), Enclosed(number="A-2345678"), Language.SV)

    assert len(drawn.subject) == 120
    assert drawn.subject.endswith(" (A-2345678)")


def test_a_mail_that_asks_leads_to_its_page_in_text_and_html():
    facts, view = of_bo()
    message = draw_card(facts, view, Language.SV)
    mail = mail_of(message, Language.SV)

    assert LINK in mail["text"]
    assert LINK in Read(mail["html"]).links
    assert "Den som har den kan svara i ditt namn" in mail["text"]


def test_without_a_link_nothing_is_said_of_one():
    facts, view = of_bo()
    mail = draw_mail(draw_card(facts, view, Language.SV), Enclosed("Bo Lund"), Language.SV)

    assert "länk" not in mail.text.casefold()
    assert 'class="act"' not in mail.html


def test_a_name_is_words_and_nothing_else():
    facts, view = of_bo()
    mail = draw_mail(draw_card(facts, view, Language.SV), Enclosed(HOSTILE), Language.SV)

    assert Read(mail.html).tags <= TAGS
    assert mail.text.splitlines()[1] == ""


def of_bo():
    case = builders.after()
    dossier = builders.dossier(case)
    (card, *_) = [each for each in cards.cards_of(case) if each.kind is CardKind.CUSTOMER_ATTEST]
    return cards.facts_of(dossier, card), disclose(dossier, SIDE_OF[card.part])


def test_a_request_reads_so():
    facts, view = of_bo()
    enclosed = Enclosed("Bo Lund", link=LINK, label="mail.decide", expires_at=builders.AT)

    mail = draw_mail(draw_card(facts, view, Language.SV), enclosed, Language.SV)

    assert mail.subject == "Attestera Nationell patientöversikt, 37 000 kr första året – Anna Ek (B-2345678)"
    assert mail.text == snapshot("""\
Hej Bo Lund,

ATT ATTESTERA: NATIONELL PATIENTÖVERSIKT

Region Exempel betalar totalt 25\xa0000\xa0kr en gång + 12\xa0000\xa0kr/år exkl.\xa0moms för 3\xa0vårdenheter · beställt av Anna Ek
NPÖ Producent · önskad start 1\xa0april\xa02026
Vårdcentralen Norr, Vårdcentralen Söder, Rehab Öster
”Vi byter journalsystem i april.”

Svara senast 27\xa0april\xa02026, efter önskad start. Du eller Frida Näs attesterar för Region Exempel.

Om du attesterar får beställaren en instruktion från kundservice inom cirka 1 arbetsdag. Om du avslår eller ingen svarar avslutas beställningen. Begär du komplettering svarar beställaren först. B-2345678 · Steg 1 av 3

Läs och besluta:
https://kundportal.exempel.se/d/abc?lang=sv

Länken gäller till 12\xa0mars\xa02026\xa0kl.\xa014.32 och kan användas en gång. Länken är personlig. Den som har den kan svara i ditt namn, så skicka den inte vidare. Inget händer bara för att du öppnar länken. Du bekräftar på sidan.

-- \n\
Du får mejlet för att du har en roll i Kundportalen och inte går att nå i Slack. Kopplar du ditt konto i Slack får du meddelandena där i stället.

Mejlet har skickats automatiskt och svar läses inte. Har du frågor, kontakta Ineras kundservice: kundservice@example.se, 070-174 06 05.
""")  # noqa: E501 - a mail is read as it stands
