"""The forms about roles: given to somebody, changed, ended. Block ids are what the core calls the fields."""

from dataclasses import dataclass
from datetime import date

from bot.forms.inputs import (
    FieldErrors,
    InputProblem,
    Typed,
    asked,
    choice_in,
    choices_in,
    day_in,
    line,
    missing,
    modal,
    options,
    picker,
    select,
    text_in,
)
from bot.views.organisations.administered import of_organisation
from bot.views.organisations.amounts import read_kronor, write_kronor
from bot.views.organisations.screens import role_said
from core.api import LIMITED, SCOPED, Administered, HeldRole, Language, Member, Person, Role, WaitingGuest, role_fits
from notifications.render.model import Block, Bold, BoxInput, Dialog
from notifications.render.pieces.parts import on_one_line, rich, woven
from notifications.texts import day, say

EMAIL, NAME, ROLES, LIMIT, SERVICE, FIRST, LAST = "email", "name", "roles", "limit", "service", "first", "last"


@dataclass(frozen=True)
class RoleAnswers:
    """What a form about roles says."""

    email: str = ""
    name: str = ""
    roles: frozenset[Role] = frozenset()
    limit_ore: int | None = None
    service: str | None = None
    first: date | None = None
    last: date | None = None


class GrantModal:
    """Somebody gets roles; `person` where it is one of the people already."""

    CALLBACK = "kp.grant"

    @classmethod
    def build(
        cls, about: Administered, metadata: str, language: Language, today: date, person: Person | None = None
    ) -> Dialog:
        """Return the form, for an organisation's own kinds of roles."""
        kinds = about.organisation.kinds
        roles = [each for each in Role if role_fits(each, kinds)]
        blocks = [of_organisation(about.organisation, language)]
        blocks.append(asked(EMAIL, say(language, "admin.email"), line(EMAIL, person.email if person else "", 254)))
        name = line(NAME, person.name if person else "", 200)
        # Whether somebody is new is not known before the form is sent, and a new person needs a name.
        blocks.append(asked(NAME, say(language, "admin.name"), name, say(language, "admin.name_hint")))
        listed = options((each, say(language, f"role.{each}")) for each in roles)
        blocks.append(asked(ROLES, say(language, "admin.roles"), BoxInput(ROLES, listed)))
        blocks += _terms(about, frozenset(roles), language)
        blocks += [_day(FIRST, language, today), _day(LAST, language, None, optional=True)]
        title = say(language, "btn.add_person" if person is None else "btn.add_role")
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.save"))

    @classmethod
    def read(cls, values: Typed) -> RoleAnswers | FieldErrors:
        """Return what the form says, or what is wrong by field."""
        chosen, problems = choices_in(values, ROLES), FieldErrors()
        roles = frozenset(each for each in Role if each in chosen)
        limit = _limit(values, problems)
        first, last = (day_in(values, each, problems) for each in (FIRST, LAST))
        if not roles:
            problems |= missing(ROLES)
        if problems:
            return problems
        return RoleAnswers(
            email=text_in(values, EMAIL),
            name=text_in(values, NAME),
            roles=roles,
            limit_ore=limit,
            service=choice_in(values, SERVICE) or None,
            first=first,
            last=last,
        )


class RoleModal:
    """What holds for a role is changed: how much, and until when."""

    CALLBACK = "kp.role"

    @classmethod
    def build(cls, about: Administered, member: Member, held: HeldRole, metadata: str, language: Language) -> Dialog:
        """Return the form, filled in with what holds."""
        blocks = [of_organisation(about.organisation, language), _whose(member, held, language)]
        if held.role in LIMITED:
            field = line(LIMIT, write_kronor(held.limit_ore), 20)
            blocks.append(
                asked(LIMIT, say(language, "admin.limit"), field, say(language, "admin.limit_hint"), optional=True)
            )
        blocks.append(_day(LAST, language, held.last_day, optional=True))
        title = say(language, "btn.change_role")
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.save"))

    @classmethod
    def read(cls, values: Typed) -> RoleAnswers | FieldErrors:
        """Return the same as for a new role."""
        problems = FieldErrors()
        limit, last = _limit(values, problems), day_in(values, LAST, problems)
        return problems or RoleAnswers(limit_ore=limit, last=last)


class EndRoleModal:
    """A role is ended: now, or after a day."""

    CALLBACK = "kp.end_role"

    @classmethod
    def build(cls, about: Administered, member: Member, held: HeldRole, metadata: str, language: Language) -> Dialog:
        """Return the question."""
        hint = say(language, "admin.end_hint")
        blocks = [of_organisation(about.organisation, language), _whose(member, held, language)]
        blocks.append(_day(LAST, language, None, hint, optional=True))
        title = say(language, "btn.end_role")
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.end"))

    @classmethod
    def read(cls, values: Typed) -> RoleAnswers | FieldErrors:
        """Return the last day, none for now."""
        problems = FieldErrors()
        last = day_in(values, LAST, problems)
        return problems or RoleAnswers(last=last)


class UnlinkModal:
    """Somebody's Slack account stands for the person no longer: the question."""

    CALLBACK = "kp.unlink"

    @classmethod
    def build(cls, about: Administered, member: Member, metadata: str, language: Language) -> Dialog:
        """Return the question."""
        person = rich([Bold(on_one_line(member.person.name))], [member.person.email])
        blocks = [of_organisation(about.organisation, language), person]
        blocks.append(rich([say(language, "admin.unlink_hint")]))
        title = say(language, "admin.unlink_title")
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.unlink"))


class GuestModal:
    """The guest's account of somebody may be linked: the question."""

    CALLBACK = "kp.let_guest_in"

    @classmethod
    def build(
        cls, about: Administered, member: Member, guest: WaitingGuest, metadata: str, language: Language
    ) -> Dialog:
        """Return the question."""
        person = rich([Bold(on_one_line(member.person.name))], [member.person.email])
        blocks = [of_organisation(about.organisation, language), person]
        workspace = on_one_line(guest.workspace)
        blocks.append(rich(woven(language, "admin.guest_hint", {"workspace": workspace})))
        title = say(language, "admin.guest_title")
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.guest_yes"))


class RenameModal:
    """Somebody's name is corrected."""

    CALLBACK = "kp.rename"

    @classmethod
    def build(cls, about: Administered, member: Member, metadata: str, language: Language) -> Dialog:
        """Return the form, filled in with the name as it is."""
        blocks = [of_organisation(about.organisation, language), rich([member.person.email])]
        name = line(NAME, on_one_line(member.person.name), 200)
        blocks.append(asked(NAME, say(language, "admin.name"), name, say(language, "admin.rename_hint")))
        title = say(language, "btn.rename")
        return modal(language, cls.CALLBACK, title, metadata, blocks, say(language, "admin.save"))

    @classmethod
    def read(cls, values: Typed) -> str | FieldErrors:
        """Return the name, or that it is missing."""
        return text_in(values, NAME) or FieldErrors({NAME: InputProblem("field_error.required")})


def _whose(member: Member, held: HeldRole, language: Language) -> Block:
    since = say(language, "register.days_on", start=day(language, held.since))
    return rich([Bold(on_one_line(member.person.name))], [f"{role_said(held, language)}, {since}"])


def _terms(about: Administered, roles: frozenset[Role], language: Language) -> list[Block]:
    """Return what only some roles take, where the organisation has such roles."""
    blocks: list[Block] = []
    if roles & LIMITED:
        hint = say(language, "admin.limit_hint")
        blocks.append(asked(LIMIT, say(language, "admin.limit"), line(LIMIT, "", 20), hint, optional=True))
    if roles & SCOPED and about.services:
        listed = options((code, name.get(language, code)) for code, name in about.services.items())
        menu = select(SERVICE, say(language, "order.choose"), listed, None)
        hint = say(language, "admin.service_hint")
        blocks.append(asked(SERVICE, say(language, "admin.service"), menu, hint, optional=True))
    return blocks


def _day(block: str, language: Language, chosen: date | None, hint: str = "", **more: bool) -> Block:
    return asked(block, say(language, f"admin.{block}"), picker(block, chosen), hint, **more)


def _limit(values: Typed, problems: FieldErrors) -> int | None:
    read = read_kronor(text_in(values, LIMIT))
    if isinstance(read, InputProblem):
        problems[LIMIT] = read
        return None
    return read
