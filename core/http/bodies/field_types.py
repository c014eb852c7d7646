"""Types of fields that several bodies of the API have."""

from typing import Annotated

from pydantic import Field

from core.shared.vocabulary import Language

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")]
# What a body may be in more ways than one is tagged so; no pointer names it.
TEXT, PARTS = "<text>", "<parts>"
ORE = "In öre (1/100 krona), excluding VAT."
ByLanguage = Annotated[
    dict[Language, str], Field(description="By language.", examples=[{"sv": "Nationell patientöversikt", "en": "NPO"}])
]
