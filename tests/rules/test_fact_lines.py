"""A line of the log tells which press led to it."""

import json
import logging
import sys

import pytest

from bot.server.fact_lines import FactLines, JsonLines, StrangersPace
from bot.server.metrics import Metrics
from bot.wiring.telling import ToldRefusals
from core.api import Action, Asking, CaseId, RefusalRecord, Surface, under_press
from tests.fakes.doors import FakePort, asked_of
from tests.support.world.seed import BO, NOW

FORMAT = FactLines("%(levelname)s %(message)s")


def record(exc_info=None, card="C1"):
    return logging.LogRecord("a", logging.INFO, "a.py", 1, "card_shown card=%s", (card,), exc_info)


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
    assert below[-1].startswith("  | ValueError: ")


def failing():
    raise ValueError(FORGED)


FORGED = "C1\n2026-12-02T09:00:00Z INFO core case_changed\r\x1b[2J\u2028\x85"


def test_nothing_that_somebody_wrote_begins_a_line_or_moves_a_terminal():
    try:
        failing()
    except ValueError:
        met = sys.exc_info()
    first, *below = FORMAT.format(record(met, card=FORGED)).split("\n")

    assert first == r"INFO card_shown card=C1\n2026-12-02T09:00:00Z INFO core case_changed\r\x1b[2J\u2028\x85"
    assert all(line.startswith("  | ") for line in below)
    assert all(line.isprintable() for line in (first, *below))


def test_as_json_a_line_has_its_level_and_its_press_and_a_traceback_stands_in_it():
    try:
        failing()
    except ValueError:
        met = sys.exc_info()
    with under_press("0a1b"):
        line = JsonLines().format(record(met, card=FORGED))
    told = json.loads(line)

    assert line.isascii()
    assert line.isprintable()
    assert told.pop("traceback").endswith(f"ValueError: {FORGED}")
    assert told.pop("at").endswith("Z")
    assert told == {"level": "INFO", "logger": "a", "message": f"card_shown card={FORGED}", "press": "0a1b"}


@pytest.mark.parametrize(
    ("sent", "told"),
    [("B-7GKX2QP", "B-7GKX2QP"), ("B-1\nowned case=B-2", "unreadable"), ("19121212-1212", "unreadable")],
)
async def test_of_what_somebody_sends_for_a_case_the_log_takes_ids_alone(caplog, sent, told):
    caplog.set_level(logging.INFO)
    log = FakePort(refused=None)

    await ToldRefusals(log, Metrics()).refused(
        RefusalRecord(CaseId(sent), Asking(BO), Action.ATTEST, "not_found", Surface.API, NOW)
    )

    assert caplog.messages == [f"refused code=not_found action=attest surface=api case={told}"]
    assert asked_of(log) == ["refused"]


def refused(why):
    return logging.LogRecord("a", logging.INFO, "a.py", 1, "slack_request_refused status=%s why=%s", (401, why), None)


def test_of_what_strangers_send_one_line_a_minute_of_each_kind_is_written_and_counts_the_others():
    now = 0.0
    pace = StrangersPace(lambda: now)
    sent = [
        (0, "signature"),
        (1, "form"),
        (59.9, "signature"),
        (59.9, "signature"),
        (60, "signature"),
        (61, "form"),
        (120, "signature"),
    ]
    written = []
    for now, why in sent:
        line = refused(why)
        if pace.filter(line):
            written.append((now, FORMAT.format(line).removeprefix("INFO slack_request_refused status=401 why=")))

    assert written == [
        (0, "signature"),
        (1, "form"),
        (60, "signature left_out=2"),
        (61, "form"),
        (120, "signature"),
    ]


def test_a_line_of_ours_is_written_each_time():
    pace = StrangersPace(lambda: 0.0)

    assert all(pace.filter(record()) for _ in range(3))
