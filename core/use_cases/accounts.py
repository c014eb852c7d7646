"""The use cases about accounts in Slack: they cease to stand for a person, and may be confirmed again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from core.identity.accounts import Allowing, Identity, Undoing, account_name
from core.ports.cases import NewId, Now
from core.ports.identity import AccountRepository
from core.ports.register import AccountTransaction, RegisterAnnouncer
from core.register.administration import ChangeContext, Keeper, RegisterChanged
from core.shared.vocabulary import Happened, LineKind, LinkState, OrganisationId, PersonId, Undone
from core.workflow.events import NewCard


@dataclass(frozen=True)
class AccountLinks:
    """Implements core.ports.identity.Accounts: what links people to Slack accounts, over a repository of them."""

    accounts: AccountRepository
    announcer: RegisterAnnouncer
    now: Now
    new_id: NewId

    async def undo(self, person: PersonId, undoing: Undoing, account: Identity | None = None) -> Sequence[Identity]:
        """See Accounts."""
        unlinking = Unlinking(self.announcer, self.now, self.new_id)
        return await self.accounts.transact(partial(unlinking.unlink, person=person, undoing=undoing, account=account))

    async def barred(self, person: PersonId) -> Sequence[Identity]:
        """See Accounts."""
        return await self.accounts.barred(person)

    async def allow(self, person: PersonId, allowing: Allowing, account: Identity | None = None) -> Sequence[Identity]:
        """See Accounts."""
        return await self.accounts.allow(person, allowing, self.now, account)

    async def looked_at(self, account: Identity, at: datetime | None) -> None:
        """See Accounts."""
        await self.accounts.looked_at(account, at)


@dataclass(frozen=True)
class _Unlinked:
    """The last account of a person that was unlinked, and its line of history."""

    person: PersonId
    account: Identity
    line: int
    undoing: Undoing
    at: datetime


@dataclass(frozen=True)
class Unlinking:
    """Unlinks a person's accounts, in whoever's transaction."""

    announcer: RegisterAnnouncer
    now: Now
    new_id: NewId

    async def unlink(
        self, unit: AccountTransaction, *, person: PersonId, undoing: Undoing, account: Identity | None = None
    ) -> Sequence[Identity]:
        """Unlink a person's confirmed Slack accounts, or one of them, and return which they were; none when none was.

        The person and the administrators of her organisations get a card. The time is asked for once nobody else holds
        the accounts.
        """
        accounts = await unit.hold_accounts(person, account)
        at = self.now()
        lines = [await unit.end_link(held, person, undoing, at) for held in accounts]
        if lines:
            await self._tell(unit, _Unlinked(person, accounts[-1], lines[-1], undoing, at))
        return accounts

    async def _tell(self, unit: AccountTransaction, unlinked: _Unlinked) -> None:
        """Owe the cards about it, one to each who hears of it, in however many organisations."""
        person, at = unlinked.person, unlinked.at
        cards_of: dict[tuple[PersonId | None, str], NewCard] = {}
        # An administrator knows what she has done; whoever answered for an account may not be its person.
        actor = unlinked.undoing.by if unlinked.undoing.why is Undone.ADMINISTRATOR else None
        for id_, kinds in await unit.load_organisations(person, at) or [(OrganisationId(""), frozenset())]:
            keeper = Keeper(actor or PersonId(""), id_, kinds, None)
            change = RegisterChanged(unlinked.line, LineKind.IDENTITY, Happened.UNLINKED, keeper, about=person)
            context = await unit.load_concerned(id_, at) if id_ else ChangeContext()
            for card in self.announcer.announce(change, context, self.new_id):
                cards_of.setdefault((card.person, card.kind), card)
        is_reached = await unit.is_reached(person)
        owed = [card for card in cards_of.values() if card.person != person or is_reached]
        await unit.tell([(unlinked.line, _addressed(card, unlinked)) for card in owed], at)


def _addressed(card: NewCard, unlinked: _Unlinked) -> NewCard:
    """The person's own mail leads to where the account may be let in again."""
    is_barred = unlinked.undoing.leaves is LinkState.BARRED
    about = account_name(unlinked.account) if is_barred else None
    return replace(card, about=about) if card.person == unlinked.person else card
