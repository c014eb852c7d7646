"""Applications to and from the JSON they are stored in."""

import json
from typing import Any

from core.applications.application import Application, Contact, DrawnUp
from core.shared.vocabulary import CustomerCategory, Language, OrganisationId

Json = dict[str, Any]


def application_to_json(application: Application, customer: OrganisationId | None = None) -> str:
    """An application as stored in `cases.content`, with the organisation that it makes."""
    document = application.document
    return json.dumps(
        {
            "customer": customer,
            "organisation": application.organisation,
            "org_number": application.org_number,
            "category": application.category,
            "invoice_address": application.invoice_address,
            "invoice_ref": application.invoice_ref,
            "administrator": _contact(application.administrator),
            "signatories": [_contact(each) for each in application.signatories],
            "signatures_needed": application.signatures_needed,
            "agreement_contact": _contact(application.agreement_contact),
            "language": application.language,
            "document": document and [document.version, document.hash],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _contact(contact: Contact) -> Json:
    return {"name": contact.name, "email": contact.email, "person": contact.person}


def application_from_json(text: str) -> Application:
    """The application behind `cases.content`."""
    stored: Json = json.loads(text)
    category, document = stored["category"], stored["document"]
    return Application(
        organisation=stored["organisation"],
        org_number=stored["org_number"],
        category=CustomerCategory(category) if category else None,
        invoice_address=stored["invoice_address"],
        invoice_ref=stored["invoice_ref"],
        administrator=Contact(**stored["administrator"]),
        signatories=tuple(Contact(**each) for each in stored["signatories"]),
        signatures_needed=stored["signatures_needed"],
        agreement_contact=Contact(**stored["agreement_contact"]),
        language=Language(stored["language"]),
        document=DrawnUp(*document) if document else None,
    )


def customer_in(text: str) -> OrganisationId:
    """The organisation that an application makes once it is approved."""
    return OrganisationId(json.loads(text)["customer"])
