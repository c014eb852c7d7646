"""What roles and substitutions look like to the operator."""

from datetime import datetime

from pydantic import BaseModel, Field

from core.http.bodies.field_types import ORE, Id
from core.ports.register_entries import RoleLine
from core.register.entries import Code, Day, Entry, Ore, RoleEntry, SubstitutionEntry
from core.register.substitutions import Substitution
from core.shared.vocabulary import Role


class GrantBody(Entry):
    """A role to be granted, or to be changed where the person has it."""

    person: Id = Field(description="The person's id.")
    organisation: Id = Field(description="The organisation's id.")
    role: Role = Field(description="The role, which must fit what the organisation is.")
    service: Code | None = Field(
        default=None, description="The code of the only service that the role is for; null: any. For those who decide."
    )
    from_: Day | None = Field(default=None, alias="from", description="The first day it holds; null: from now on.")
    attest_limit_ore: Ore | None = Field(default=None, description=f"The highest amount attested; null: any. {ORE}")

    def entry(self) -> RoleEntry:
        """The role as the register keeps it."""
        given = self.model_dump(exclude={"person", "organisation"}, exclude_unset=True)
        return RoleEntry.model_validate(given)


class EndBody(Entry):
    """When a role ends."""

    ended: Day | None = Field(default=None, description="The first day it no longer holds; null: it ends now.")


class SubstitutionBody(SubstitutionEntry):
    """Who decides in whose place."""

    organisation: Id = Field(description="The organisation's id.")
    absent: Id = Field(description="The id of the absent person, who holds the role there.")
    substitute: Id = Field(description="The id of somebody active with a role in the same organisation.")


class EndSubstitutionBody(Entry):
    """When a substitution ends."""

    to: Day | None = Field(default=None, description="The last day it holds; null: it ends now.")


class RoleView(BaseModel):
    """A role assignment."""

    id: int = Field(description="Its number.", ge=1)
    person: str = Field(description="The person's id.")
    organisation: str = Field(description="The organisation's id.")
    role: Role = Field(description="The role.")
    since: datetime = Field(description="From when it holds, in UTC.")
    ended: datetime | None = Field(description="From when it no longer holds, in UTC; null while it goes on.")
    service: str | None = Field(description="The code of the only service it is for; null: any.")
    attest_limit_ore: int | None = Field(description=f"The highest amount attested; null: any. {ORE}")
    granted_by: str = Field(description="Who granted it: the id of a key, or `file`.")


class SubstitutionView(BaseModel):
    """Who decides in whose place, with the same authority and in the own name."""

    id: int = Field(description="Its number.", ge=1)
    absent: str = Field(description="The absent person's id.")
    substitute: str = Field(description="The substitute's id.")
    organisation: str = Field(description="The organisation's id.")
    role: Role = Field(description="The role.")
    since: datetime = Field(description="From when it holds, in UTC.")
    ended: datetime = Field(description="From when it no longer holds, in UTC.")
    created_by: str = Field(description="Who set it: a person's id, the id of a key, or `file`.")


class RolePage(BaseModel):
    """A page of role assignments, the oldest first."""

    items: list[RoleView] = Field(description="The assignments, ended ones too.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


class SubstitutionPage(BaseModel):
    """A page of substitutions, the oldest first."""

    items: list[SubstitutionView] = Field(description="The substitutions, those over too.")
    next: str | None = Field(description="The `cursor` of the next page; null on the last.")


def role_view(line: RoleLine) -> RoleView:
    """A role assignment as the operator sees it."""
    return RoleView.model_validate(line, from_attributes=True)


def substitution_view(found: Substitution) -> SubstitutionView:
    """A substitution as the operator sees it."""
    return SubstitutionView(
        id=found.id,
        absent=found.absent,
        substitute=found.substitute,
        organisation=found.organisation,
        role=found.role,
        since=found.since,
        ended=found.until,
        created_by=found.created_by,
    )
