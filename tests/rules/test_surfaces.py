"""One value, three surfaces: whatever a card says stands on each of them, and a form reads the same by either door."""

import re
from datetime import date
from typing import get_args

import pytest

from bot.forms.inputs import choices_in, is_ticked, text_in
from bot.slack.payloads import typed_in
from bot.web.links.dialog_form import DialogForm
from core.api import Language
from notifications.documents.chart import Chart
from notifications.render import model
from notifications.render.model import (
    Actions,
    Bold,
    BoxInput,
    Button,
    ChoiceInput,
    DayInput,
    Dialog,
    Divider,
    FactRows,
    Heading,
    Hyperlink,
    Input,
    Item,
    Option,
    Paragraphs,
    Picture,
    Quote,
    SmallPrint,
    TextInput,
)
from notifications.render.surfaces.block_kit import blocks_of, modal
from notifications.render.surfaces.html import as_html
from notifications.render.surfaces.text import as_text
from tests.support.drawn.limits import texts
from tests.support.drawn.views import without_a_case

SAID = {
    Heading: (Heading("Rubrik <1>"), ["Rubrik <1>"]),
    Paragraphs: (
        Paragraphs([["Rad & ", Bold("fet"), Hyperlink("här", "https://a.se/?x=1")], ["Två"]]),
        ["Rad & fethär"],
    ),
    Quote: (Quote("Fråga", "Vad\nmer?"), ["Fråga", "Vad", "mer?"]),
    FactRows: (FactRows([("Vad", "Detta"), ("Hur", "Så")]), ["Vad", "Detta", "Hur", "Så"]),
    SmallPrint: (SmallPrint("Litet\noch mer"), ["Litet", "och mer"]),
    Divider: (Divider(), []),
    Item: (Item("En sak", Button("kp.x", "Tryck")), ["En sak"]),
}
PRESSED = {
    Actions: Actions([Button("kp.x", "Tryck")]),
    Input: Input("reason", "Tryck in", TextInput("reason", 100)),
}
SHOWN = {Picture: Picture('Ett "diagram" <1>', Chart("", "", "", "", ()), "https://a.se/b/x.png")}


def test_every_kind_of_block_is_tried_here():
    assert {*SAID, *PRESSED, *SHOWN} == set(get_args(model.Block))


@pytest.mark.parametrize("kind", SAID)
def test_what_is_said_stands_on_every_surface(kind):
    block, said = SAID[kind]

    page = re.sub(r"<[^>]*>", "", as_html([block]).replace("<br>", "\n"))
    for text in said:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert escaped in page
        assert text.casefold() in as_text([block]).replace(" (https://a.se/?x=1)", "").casefold()
        assert text in "".join(texts(blocks_of([block])))


@pytest.mark.parametrize("kind", PRESSED)
def test_what_can_be_pressed_stands_in_slack_alone(kind):
    assert (as_html([PRESSED[kind]]), as_text([PRESSED[kind]])) == ("", "")
    assert "Tryck" in "".join(texts(blocks_of([PRESSED[kind]])))


def test_a_picture_is_shown_from_its_address_and_said_by_its_text_where_there_is_none_alone():
    picture = SHOWN[Picture]
    nowhere = picture._replace(url="")

    assert blocks_of([picture]) == [{"type": "image", "image_url": picture.url, "alt_text": picture.alt}]
    assert 'src="https://a.se/b/x.png" alt="Ett &quot;diagram&quot; &lt;1&gt;"' in as_html([picture])
    assert as_text([picture]) == as_text([nowhere]) == picture.alt
    assert (blocks_of([nowhere]), as_html([nowhere])) == ([], "")


def test_what_stands_beside_a_text_is_pressed_in_slack_alone():
    item, _ = SAID[Item]

    assert ["Tryck" in said for said in (as_html([item]), as_text([item]))] == [False, False]
    assert "Tryck" in "".join(texts(blocks_of([item])))


def test_facts_below_each_other_are_one_table_and_as_many_sections_as_they_were():
    blocks = [FactRows([("a", "1")] * 6), FactRows([("b", "2")]), Divider(), FactRows([("c", "3")])]

    assert [len(each["fields"]) for each in blocks_of(blocks) if "fields" in each] == [10, 2, 2, 2]
    assert as_html(blocks).count("<table") == 2
    assert as_text(blocks).count("\n\n") == 1


# --- forms

FORM = Dialog(
    "kp.form",
    "Titel",
    "",
    [
        Input("text", "Text", TextInput("t", 100, "Började så")),
        Input("empty", "Tomt", TextInput("t", 100, is_long=True)),
        Input("day", "Dag", DayInput("d", date(2026, 3, 12))),
        Input("one", "Ett", ChoiceInput("c", "Välj", [Option("Ett", "1"), Option("Två", "2")], Option("Två", "2"))),
        Input("searched", "Sökt", ChoiceInput("c", "Välj", ())),
    ],
    "Avbryt",
    "Skicka",
)


def untouched(view):
    """What Slack tells of the inputs of a view that is sent as it was opened, as its reference has it."""
    return {"state": {"values": {each["block_id"]: _state(each["element"]) for each in _inputs(view)}}}


def _inputs(view):
    return [each for each in view["blocks"] if each["type"] == "input"]


def _state(element):
    told = {
        "value": element.get("initial_value"),
        "selected_date": element.get("initial_date"),
        "selected_option": element.get("initial_option"),
        "selected_options": element.get("initial_options", []),
    }
    of = {"plain_text_input": "value", "datepicker": "selected_date", "checkboxes": "selected_options"}
    name = of.get(element["type"], "selected_option")
    return {element["action_id"]: {"type": element["type"], name: told[name]}}


def test_a_form_that_is_sent_as_it_was_opened_reads_the_same_from_slack_and_from_a_page():
    read = typed_in(untouched(modal(FORM)))

    assert read == DialogForm(FORM, [], Language.SV).typed({})
    assert read == {"text": "Började så", "empty": "", "day": "2026-03-12", "one": "2", "searched": ""}


@pytest.mark.parametrize("ticked", [[], [Option("Ja", "yes")]])
def test_a_box_is_ticked_or_not(ticked):
    boxes = BoxInput("b", [Option("Ja", "yes"), Option("Nej", "no")], ticked)
    read = typed_in(untouched(modal(FORM._replace(blocks=[Input("box", "Låda", boxes)]))))

    assert is_ticked(read, "box") is bool(ticked)
    assert list(choices_in(read, "box")) == [each.value for each in ticked]


def test_a_box_that_a_page_does_not_send_is_empty():
    form = FORM._replace(blocks=[Input("box", "Låda", BoxInput("b", [Option("Ja", "yes")], [Option("Ja", "yes")]))])

    assert not is_ticked(DialogForm(form, [], Language.SV).typed({}), "box")
    assert is_ticked(DialogForm(form, [], Language.SV).typed({"box": "1"}), "box")


def test_every_form_reads_the_same_by_either_door():
    forms = [made for *_, made in without_a_case(Language.SV) if isinstance(made, Dialog)]
    forms = [form for form in forms if any(isinstance(block, Input) for block in form.blocks)]

    assert len(forms) > 20
    for form in forms:
        slack, page = typed_in(untouched(modal(form))), DialogForm(form, [], Language.SV).typed({})
        assert slack.keys() == page.keys()
        boxes = {block.name for block in form.blocks if isinstance(block, Input) and isinstance(block.entry, BoxInput)}
        for name in slack.keys() - boxes:
            assert text_in(slack, name) == text_in(page, name), (form.name, name)
