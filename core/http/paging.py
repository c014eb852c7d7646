"""How a page of a list says where the next begins."""

from core.shared.vocabulary import CaseId
from core.storage.reads.case_lists import ListPlace
from core.storage.tables import EPOCH, MICROSECOND, to_micros

CURSOR = r"^[0-9]{1,16}\.[A-Za-z0-9-]{1,40}$"


def place_of(text: str | None) -> ListPlace | None:
    """Where a page begins; None for the first."""
    if text is None:
        return None
    micros, _, case = text.partition(".")
    return ListPlace(EPOCH + int(micros) * MICROSECOND, CaseId(case))


def cursor(place: ListPlace) -> str:
    """The same as text."""
    return f"{to_micros(place.created_at)}.{place.case}"
