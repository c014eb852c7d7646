"""Whoever runs this follows a press in the log to each message, and reads nothing about anybody there."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.server.fact_lines import FactLines
from tests.flow.people import ANNA, BO, CECILIA, DISA, attest, place_order
from tests.flow.slack import Slack, text, until

ROOT = Path(__file__).parents[2]
MESSAGE = "Börja hos driften"
# What the form of these tests says (tests.flow.people), as people write it.
WRITTEN = ("Vårdcentralen", "SE2222222222", "ZZ1234", "Tekla", "@", "070-174", "före jul", MESSAGE)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """The log as `serve` writes it."""
    caplog.set_level("INFO")
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(FactLines("%(message)s"))
    # What asks the sandbox here is no part of the product.
    handler.addFilter(lambda record: record.name != "httpx")
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def called() -> set[str]:
    """What people and organisations of the demo are called."""
    register = yaml.safe_load((ROOT / "bot" / "demo" / "demo.yaml").read_text("utf-8"))["organisations"]
    people = {person["name"] for organisation in register for person in organisation.get("people", ())}
    return people | {organisation["name"] for organisation in register}


def found(lines: io.StringIO, pattern: str) -> list[str]:
    return [line for line in lines.getvalue().splitlines() if re.search(pattern, line)]


def test_one_id_leads_from_a_press_to_each_message_that_shows_it(lines: io.StringIO, slack: Slack) -> None:
    case = place_order(slack, "npo-producent")

    attest(slack, BO, case)
    slack.person(DISA).message("Ta ärendet", case)

    assert found(lines, f"case_sent_in case={case} revision=1 press=")
    (pressed,) = found(lines, f"case_changed case={case} revision=2 action=attest surface=slack press=")
    press = pressed.rpartition(" ")[2]
    # The status card, both attestants' and customer service's, and what is told in the orderer's thread.
    until(lambda: len(found(lines, f"card_shown .*case={case} revision=2 {press}$")) >= 5, what="five messages")


def test_a_refusal_is_told_by_its_code_and_its_press(lines: io.StringIO, slack: Slack) -> None:
    case = place_order(slack, "npo-producent")
    cecilia = slack.person(CECILIA)
    asked = cecilia.message("Attestera", case)
    attest(slack, BO, case)

    cecilia.press(asked, "kp.attest")

    pattern = rf"^refused code=already_decided action=attest surface=slack case={case} press=[0-9a-f]{{12}}$"
    until(lambda: found(lines, pattern), what="the refusal")


def test_nothing_that_anybody_is_called_or_writes_is_logged(lines: io.StringIO, slack: Slack) -> None:
    disa = slack.person(DISA)
    case = place_order(slack, "npo-producent")
    attest(slack, BO, case)
    disa.press(disa.message("Ta ärendet", case), "kp.claim")
    disa.press(disa.message("Skicka instruktion", "Disa Fors", case), "kp.send_instructions")
    disa.submit(disa.modal("Anna Berg"), message=text(MESSAGE))
    slack.person(ANNA).message("Så får ni tillgång", case)

    assert found(lines, f"case_changed case={case} .*action=send_instructions")
    assert [said for said in (*WRITTEN, *called()) if said.lower() in lines.getvalue().lower()] == []


def test_what_a_process_does_by_itself_is_of_no_press(lines: io.StringIO, slack: Slack) -> None:
    place_order(slack, "npo-producent")

    slack.tick()

    begun = found(lines, "workspace_connected")
    assert begun
    assert [line for line in begun if "press=" in line] == []
