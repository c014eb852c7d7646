"""Where an application stands, as whoever sent it in may know it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from core.api import Action, Case, Contact, CustomerCategory, Decision, Flow, State, is_personal

# The decision of which a state tells why, and the words that go with it.
WHY: dict[State, Action] = {
    State.APPLICATION_COMPLETION_REQUESTED: Action.REQUEST_COMPLETION,
    State.APPLICATION_REJECTED: Action.REJECT,
    State.AGREEMENT_DECLINED: Action.DECLINE,
    State.CANCELLED: Action.CANCEL,
}
CAME_TO_NOTHING = frozenset(
    {State.APPLICATION_REJECTED, State.APPLICATION_WITHDRAWN, State.AGREEMENT_DECLINED, State.CANCELLED, State.EXPIRED}
)

# Where the clock speaks to the organisation, and not to customer service.
WAITS_FOR_THEM = frozenset({State.APPLICATION_COMPLETION_REQUESTED, State.AGREEMENT_AWAITING_SIGNATURE})


@dataclass(frozen=True)
class ApplicationStanding:
    """What a page shows. `org_number` None for sole traders; `why` is what was asked, or why somebody said no."""

    number: str
    flow: Flow
    state: State
    organisation: str
    org_number: str | None
    category: CustomerCategory | None
    administrator: Contact
    signatories: tuple[tuple[Contact, bool], ...]
    signatures_needed: int
    agreement_contact: Contact
    sent: datetime
    until: datetime | None
    why: str

    @property
    def is_approved(self) -> bool:
        """True once there is an agreement to sign, or there was."""
        return self.state.startswith("agreement_")

    @property
    def is_signed(self) -> bool:
        """True once all who must have signed; whoever else was named need not."""
        return self.state is State.AGREEMENT_ACTIVE

    @property
    def came_to_nothing(self) -> bool:
        """Say whether nobody signs any more."""
        return self.state in CAME_TO_NOTHING


def standing(case: Case) -> ApplicationStanding:
    """Return what may be known of an application by its applicant."""
    sent = case.application
    signed = {each.person for each in case.signatures}
    return ApplicationStanding(
        number=case.id,
        flow=case.flow,
        state=case.state,
        organisation=sent.organisation,
        org_number=None if is_personal(sent.org_number) else f"{sent.org_number[:6]}-{sent.org_number[6:]}",
        category=sent.category,
        administrator=sent.administrator,
        signatories=tuple((each, each.person in signed) for each in sent.signatories),
        signatures_needed=sent.signatures_needed,
        agreement_contact=sent.agreement_contact,
        sent=case.decisions[0].at,
        until=case.wait.closes if case.state in WAITS_FOR_THEM else None,
        why=_why(case),
    )


def _why(case: Case) -> str:
    told = next((each for each in reversed(case.decisions) if each.action is WHY.get(case.state)), None)
    return "" if told is None else _said(told)


def _said(decision: Decision) -> str:
    return decision.message or decision.reason
