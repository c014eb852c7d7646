"""A card of an order closed long ago is one short line, which holds nobody's name, amount, reference or contact."""

import json
from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from core.api import (
    ORDER_FLOWS,
    SIDE_OF,
    CardId,
    Cost,
    Language,
    Part,
    Payer,
    Period,
    State,
)
from core.views.case_view import disclose
from notifications.render.drawings import CardFacts, draw_card
from notifications.render.model import Paragraphs, said_in
from notifications.rules.announcements import ANNOUNCEMENTS, CardKind
from tests.support.drawn.sent import as_sent
from tests.support.world import builders

# Every card of a case; a notice to customer service's channel is one too.
KINDS = sorted({(each.card, each.part) for each in ANNOUNCEMENTS} | {(CardKind.UNDELIVERED, Part.CUSTOMER_SERVICE)})
PLANTED = (
    "Planterad-kommentar", "Planterad-kontakt", "Planterad-referens", "Planterat-ärende", "Planterad-motivering",
    "Planterat-internt", "Planterat-meddelande", "Planterad-enhet", "Planterat-namn", "1912121212", "7 111",
)  # fmt: skip


def closed(flow):
    return [(name, case) for name, case in builders.journeys(flow) if case.closed_at is not None]


def planted(case):
    """The dossier of a case in which every field that somebody wrote holds something to look for."""
    order = replace(
        case.order,
        units=(replace(builders.UNITS[0], name="Planterad-enhet"),),
        invoice_ref="Planterad-referens",
        comment="Planterad-kommentar",
        technical_contact="Planterad-kontakt",
        external_case_ref="Planterat-ärende",
        costs={payer: Cost(711_100, 711_100, Period.YEAR) for payer in Payer},
    )
    decisions = tuple(
        replace(
            each, reason="Planterad-motivering", internal="Planterat-internt", message="Planterat-meddelande"
        )
        for each in case.decisions
    )  # fmt: skip
    return builders.dossier(
        replace(case, content=order, decisions=decisions),
        organisations={
            builders.CUSTOMER: builders.organisation(org_number="1912121212", org_number_is_personal=True),
            builders.AGENT: builders.organisation(builders.AGENT),
            builders.INERA: builders.organisation(builders.INERA),
        },
        people=dict.fromkeys(builders.PEOPLE, "Planterat-namn"),
    )


def reduced(kind, part, dossier, language=Language.SV):
    note = {"person": "Planterat-namn", "error": "inactive"}
    facts = CardFacts(CardId("C1"), kind, part, "test", reader="Planterat-namn", note=note, is_reduced=True)
    return draw_card(facts, disclose(dossier, SIDE_OF[part]), language)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("flow", ORDER_FLOWS)
def test_nothing_of_what_goes_is_left_on_any_card(flow, language):
    for name, case in closed(flow):
        for kind, part in KINDS:
            drawn = reduced(kind, part, planted(case), language)
            text = json.dumps(as_sent(drawn), ensure_ascii=False).replace("\u00a0", " ")
            assert [each for each in PLANTED if each in text] == [], f"{name}, {kind}"


@pytest.mark.parametrize("flow", ORDER_FLOWS)
def test_it_is_one_line_without_a_button(flow):
    for name, case in closed(flow):
        for kind, part in KINDS:
            drawn = reduced(kind, part, planted(case))
            (block,) = drawn.blocks
            assert isinstance(block, Paragraphs), f"{name}, {kind}"
            assert len(block.lines) == 1
            assert "\n" not in drawn.text


def test_it_says_which_order_it_was_and_how_it_ended():
    case = builders.case_in(State.REJECTED)
    told = [reduced(CardKind.STATUS, Part.ORDERER, builders.dossier(case), each) for each in Language]

    assert [each.text for each in told] == snapshot(
        [
            "Beställning B-2345678, Nationell patientöversikt för Region Exempel: Avslagen (12 mars 2026).",
            "Order B-2345678, National Patient Overview for Region Exempel: Rejected (12 March 2026).",
        ]
    )
    (line,) = told[0].blocks[0].lines
    assert said_in(line).replace("\u00a0", " ") == told[0].text
