"""What history's hashes of accounts are made with."""

from secrets import token_hex

from sqlalchemy import Connection, and_, select, update

from core.db.register import identities


def salt_of(connection: Connection, issuer: str, subject: str) -> str:
    """The salt of an account, kept with its link from the first time that it is asked for."""
    mine = and_(identities.c.issuer == issuer, identities.c.subject == subject)
    known = connection.execute(select(identities.c.salt).where(mine)).scalar_one_or_none()
    salt = known or token_hex(16)
    if known is None:
        connection.execute(update(identities).where(mine).values(salt=salt))
    return salt
