"""The directory: finding people's Slack accounts by e-mail, and linking one once its holder has confirmed it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from core.api import (
    SLACK_OFF,
    UNLINKED,
    CardId,
    Identity,
    Language,
    LinkState,
    NewId,
    Now,
    OrganisationId,
    Person,
    PersonId,
    day_of,
    working_days_between,
)
from core.storage import tables
from core.storage.tables import persons
from core.storage.tables.links import organisation_of_card
from notifications.accounts import account_links
from notifications.accounts.account_links import Link, Sought
from notifications.accounts.holder import Guest, Holder, NotSaid
from notifications.database import Transactions
from notifications.slack import pacing
from notifications.slack.port import Account, Slack
from notifications.slack.slack_errors import Never, SlackProblem, TryLater, Wait
from notifications.slack.workspaces import Workspace, Workspaces

# A person who has been asked may take days. Until the answer the cards are looked at again this often.
LOOK_AGAIN = timedelta(hours=1)
# In working days. After these customer service hears that somebody does not answer; the question stays open.
SILENT_DAYS = 3
# At the first start the workspace becomes known a moment after the relay has begun.
FIRST_LOOK = timedelta(seconds=2)
# A yes is acknowledged when it is kept, and Slack waits three seconds for that.
LOOK_ONCE_MORE_SECONDS = 2.0
# Why somebody is asked nothing, by what became of an account.
_REFUSES = {
    LinkState.UNDONE: UNLINKED,
    LinkState.BARRED: UNLINKED,
    LinkState.DECLINED: "declined",
    LinkState.ASKED: "guest",
    # Confirmed in the Slack of one organisation, which carries nothing of what is another's.
    LinkState.CONFIRMED: "of_several",
}
_LANGUAGES = {language.value: language for language in Language}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Nobody:
    """A person who cannot be found in Slack, and why.

    One of inactive, unlinked, declined, guest, unanswered, of_several, not_in_slack, slack_off.
    """

    reason: str


@dataclass(frozen=True)
class Whereabouts:
    """The accounts that a person has confirmed in workspaces that can be reached, and what the person reads."""

    language: Language | None
    accounts: tuple[tuple[Workspace, str], ...]


class Directory:
    """Finds people. Whoever calls `offer_link`, `answer_link` or `ask_administrator` wakes the relay afterwards."""

    def __init__(
        self, database: Transactions, workspaces: Workspaces, slack: Slack, *, now: Now, new_id: NewId
    ) -> None:
        self._database = database
        self._workspaces = workspaces
        self._slack = slack
        self._now = now
        self._new_id = new_id

    async def organisations_of(self, cards: Sequence[CardId]) -> Mapping[CardId, OrganisationId | None]:
        """Return whose affair each of some cards is; None of Inera's, and of nobody's in particular."""
        query = select(tables.cards.c.id, organisation_of_card()).where(tables.cards.c.id.in_(cards))
        return await self._database.read(lambda connection: {id_: of for id_, of in connection.execute(query)})

    async def seek(self, person: PersonId, affair: OrganisationId | None = None) -> Nobody | None:
        """Look for a person in the Slack of an organisation, then in Inera's, and ask the account found, once.

        `affair` is the organisation's whose affair it is that the person is looked for; None: nobody's in particular.
        None: wait for the answer. Raise Wait or TryLater when a workspace is not known yet, or could not be asked and
        no other had the person.
        """
        sought = await self._sought(person)
        if not sought.is_active:
            return Nobody("inactive")
        workspaces = await self._workspaces.all()
        if not workspaces:
            raise Wait("no_workspace", FIRST_LOOK.total_seconds())
        known = {workspace.id for workspace in workspaces if not workspace.is_off}
        links = [link for link in sought.links if link.account.issuer in known]
        carrying = {link.state for link in links if sought.may_get(link.organisation, affair)}
        if LinkState.CONFIRMED in carrying:
            raise Wait("just_linked", FIRST_LOOK.total_seconds())
        if LinkState.OFFERED in carrying:
            return Nobody("unanswered") if self._is_silent(sought) else None
        speaking = [each for each in workspaces if sought.may_be_told_by(each.organisation)]
        speaking = [each for each in speaking if sought.may_get(each.organisation, affair)]
        if await self._ask(sought, [workspace for workspace in speaking if not workspace.is_off]):
            return None
        if any(each.is_off for each in speaking):
            return Nobody(SLACK_OFF)
        states = {link.state for link in links}
        return Nobody(next((why for state, why in _REFUSES.items() if state in states), "not_in_slack"))

    async def asked_at(self, person: PersonId) -> datetime:
        """Return when a person was first asked whose an account is, of the questions that wait; now when none does."""
        return self._asked_at(await self._sought(person))

    async def _sought(self, person: PersonId) -> Sought:
        at = self._now()
        return await self._database.read(lambda connection: account_links.read_sought(connection, person, at))

    def _asked_at(self, sought: Sought) -> datetime:
        asked = (link.since for link in sought.links if link.state is LinkState.OFFERED and link.since is not None)
        return min(asked, default=self._now())

    def _is_silent(self, sought: Sought) -> bool:
        """Say whether some working days have passed without an answer to the question whose an account is."""
        days = working_days_between(day_of(self._asked_at(sought)), day_of(self._now()))
        return days >= SILENT_DAYS

    async def whereabouts(self, person: PersonId) -> Whereabouts:
        """Return the accounts that a person can be written to at, and the language."""
        sought = await self._sought(person)
        workspaces = {
            workspace.id: workspace for workspace in await self._workspaces.all() if workspace.problem is None
        }
        confirmed = (link.account for link in sought.links if link.state is LinkState.CONFIRMED)
        accounts = (
            (workspaces[account.issuer], account.subject) for account in confirmed if account.issuer in workspaces
        )
        return Whereabouts(sought.language, tuple(accounts) if sought.is_active else ())

    async def offer_link(self, person: Person, workspace: Workspace, user_id: str) -> bool:
        """Ask the holder of an account whether it is this person's: one LINK card, once. False when asked before."""
        account, at, by = Identity(workspace.id, user_id), self._now(), workspace.organisation

        def work(connection: Connection) -> bool:
            return account_links.offer(connection, account, person.id, at=at, new_id=self._new_id, organisation=by)

        return await self._database.write(work)

    async def is_barred(self, account: Identity) -> bool:
        """Say whether an account was unlinked in such a way that its holder alone cannot link it again."""
        return await self._database.read(lambda connection: account_links.is_barred(connection, account))

    async def answer_link(self, identity: Identity, *, yes: bool, at: datetime) -> Link | None:
        """Store what the holder of an account answered; None when nobody asked. The person's waiting cards are due
        now.
        """
        state = LinkState.CONFIRMED if yes else LinkState.DECLINED
        return await self._database.write(
            lambda connection: account_links.answer(connection, identity, state, at, new_id=self._new_id)
        )

    async def confirm_link(self, workspace: Workspace, user_id: str, at: datetime) -> Link | None:
        """Confirm a link, once the account was looked at anew, since it may have changed hands since it was asked.

        None when nobody asked, or when the account's address is no longer that of the person. Raise SlackProblem where
        Slack does not say, and TimeoutError where it does not in time; nothing has changed then.
        """
        async with asyncio.timeout(LOOK_ONCE_MORE_SECONDS):
            holder = await self.find_by_slack_user(workspace, user_id)
        if isinstance(holder, NotSaid):
            raise holder.problem
        account = Identity(workspace.id, user_id)
        asked = await self._database.read(lambda connection: account_links.person_asked(connection, account))
        if not isinstance(holder, Person) or asked != holder.id:
            return None
        # Whoever pressed an older question may have waited as a guest until now.
        await self.offer_link(holder, workspace, user_id)
        return await self.answer_link(account, yes=True, at=at)

    async def choose_language(self, person: PersonId, language: Language) -> None:
        """Store what a person wants to read from now on."""
        await self._database.write(lambda connection: account_links.choose_language(connection, person, language))

    async def find_by_slack_user(self, workspace: Workspace, user_id: str) -> Holder:
        """Return the active person with the e-mail address of an account in this workspace: whom to offer a link.

        A guest is one to whom no administrator has said yes. None for bots, people who have left and people of other
        workspaces, and for whom this Slack cannot speak of; NotSaid where Slack cannot be asked now.
        """
        try:
            account = await self._slack.user_info(workspace.token, user_id)
        except SlackProblem as problem:
            log.info("account_not_read workspace=%s error=%s", workspace.id, problem.error)
            return NotSaid(problem)
        if account is None or not account.email or not account.belongs_to(workspace.team_id, workspace.enterprise_id):
            return None
        person = await self._database.read(lambda connection: _by_email(connection, account.email))
        if person is None or not (await self._sought(person.id)).may_be_told_by(workspace.organisation):
            return None
        if person.language is None:
            await self._learn_language(person.id, account)
        return person if not account.is_guest or await self._is_let_in(workspace, user_id, person) else Guest(person)

    async def _is_let_in(self, workspace: Workspace, user_id: str, person: Person) -> bool:
        account = Identity(workspace.id, user_id)
        return await self._database.read(lambda connection: account_links.is_let_in(connection, account, person.id))

    async def ask_administrator(self, guest: Guest, workspace: Workspace, user_id: str) -> None:
        """Let a guest's account wait for the yes of an administrator, who is asked, unless its link was taken away."""
        account, at, by = Identity(workspace.id, user_id), self._now(), workspace.organisation

        def work(connection: Connection) -> None:
            account_links.ask(connection, account, guest.person.id, at=at, new_id=self._new_id, organisation=by)

        await self._database.write(work)

    async def _ask(self, sought: Sought, workspaces: Sequence[Workspace]) -> bool:
        unclear: Wait | TryLater | None = None
        # Whoever waits as a guest may be one no longer.
        answered = {link.account.issuer for link in sought.links if link.state is not LinkState.ASKED}
        # First where the person is at home.
        for workspace in sorted(workspaces, key=lambda each: each.organisation is None):
            try:
                if workspace.id not in answered and await self._ask_in(workspace, sought):
                    return True
            except (Wait, TryLater) as problem:
                unclear = problem
        if unclear is not None:
            raise unclear
        return False

    async def _ask_in(self, workspace: Workspace, sought: Sought) -> bool:
        if workspace.problem is not None:
            raise TryLater(workspace.problem)
        account = await self._look_up(workspace, sought.email)
        if account is None or account.is_guest or not account.belongs_to(workspace.team_id, workspace.enterprise_id):
            return False
        if sought.language is None:
            described = await self._slack.user_info(workspace.token, account.id)
            await self._learn_language(sought.person, described or account)
        return await self.offer_link(Person(sought.person, sought.name, sought.email), workspace, account.id)

    async def _look_up(self, workspace: Workspace, email: str) -> Account | None:
        at = self._now()
        free_at = await self._database.write(lambda connection: _take(connection, workspace.id, at))
        if free_at > at:
            raise Wait("paced", (free_at - at).total_seconds())
        try:
            return await self._slack.lookup_by_email(workspace.token, email)
        except Wait as problem:
            until = self._now() + timedelta(seconds=problem.seconds)
            await self._database.write(lambda connection: _close(connection, workspace.id, until))
            raise
        except Never as problem:
            if problem.is_of_the_workspace:
                await self._workspaces.note_problem(workspace.id, problem.error, token=workspace.token)
            raise TryLater(problem.error) from problem

    async def _learn_language(self, person: PersonId, account: Account) -> None:
        language = _LANGUAGES.get(account.locale.partition("-")[0])
        if language is not None:
            await self._database.write(lambda connection: account_links.set_language(connection, person, language))


def _take(connection: Connection, workspace: str, at: datetime) -> datetime:
    """Spend a look-up where there is one, and return when it may be made."""
    names = [pacing.bucket(workspace, pacing.LOOK_UP)]
    buckets = pacing.lock_and_load(connection, workspace, names, at)
    if (free_at := buckets.free_at(names)) <= at:
        buckets.spend(names, at)
        pacing.save(connection, buckets, names)
    return free_at


def _close(connection: Connection, workspace: str, until: datetime) -> None:
    names = [pacing.bucket(workspace, pacing.LOOK_UP)]
    buckets = pacing.lock_and_load(connection, workspace, names, until)
    buckets.close(names, until)
    pacing.save(connection, buckets, names)


def _by_email(connection: Connection, email: str) -> Person | None:
    row = connection.execute(select(persons).where(persons.c.email == email.lower(), persons.c.active)).first()
    if row is None:
        return None
    return Person(row.id, row.name, row.email, Language(row.language) if row.language else None)
