"""A case is read back as it was written, also one that was written before there was as much to write."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from types import SimpleNamespace

import pytest

from core.api import (
    Action,
    Assignee,
    Block,
    Blocked,
    ConnectionWay,
    Cost,
    EarlierConnection,
    OfferId,
    OrganisationId,
    Part,
    Payer,
    Period,
    PersonId,
    ReasonCode,
    Role,
    State,
)
from core.applications.application import EMPTY, Application, Contact, DrawnUp
from core.shared.vocabulary import CustomerCategory, Language
from core.storage.context.application_coding import application_from_json, application_to_json
from core.storage.context.coding import case_from_row, content_hash, decisions_from_json, decisions_to_json, evidence
from core.storage.tables import to_micros
from core.workflow.case import Handed, Limited
from core.workflow.flows import VERSION
from tests.support.world.builders import ORDERER, SERVICE, after, case_in, draft, order
from tests.support.world.stored import case_row

BO, SARA = PersonId("P-bo"), PersonId("P-sara")
AT = datetime(2026, 3, 12, 13, 32, 1, 234567, tzinfo=UTC)
SOONER = {Payer.CUSTOMER: Cost(1, 2, Period.MONTH), Payer.AGENT: Cost()}

CASES = {
    "a draft": draft(),
    "one that waits": case_in(State.AWAITING_CUSTOMER_ATTEST),
    "one that has been rejected": case_in(State.REJECTED),
    "several are asked": draft(
        asked=(Assignee(BO, Role.ATTESTANT, 0), Assignee(SARA, Role.ATTESTANT, 5_000, absent=BO))
    ),
    "the amount is over the limit of some": draft(limited=Limited(2, 3)),
    "a reserve may decide what is over the limit of all": draft(limited=Limited(3, 3, (BO, SARA))),
    "a question waits": draft(returns_to=State.AWAITING_AGENT_ATTEST, rounds=3),
    "some stand aside": draft(recused=(BO,), aside=(SARA, ORDERER), handed=(Handed(SARA, BO, AT),)),
    "it is paused": draft(hold='Väntar på "blocked"', claimed_by=SERVICE),
    "nobody can decide": draft(blocked=Blocked(Block.OVER_LIMIT), review_at=AT),
    "the administrator knows": draft(blocked=Blocked(Block.NOBODY, told=True)),
    "prices have changed": draft(
        content=order(earlier_costs=SOONER, coming_costs=SOONER, coming_from=date(2027, 1, 1)), content_version=3
    ),
    "whom to ask was written in one text": draft(content=order(technical_contact="Drift, 08-123")),
    "the offer had a name": draft(content=order(offer_name={Language.SV: "NPÖ"}, terms_url="https://x")),
    "the agent is another": draft(content=order(replaces_agent=OrganisationId("OOLD"))),
    "some is replaced and some stays": draft(
        content=order(
            earlier=(
                EarlierConnection(
                    ConnectionWay(OfferId("npo"), OrganisationId("OOLD")), {Language.SV: "NPÖ"}, ("Eken",), ends=True
                ),
                EarlierConnection(ConnectionWay(OfferId("npo")), {Language.SV: "NPÖ", Language.EN: "NPO"}),
            )
        )
    ),
}


def row(case, **columns):
    """The row that the case is written as, with instants as they are stored."""
    values = case_row(case) | columns
    return SimpleNamespace(
        **{name: to_micros(value) if isinstance(value, datetime) else value for name, value in values.items()}
    )


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_read_as_it_was_written(name):
    assert case_from_row(row(CASES[name])) == CASES[name]


def test_a_decision_is_read_as_it_was_written():
    case = after()
    (submitted,) = case.decisions
    said = {
        "absent": BO,
        "limit_ore": 0,
        "to": SARA,
        "counts": False,
        "lapsed": True,
        "reason_code": ReasonCode.NO_BUDGET,
    }
    told = replace(case, decisions=(replace(submitted, **said, reason="a", internal="b", message="c"),))

    assert case_from_row(row(told)).decisions == told.decisions


def test_what_is_decided_about_is_proved_with_the_name_and_terms_of_the_offer_and_without_them_as_before():
    before = draft()
    named = [order(offer_name={Language.SV: name}, terms_url=url) for name, url in (("A", "u"), ("B", "u"), ("A", "v"))]

    assert content_hash(before) == "4506015a88963108302facb420bc449609ac0a1ab35a2692f151742525dabb3c"
    assert len({content_hash(before), *(content_hash(draft(content=each)) for each in named)}) == 4


def test_what_is_empty_is_not_written():
    assert row(draft()).progress == "{}"


def test_a_case_from_before_reads_as_one_to_which_nothing_new_has_happened():
    case = after()
    content, decisions = json.loads(row(case).content), json.loads(row(case).decisions)
    later = {
        "earlier_costs",
        "coming_costs",
        "coming_from",
        "replaces_agent",
        "earlier",
        "absent",
        "to",
        "limit",
        "counts",
    }
    written = row(
        case,
        content=json.dumps({name: value for name, value in content.items() if name not in later}),
        decisions=json.dumps(
            [{name: value for name, value in each.items() if name not in later} for each in decisions]
        ),
        progress="{}",
    )

    assert case_from_row(written) == replace(case, asked=())


def _without(names, stored):
    return {name: value for name, value in stored.items() if name not in names}


def test_evidence_says_by_which_right_and_up_to_what_and_nothing_else():
    case = case_in(State.AWAITING_CUSTOMER_ATTEST)
    attested = _attested(case, absent=BO, limit_ore=0, reason="Till Bo", message="Hej")

    told = json.loads(evidence(case, attested))

    assert len(told.pop("texts_hash")) == 64
    assert told.pop("costs") == {"customer": [2_500_000, 1_200_000, "year"], "agent": [0, 0, "year"]}
    assert told == {
        "flows": VERSION,
        "reason_code": None,
        "role": "attestant",
        "absent": BO,
        "limit_ore": 0,
        "amount_ore": 3_700_000,
    }


def test_a_comment_is_kept_and_proven_and_changes_nothing_of_what_was_written_before_there_were_any():
    case = case_in(State.AWAITING_CUSTOMER_ATTEST)
    bare = _attested(case, reason="Till Bo", salt="00")
    said = replace(bare, comment="Gärna i maj")

    assert decisions_from_json(decisions_to_json((bare, said))) == (bare, said)
    assert "comment" not in json.loads(decisions_to_json((bare,)))[0]
    proofs = [json.loads(evidence(case, each))["texts_hash"] for each in (bare, said)]
    assert proofs == [
        sha256(b"00\0Till Bo\0\0").hexdigest(),
        sha256("00\0Till Bo\0\0\0Gärna i maj".encode()).hexdigest(),
    ]


def test_a_hand_over_from_before_its_time_was_kept_is_read_without_one():
    read = case_from_row(row(draft(), progress=json.dumps({"handed": [[SARA, BO]]})))

    assert read.handed == (Handed(SARA, BO, None),)


def test_evidence_of_a_hand_over_says_to_whom():
    case = case_in(State.AWAITING_CUSTOMER_ATTEST)

    assert json.loads(evidence(case, _attested(case, to=SARA)))["to"] == SARA


@pytest.mark.parametrize("part", [Part.CLOCK, Part.CUSTOMER_SERVICE])
def test_evidence_names_no_amount_for_those_who_pay_nothing(part):
    case = case_in(State.AWAITING_CUSTOMER_ATTEST)

    told = json.loads(evidence(case, replace(_attested(case), part=part)))

    assert set(told) == {"flows", "costs", "reason_code"}


def _attested(case, **said):
    return replace(case.decisions[-1], action=Action.ATTEST, part=Part.CUSTOMER_ATTESTANT, **said)


# What is stored of an application, to the byte: databases from before are read by it, and history holds its hash.
STORED = (
    '{"customer":"O-1","organisation":"Vårdgården \\"Ärlig\\"\\n\\u0001 AB","org_number":"5560000001",'
    '"category":"region","invoice_address":"Box 1\\r\\n\\tÅmål\x7f\u2028","invoice_ref":"😀/\\\\",'
    '"administrator":{"name":"Ada","email":"ada@example.org","person":"P-ada"},'
    '"signatories":[{"name":"Bo","email":"bo@example.org","person":null},'
    '{"name":"Sara","email":"sara@example.org","person":"P-sara"}],"signatures_needed":2,'
    '"agreement_contact":{"name":"","email":"","person":null},"language":"en",'
    '"document":["kundavtal-1","abc123"]}'
)
APPLICATION = Application(
    organisation='Vårdgården "Ärlig"\n\x01 AB',
    org_number="5560000001",
    category=CustomerCategory.REGION,
    invoice_address="Box 1\r\n\tÅmål\x7f\u2028",
    invoice_ref="😀/\\",
    administrator=Contact("Ada", "ada@example.org", PersonId("P-ada")),
    signatories=(Contact("Bo", "bo@example.org"), Contact("Sara", "sara@example.org", SARA)),
    signatures_needed=2,
    agreement_contact=Contact("", ""),
    language=Language.EN,
    document=DrawnUp("kundavtal-1", "abc123", "A text that is kept apart."),
)
BARE = (
    '{"customer":null,"organisation":"","org_number":"","category":null,"invoice_address":"","invoice_ref":"",'
    '"administrator":{"name":"","email":"","person":null},"signatories":[],"signatures_needed":1,'
    '"agreement_contact":{"name":"","email":"","person":null},"language":"sv","document":null}'
)


@pytest.mark.parametrize(
    ("application", "customer", "stored"), [(APPLICATION, OrganisationId("O-1"), STORED), (EMPTY, None, BARE)]
)
def test_an_application_is_stored_in_these_bytes_and_read_from_them(application, customer, stored):
    assert application_to_json(application, customer) == stored
    assert application_from_json(stored) == application


def test_an_agents_application_whose_texts_were_purged_is_of_no_category():
    assert application_from_json(BARE.replace('"category":null', '"category":""')).category is None


@pytest.mark.parametrize("was", ['"category":null', '"language":"sv"', '"signatures_needed":1', '"document":null'])
def test_an_application_with_other_words_than_ours_is_refused_as_the_replay_expects(was):
    name, _ = was.split(":")

    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        application_from_json(BARE.replace(was, f'{name}:"other"'))
