"""A drawing that reaches for more than its view does not compile: the type checker refuses each way that is planted."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKER = Path(sys.prefix) / "bin" / "basedpyright"
# A renderer, a listener or a route, each with a line that would be a leak.
LEAKS = {
    "the record behind the view": "def drawn(view: CaseView) -> object:\n    return view.record",
    "a fact that the view does not have": "def drawn(view: CaseView) -> object:\n    return view.telephone",
    "what an order says that no field shows": "def drawn(view: CaseView) -> object:\n    return view.order.invoice_ref",
    "a name by the id of a person": "def drawn(view: CaseView) -> object:\n    return view.people",
    "the record by the core's door": "from core.api import CaseRecord",
    "what discloses by the core's door": "from core.api import disclose",
    "records from the read port": "async def read(queries: Queries) -> object:\n    return await queries.records([])",
    "a view for nobody": "async def read(queries: Queries) -> object:\n    return await queries.views([])",
    "a card for nobody": "async def read(queries: Queries) -> object:\n    return await queries.addressed(at=AT)",
    "more than the recipient from a card's case": "def drawn(found: AddressedView) -> object:\n    return found.case",
}
GIVEN = """
from datetime import UTC, datetime

from core.api import AddressedView, CaseView, OnSide, Queries, Side

AT = datetime.now(UTC)
"""
SOUND = "async def read(queries: Queries) -> object:\n    return (await queries.views([], OnSide(Side.AGENT))).get"


def refused(folder, name, text):
    """The lines of a module that the type checker refuses."""
    path = folder / f"{name}.py"
    path.write_text(text)
    said = subprocess.run([CHECKER, path], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return {int(line) for line in re.findall(rf"{name}\.py:(\d+):\d+ - error", said)}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_way_around_a_view_is_refused_by_the_type_checker(tmp_path):
    text, places = GIVEN, {}
    for name, leak in LEAKS.items():
        text += "\n" + re.sub(r"def (\w+)", rf"def \1_{len(places)}", leak)
        places[name] = text.count("\n") + 1
        text += "\n"

    lines = refused(tmp_path, "leaking", text)

    assert {name for name, line in places.items() if line not in lines} == set()
    assert refused(tmp_path, "sound", f"{GIVEN}\n{SOUND}\n") == set()
