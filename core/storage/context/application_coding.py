"""Applications to and from the JSON they are stored in."""

import json
from typing import Any

from pydantic import TypeAdapter

from core.applications.application import Application, DrawnUp
from core.shared.vocabulary import OrganisationId

Json = dict[str, Any]
_STORED = TypeAdapter(Application)


def application_to_json(application: Application, customer: OrganisationId | None = None) -> str:
    """Write an application as `cases.content` stores it, with the organisation that it makes.

    Of the document its version and hash; its text is stored apart.
    """
    stored: Json = _STORED.dump_python(application, mode="json", exclude={"document"})
    document = application.document and [application.document.version, application.document.hash]
    return json.dumps({"customer": customer, **stored, "document": document}, ensure_ascii=False, separators=(",", ":"))


def application_from_json(text: str) -> Application:
    """Read the application in `cases.content`. Raise ValueError, KeyError or TypeError where its words are not ours."""
    stored: Json = json.loads(text)
    category, document = stored["category"], stored["document"]
    return _STORED.validate_python(
        # What a purge has emptied is none.
        stored | {"category": category or None, "document": DrawnUp(*document) if document else None}
    )


def customer_in(text: str) -> OrganisationId:
    """Read which organisation an application makes once it is approved."""
    return OrganisationId(json.loads(text)["customer"])
