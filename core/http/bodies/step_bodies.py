"""What the steps of an order look like to those who build on the API: what was decided, and who is asked."""

from datetime import datetime

from pydantic import BaseModel, Field

from core.shared.vocabulary import Action, Part, ReasonCode, Role, State
from core.views.case_view import CaseView
from core.views.timeline import StepView

NAMES = "None where the barrier between the sides hides it."


class StepBody(BaseModel):
    """One step of an order: who is asked, and what was decided."""

    part: Part = Field(description="Who decides at this step.")
    state: State = Field(description="The state the order is in while it waits at this step.")
    organisation: str | None = Field(description="The name of the organisation that decides; null for Inera.")
    is_current: bool = Field(description="Whether the order waits here now.")
    action: Action | None = Field(description="What was decided; null before it is.")
    decided_by_part: Part | None = Field(description="Who decided: the part asked, the orderer, or the clock.")
    by: str | None = Field(description=f"The decider's name. {NAMES}")
    substitute_for: str | None = Field(description=f"In whose place the decider decided. {NAMES}")
    at: datetime | None = Field(description="When, in UTC.")
    reason_code: ReasonCode | None = Field(description="Why it was rejected.")
    reason: str = Field(description="The reason in words, meant for the other side too.")
    internal: str = Field(description="A note for the own side alone; empty for others.")
    message: str = Field(description="A question, or the answer to one; empty for a side that it is not for.")
    comment: str = Field(
        description="What was added to an attest, for the own side and Inera, or to an approval, for everybody; empty "
        "for a side that it is not for."
    )
    content_version: int = Field(description="The version of the order that was decided about.", ge=1)
    counts: bool = Field(description="False for a decision that a later version or price has made void.")


class AskedBody(BaseModel):
    """Somebody who is asked to decide where the order waits."""

    role: Role = Field(description="In which role.")
    name: str | None = Field(description=f"Their name. {NAMES}")
    substitute_for: str | None = Field(description=f"In whose place they would decide. {NAMES}")


def step_body(step: StepView) -> StepBody:
    """A step as the API shows it."""
    return StepBody(
        part=step.part,
        state=step.state,
        organisation=step.organisation,
        is_current=step.is_current,
        action=step.action,
        decided_by_part=step.decided_by_part,
        by=step.by,
        substitute_for=step.absent,
        at=step.at,
        reason_code=step.reason_code,
        reason=step.reason,
        internal=step.internal,
        message=step.message,
        comment=step.comment,
        content_version=step.content_version,
        counts=step.counts,
    )


def asked_bodies(view: CaseView) -> list[AskedBody]:
    """Who is asked now: by name on the own side and to Inera, else each role once."""
    return [AskedBody(role=each.role, name=each.name, substitute_for=each.absent) for each in view.assignees]
