"""A line of the log tells which press led to it."""

import logging
import sys

import pytest

from bot.server.fact_lines import FactLines
from bot.server.metrics import Metrics
from bot.wiring.telling import ToldRefusals
from core.api import Action, CaseId, RefusalRecord, Surface, under_press
from tests.fakes.doors import FakePort, asked_of
from tests.support.world.seed import BO, NOW

FORMAT = FactLines("%(levelname)s %(message)s")


def record(exc_info=None):
    return logging.LogRecord("a", logging.INFO, "a.py", 1, "card_shown card=%s", ("C1",), exc_info)


def test_what_a_press_led_to_says_its_id_last():
    with under_press("0a1b"):
        line = FORMAT.format(record())

    assert line == "INFO card_shown card=C1 press=0a1b"


def test_what_no_press_led_to_names_none():
    assert FORMAT.format(record()) == "INFO card_shown card=C1"


def test_a_traceback_stands_below_the_line_and_its_press():
    try:
        int("wrong")
    except ValueError:
        met = sys.exc_info()
    with under_press("0a1b"):
        first, *below = FORMAT.format(record(met)).splitlines()

    assert first == "INFO card_shown card=C1 press=0a1b"
    assert below[-1].startswith("ValueError: ")


@pytest.mark.parametrize(
    ("sent", "told"),
    [("B-7GKX2QP", "B-7GKX2QP"), ("B-1\nowned case=B-2", "unreadable"), ("19121212-1212", "unreadable")],
)
async def test_of_what_somebody_sends_for_a_case_the_log_takes_ids_alone(caplog, sent, told):
    caplog.set_level(logging.INFO)
    log = FakePort(refused=None)

    await ToldRefusals(log, Metrics()).refused(
        RefusalRecord(CaseId(sent), BO, Action.ATTEST, "not_found", Surface.API, NOW)
    )

    assert caplog.messages == [f"refused code=not_found action=attest surface=api case={told}"]
    assert asked_of(log) == ["refused"]
