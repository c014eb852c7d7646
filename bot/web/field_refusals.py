"""Which refusals of the core are about fields of a form, and which fields."""

from collections.abc import Mapping
from typing import cast

from core.api import FormError, OrderError

# A refusal with one of these codes is about one field.
ABOUT = {"answer_required": "message", "reason_required": "reason"}


def fields_of(refusal: OrderError) -> Mapping[str, str] | None:
    """Problem codes by the names of fields; None for a refusal that is about something else."""
    if isinstance(refusal, FormError):
        return cast("Mapping[str, str]", refusal.facts["fields"])
    if refusal.code == "personal_number":
        return {str(refusal.facts["field"]): refusal.code}
    return {ABOUT[refusal.code]: "required"} if refusal.code in ABOUT else None
