"""What a command of somebody who keeps an organisation changes, inside its transaction."""

from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from core.ports.register import AdministrationTransaction, Noted
from core.register.administration import (
    Capacity,
    ChangeResult,
    ChangeRole,
    EndRole,
    GrantRoles,
    HeldRole,
    KeeperTurn,
    ProposedChannel,
    ProposedTier,
    RegisterChanged,
    RenamePerson,
    SetChannels,
    SetInvoices,
    SetLanguage,
    SetRules,
)
from core.register.administration_rules import (
    ProposedName,
    ProposedRole,
    ProposedRules,
    may_rename,
    may_self_attest,
    may_set_rules,
    refusal,
    widens_authority,
)
from core.register.entries import (
    LARGEST_ORE,
    MOST_ATTESTS,
    MOST_TIERS,
    InvoiceEntry,
    PersonEntry,
    RoleChange,
    RoleEntry,
    entry,
)
from core.register.entry_rules import LIMITED, SCOPED
from core.register.organisations import (
    EARLIEST_REMINDER_HOUR,
    FEWEST_REMINDER_DAYS,
    LATEST_REMINDER_HOUR,
    MOST_REMINDER_DAYS,
    Rules,
    Tier,
)
from core.register.role_channels import RoleChannel, channel_in, rule_broken_by_channel
from core.shared.errors import NoSuchAssignment, PersonalNumber, RegisterError
from core.shared.personal_numbers import find_personal_number
from core.shared.vocabulary import Happened, LineKind, PersonId, Role
from core.shared.working_days import day_of, end_of

# Where a form shows what entries of the register call otherwise.
FIELDS = {
    "attest_limit_ore": "limit",
    "from": "first",
    "ended": "last",
    "role": "roles",
    "from_ore": "tiers",
    "sequence": "tiers",
}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class OrganisationChange:
    """One change of an organisation's people and rules. Methods raise what is refused, and the unit undoes the rest."""

    unit: AdministrationTransaction
    turn: KeeperTurn

    async def grant(self, command: GrantRoles) -> ChangeResult:
        """Let somebody have roles."""
        _refuse(None if command.roles else "required", "roles")
        _refuse_what_nobody_takes(command)
        self._refuse_wrong_days(command.first, command.last)
        person, is_active, is_new = await self._person(command)
        changes: list[RegisterChanged] = []
        for role in sorted(command.roles):
            putting = partial(self._put, person, command, role)
            changes += await self._judged(person, putting, is_active=is_active)
        return replace(await self._done(changes, person), adds_person=is_new)

    async def change(self, command: ChangeRole) -> ChangeResult:
        """Change a role's limit and days."""
        person, held = await self._held(command.assignment)
        self._refuse_wrong_days(None, command.last)
        given: dict[str, object] = {"ended": None if command.last is None else command.last + DAY}
        if held.role in LIMITED:
            given["attest_limit_ore"] = command.limit_ore
        if command.first is not None and command.first != day_of(held.since):
            given["from"] = command.first
        changing = partial(self.unit.change_role, self.turn, held.id, entry(RoleChange, **given))
        return await self._done(await self._judged(person, changing, is_active=True), person)

    async def end(self, command: EndRole) -> ChangeResult:
        """End a role."""
        person, held = await self._held(command.assignment)
        self._refuse_wrong_days(None, command.last)
        end = None if command.last is None else end_of(command.last)
        ending = partial(self.unit.end_role, self.turn, held.id, end)
        changes = await self._judged(person, ending, is_active=True)
        return ChangeResult(tuple(changes), person)

    async def rename(self, command: RenamePerson) -> ChangeResult:
        """Correct somebody's name."""
        member = await self.unit.load_member(self.turn, command.person)
        person = member.person
        is_of_others = await self.unit.has_role_elsewhere(self.turn, person.id)
        may_rename(ProposedName(self.turn.keeper, person.id, is_of_others))
        wanted = entry(PersonEntry, email=person.email, name=command.name)
        _refuse_personal_number("name", wanted.name)
        if wanted.name == person.name:
            return ChangeResult(person=person.id)
        line = await self.unit.rename(self.turn, person.id, wanted.name)
        renamed = RegisterChanged(line, LineKind.PERSON, Happened.RENAMED, self.turn.keeper, about=person.id)
        return ChangeResult((renamed,), person.id)

    async def set_invoices(self, command: SetInvoices) -> ChangeResult:
        """Say where invoices go."""
        data = entry(
            InvoiceEntry,
            address=command.address,
            reference=command.reference,
            service_reference=command.service_reference,
        )
        for field, said in data:
            _refuse_personal_number(field, said)
        line = await self.unit.save_invoices(self.turn, data, command.service)
        if line is None:
            return ChangeResult()
        return ChangeResult((RegisterChanged(line, LineKind.ORGANISATION, Happened.INVOICED, self.turn.keeper),))

    async def set_language(self, command: SetLanguage) -> ChangeResult:
        """Say which language people are spoken to in who have chosen none."""
        line = await self.unit.save_language(self.turn, command.language)
        if line is None:
            return ChangeResult()
        return ChangeResult((RegisterChanged(line, LineKind.ORGANISATION, Happened.TRANSLATED, self.turn.keeper),))

    async def set_channels(self, command: SetChannels) -> ChangeResult:
        """Say where those who have a role are asked."""
        has_slack = await self.unit.has_own_slack(self.turn)
        lines = [await self._set_channel(wanted, has_slack=has_slack) for wanted in command.channels]
        kept = (line for line in lines if line is not None)
        return ChangeResult(
            tuple(RegisterChanged(line, LineKind.ORGANISATION, Happened.CHANNELLED, self.turn.keeper) for line in kept)
        )

    async def _set_channel(self, wanted: ProposedChannel, *, has_slack: bool) -> int | None:
        channel = channel_in(wanted.channel) if wanted.channel else ""
        broken = rule_broken_by_channel(wanted.role, channel, self.turn.keeper.kinds, has_slack=has_slack)
        if broken is not None:
            _refuse(broken[0], f"channel_{wanted.role}")
        chosen = RoleChannel(wanted.role, channel or "", wanted.notified, wanted.asked_only, wanted.name)
        return await self.unit.save_channel(self.turn, chosen)

    async def set_rules(self, command: SetRules, *, has_eid: bool) -> ChangeResult:
        """Say what is asked of decisions."""
        stored = await self.unit.load_rules(self.turn)
        is_new = command.self_attest_allowed and not stored.self_attest_allowed
        people = await self.unit.count_people(self.turn) if is_new else 0
        may_set_rules(ProposedRules(self.turn.keeper, await self.unit.decides(self.turn), people))
        tiers = stored.tiers if command.tiers is None else await self._tiers(command.tiers)
        _refuse(None if 0 <= (command.eid_from_ore or 0) <= LARGEST_ORE else "invalid", "eid_from")
        is_possible = has_eid or not _asks_eid_of_more(command.eid_from_ore, stored.eid_from_ore)
        _refuse(None if is_possible else "not_offered", "eid_from")
        _refuse(None if len(command.tiers or ()) <= MOST_TIERS else "too_many", "tiers")
        apart = stored.reminder_days if command.reminder_days is None else command.reminder_days
        _refuse(None if FEWEST_REMINDER_DAYS <= apart <= MOST_REMINDER_DAYS else "invalid", "reminder_days")
        hour = stored.reminder_hour if command.reminder_hour is None else command.reminder_hour
        _refuse(None if EARLIEST_REMINDER_HOUR <= hour <= LATEST_REMINDER_HOUR else "invalid", "reminder_hour")
        wanted = Rules(command.self_attest_allowed, command.eid_from_ore, tiers, apart, hour)
        line = await self.unit.save_rules(self.turn, wanted)
        return ChangeResult() if line is None else ChangeResult((self._of_rules(line),))

    def _of_rules(self, line: int) -> RegisterChanged:
        return RegisterChanged(line, LineKind.ORGANISATION, Happened.CHANGED, self.turn.keeper)

    async def _done(self, changes: Sequence[RegisterChanged], person: PersonId) -> ChangeResult:
        """What became of roles; what one person alone was allowed ends when there is another (domain: 4.4)."""
        is_allowed = changes and (await self.unit.load_rules(self.turn)).self_attest_allowed
        if not is_allowed or may_self_attest(await self.unit.count_people(self.turn)):
            return ChangeResult(tuple(changes), person)
        line = await self.unit.end_self_attest(self.turn)
        ended = () if line is None else (self._of_rules(line),)
        # The role comes last: with it an organisation may have become ready.
        return ChangeResult((*ended, *changes), person, ends_self_attest=True)

    # --- people and roles

    async def _person(self, command: GrantRoles) -> tuple[PersonId, bool, bool]:
        """Who is meant, whether the person is active, and whether nobody had the address before."""
        wanted = entry(PersonEntry, email=command.email, name=command.name or "-")
        stored = await self.unit.find_by_email(wanted.email)
        if stored is None:
            _refuse(None if command.name.strip() else "required", "name")
            _refuse_personal_number("name", command.name)
            return await self.unit.save_person(self.turn, wanted), True, True
        if stored.active or self.turn.keeper.capacity is Capacity.ADMINISTRATOR:
            return stored.id, stored.active, False
        # Whoever is known keeps the own name, whatever others call the person and whatever it holds.
        back = PersonEntry.model_construct(email=wanted.email, name=stored.name, active=True)
        await self.unit.save_person(self.turn, back)
        return stored.id, True, False

    async def _put(self, person: PersonId, command: GrantRoles, role: Role) -> Sequence[Noted]:
        given: dict[str, object] = {"role": role}
        given |= {"service": command.service} if command.service and role in SCOPED else {}
        # Somebody who attests already keeps the limit where none is given.
        given |= {"attest_limit_ore": command.limit_ore} if command.limit_ore is not None and role in LIMITED else {}
        # From now on, where nothing is said of days; to the register a role that only ends is one that is ended.
        today = day_of(self.turn.at)
        is_from_now = command.last is None and command.first in {None, today}
        given |= {} if is_from_now else {"from": command.first or today}
        given |= {"ended": command.last + DAY} if command.last is not None else {}
        return await self.unit.put_role(self.turn, person, entry(RoleEntry, **given))

    async def _judged(
        self, person: PersonId, saving: Callable[[], Awaitable[Sequence[Noted]]], *, is_active: bool
    ) -> list[RegisterChanged]:
        """Let roles be saved, judge what came of it, and say what changed."""
        context = await self.unit.load_role_context(self.turn, person)
        proposal = ProposedRole(self.turn.keeper, person, is_active, None, None, context.administered_until)
        _judge(proposal)
        before = await self.unit.load_roles(self.turn, person)
        noted = await saving()
        after = await self.unit.load_roles(self.turn, person)
        proposals = [
            replace(proposal, before=was, after=will_be, is_lent=_role(was, will_be) in context.lent)
            for was, will_be in _differing(before, after)
        ]
        for changed in proposals:
            _judge(changed)
        return [self._of_role(changed, one) for changed, one in zip(proposals, noted, strict=True)]

    def _of_role(self, proposal: ProposedRole, noted: Noted) -> RegisterChanged:
        return RegisterChanged(
            line=noted.line,
            kind=LineKind.ROLE,
            happened=noted.happened,
            keeper=self.turn.keeper,
            about=proposal.person,
            role=_role(proposal.before, proposal.after),
            widens=widens_authority(proposal),
        )

    def _refuse_wrong_days(self, first: date | None, last: date | None) -> None:
        for field, day in (("first", first), ("last", last)):
            _refuse("day_gone" if day is not None and day < day_of(self.turn.at) else None, field)
        is_reversed = first is not None and last is not None and last < first
        _refuse("period_reversed" if is_reversed else None, "last")

    async def _held(self, number: int) -> tuple[PersonId, HeldRole]:
        assignment = await self.unit.find_assignment(number)
        # One that is somewhere else is none that may be known of here.
        if assignment is None or assignment.organisation != self.turn.organisation:
            raise NoSuchAssignment
        held = assignment.held
        if held.until is not None and held.until <= self.turn.at:
            raise NoSuchAssignment
        return assignment.person, held

    # --- rules

    async def _tiers(self, tiers: Sequence[ProposedTier]) -> tuple[Tier, ...]:
        return tuple([await self._tier(index, tier) for index, tier in enumerate(tiers)])

    async def _tier(self, index: int, tier: ProposedTier) -> Tier:
        is_amount, is_count = 0 <= tier.from_ore <= LARGEST_ORE, 1 <= tier.attests <= MOST_ATTESTS
        if not (is_amount and is_count and len(tier.sequence) <= MOST_ATTESTS):
            raise RegisterError(problem="invalid", field="tiers", index=index)
        people = [await self._in_sequence(email, index) for email in tier.sequence]
        return Tier(tier.from_ore, tier.attests, tuple(people))

    async def _in_sequence(self, email: str, index: int) -> PersonId:
        """The attestant with this address; an address of somebody elsewhere is refused as one that nobody has."""
        person = await self.unit.find_by_email(email.strip().lower())
        held = () if person is None else (await self.unit.load_roles(self.turn, person.id)).values()
        if person is None or Role.ATTESTANT not in {each.role for each in held}:
            raise RegisterError(problem="not_attestant", field="tiers", index=index)
        return person.id


def _judge(proposal: ProposedRole) -> None:
    broken = refusal(proposal)
    if broken is not None:
        raise broken


def _differing(
    before: Mapping[int, HeldRole], after: Mapping[int, HeldRole]
) -> Iterator[tuple[HeldRole | None, HeldRole | None]]:
    """Pairs of what changed, by number."""
    for number in sorted({*before, *after}):
        if before.get(number) != after.get(number):
            yield before.get(number), after.get(number)


def _role(before: HeldRole | None, after: HeldRole | None) -> Role | None:
    held = after or before
    return None if held is None else held.role


def _refuse(problem: str | None, field: str) -> None:
    if problem is not None:
        raise RegisterError(problem=problem, field=field)


def _asks_eid_of_more(wanted_ore: int | None, stored_ore: int | None) -> bool:
    """Whether more decisions would need e-identification than do now."""
    return wanted_ore is not None and (stored_ore is None or wanted_ore < stored_ore)


def _refuse_personal_number(field: str, said: str) -> None:
    if find_personal_number(said):
        raise PersonalNumber(field=field)


def _refuse_what_nobody_takes(command: GrantRoles) -> None:
    has_limit, has_service = command.limit_ore is not None, bool(command.service)
    _refuse("limit_not_for_role" if has_limit and not command.roles & LIMITED else None, "limit")
    _refuse("service_not_for_role" if has_service and not command.roles & SCOPED else None, "service")


@contextmanager
def at_fields() -> Generator[None]:
    """Let what an entry calls its fields stand at the fields of a form."""
    try:
        yield
    except RegisterError as error:
        field = str(error.facts.get("field", ""))
        raise RegisterError(**{**error.facts, "field": FIELDS.get(field, field)}) from None
