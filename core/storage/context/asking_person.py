"""Who asks, the roles that hold at an instant, and what these let somebody read of an organisation."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, null, or_, select, true

from core.identity.accounts import Asking, By, Identity
from core.shared.errors import NoRole, NotLinked, PersonInactive
from core.shared.vocabulary import ROLES_OF, OrganisationId, Part, PersonId, Role
from core.storage import tables
from core.storage.database.conditions import holds
from core.storage.tables.links import stands

SERVING = ROLES_OF[Part.CUSTOMER_SERVICE]
# Contacts and signatories have nothing to do with orders (domain: section 7).
AGREEMENTS_ALONE = frozenset({Role.AGREEMENT_CONTACT, Role.SIGNATORY})


def person_asking(connection: Connection, by: By) -> Asking:
    """The active person behind a confirmed account, or who asks. Raises NotLinked, PersonInactive."""
    people, accounts = tables.persons.c, tables.identities.c
    if isinstance(by, Identity):
        mine = and_(accounts.issuer == by.issuer, accounts.subject == by.subject, stands())
        who = people.id == accounts.person_id
        query = select(people.id, people.active, accounts.organisation_id.label("within")).where(who, mine)
    else:
        query = select(people.id, people.active, null().label("within")).where(people.id == by.person)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotLinked
    if not row.active:
        raise PersonInactive
    return Asking(PersonId(row.id), row.within) if isinstance(by, Identity) else by


def role_holds(at: datetime) -> ColumnElement[bool]:
    """True for role assignments that hold at an instant."""
    held = tables.role_assignments.c
    return holds(held.valid_from, held.valid_to, at)


def carried(who: Asking) -> ColumnElement[bool]:
    """True for role assignments of somebody, past ones too, that may be used where they ask."""
    held = tables.role_assignments.c
    return and_(held.person_id == who.person, true() if who.within is None else held.organisation_id == who.within)


def role_used(who: Asking, at: datetime) -> ColumnElement[bool]:
    """True for role assignments that hold at an instant, and that somebody may use there."""
    return and_(carried(who), role_holds(at))


def roles_there(connection: Connection, who: Asking, organisation: OrganisationId, at: datetime) -> frozenset[Role]:
    """Read somebody's roles in an organisation and at customer service. Raise NoRole for whoever has none.

    That names the organisation to people who have had a role there, and carry it; for others there is none.
    """
    held = tables.role_assignments.c
    mine = and_(held.organisation_id == organisation, held.role.in_(list(Role)))
    query = select(held.role, held.organisation_id, role_holds(at).label("holds")).where(
        carried(who), or_(mine, held.role.in_(SERVING))
    )
    rows = connection.execute(query).all()
    roles = frozenset(Role(row.role) for row in rows if row.holds)
    if not roles:
        is_known = any(row.organisation_id == organisation for row in rows)
        raise NoRole(part=Part.CUSTOMER_ADMINISTRATOR, organisation=organisation if is_known else None)
    return roles


def check_orders_there(connection: Connection, who: Asking, organisation: OrganisationId, at: datetime) -> None:
    """Raise NoRole for whoever has no role by which an organisation's orders are read."""
    if not roles_there(connection, who, organisation, at) - AGREEMENTS_ALONE:
        raise NoRole(part=Part.ORDERER, organisation=organisation)
