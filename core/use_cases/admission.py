"""What approving an application makes: whose organisation it is, who the people are, and which document is signed."""

import json
from dataclasses import replace
from hashlib import sha256

from core.applications.application import Application, Applying, Contact, DrawnUp
from core.ports.cases import DrawUp, NewId
from core.shared.vocabulary import Action, OrganisationId, PersonId
from core.workflow.case import Case, Decision
from core.workflow.context import DecisionContext
from core.workflow.flows import Transition


def admitted(now: DecisionContext, row: Transition, after: Case, new_id: NewId, draw_up: DrawUp) -> Case:
    """Return an application after a row: approved, with everybody and everything that makes."""
    if row.does is not Action.APPROVE:
        return after
    known = now.applying
    people = _people(after.application, known, new_id)
    customer = known.organisation or after.customer
    # What the applicant did was done for the organisation that it turns out to be.
    decisions = tuple(_of(decision, after.customer, customer) for decision in after.decisions)
    made = replace(after, customer=customer, decisions=decisions, content=_with_people(after.application, people))
    return replace(made, content=replace(made.application, document=draw_up(made)))


def _of(decision: Decision, before: OrganisationId, after: OrganisationId) -> Decision:
    return replace(decision, organisation=after) if decision.organisation == before else decision


def _people(application: Application, known: Applying, new_id: NewId) -> dict[str, PersonId]:
    """A person for each address: who has it already, or somebody new."""
    addresses = (contact.email for contact in application.contacts)
    return {address: known.people.get(address) or PersonId(new_id("P")) for address in addresses}


def _with_people(application: Application, people: dict[str, PersonId]) -> Application:
    def known(contact: Contact) -> Contact:
        return replace(contact, person=people[contact.email])

    return replace(
        application,
        administrator=known(application.administrator),
        signatories=tuple(map(known, application.signatories)),
        agreement_contact=known(application.agreement_contact),
    )


VERSION = "1"


def draw_up(case: Case) -> DrawnUp:
    """What an approved application is signed by: the facts of it that the agreement states."""
    application = case.application
    stated = {
        "case": case.id,
        "flow": case.flow,
        "version": VERSION,
        "organisation": application.organisation,
        "org_number": application.org_number,
        "signatories": [signatory.name for signatory in application.signatories],
        "signatures_needed": application.signatures_needed,
        "language": application.language,
    }
    text = json.dumps(stated, ensure_ascii=False, sort_keys=True)
    return DrawnUp(VERSION, sha256(text.encode()).hexdigest(), text)
