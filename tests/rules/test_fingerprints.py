"""What a command is known by that comes again: stored, so whatever comes to commands later, it stays what it was."""

from dataclasses import replace
from datetime import date

import pytest

from core.api import (
    ApplicationForm,
    Apply,
    Asking,
    Contact,
    CustomerCategory,
    Flow,
    OfferId,
    OrganisationId,
    PersonId,
    PlaceOrder,
    Surface,
    Unit,
)
from core.storage.cases.idempotency import fingerprint

ORDER = PlaceOrder(
    by=Asking(PersonId("P1")),
    customer=OrganisationId("O1"),
    offer=OfferId("npo-producent"),
    units=(Unit("Vårdcentralen", "SE2321000016-1"),),
    invoice_ref="Z123",
    terms_accepted=True,
    key="a key",
    surface=Surface.SLACK,
    desired_start=date(2026, 12, 1),
)
END = replace(ORDER, flow=Flow.TERMINATION)
EVA = Contact("Eva Lind", "eva@example.test")
FORM = ApplicationForm(
    "Exempel AB", "556000-0000", CustomerCategory.PRIVATE_PROVIDER, "", "", EVA, (EVA,), 1, EVA, terms_accepted=True
)
APPLICATION = Apply(Flow.CUSTOMER_APPLICATION, FORM, "a key", Surface.WEB)


@pytest.mark.parametrize(
    ("command", "stored"),
    [
        (ORDER, "6bd087b5457a78a3dfdfbd75109b12df968fcb50e09cbf94f6a1d317a8c927ba"),
        (END, "0db9dc795a23387395a508c99009ff94d11a0a212bef82d7044e366142254b7c"),
        (APPLICATION, "5c08d55eacb0be81c12468565f99d5872f971f0883bbd918b1ef6f66d3317234"),
    ],
    ids=["order", "termination", "application"],
)
def test_a_command_is_known_by_the_fingerprint_that_was_stored(command, stored):
    assert fingerprint(command) == stored


def test_whoever_asks_from_wherever_asks_for_the_same():
    assert fingerprint(replace(ORDER, by=PersonId("P2"), key="another", surface=Surface.API)) == fingerprint(ORDER)
    assert fingerprint(replace(APPLICATION, has_file=True)) == fingerprint(APPLICATION)
