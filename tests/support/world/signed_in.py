"""A browser in which somebody is signed in, without the pages that one signs in by."""

from secrets import token_urlsafe

from bot.web.signing_in.visitors import SESSION
from core.api import PersonId, SessionId, form_token, new_id, token_hash
from core.identity.sign_ins import NewWebSession
from core.shared.vocabulary import Assurance
from core.storage import tables
from core.storage.identity.sessions import begin_session
from core.storage.reads.queries import person_from_row


async def sign_in(database, browser, person: PersonId, at, assurance: Assurance = Assurance.MAIL_LINK) -> str:
    """Sign somebody in; what every form must then carry in the field `form_token`. The browser speaks https."""
    token = token_urlsafe(32)

    def work(connection):
        people = tables.persons
        row = connection.execute(people.select().where(people.c.id == person)).one()
        new = NewWebSession(SessionId(new_id("S")), token_hash(token), "Firefox", at)
        begin_session(connection, person_from_row(row), new, assurance)

    await database.write(work)
    browser.cookies.set(SESSION.name, token, domain=browser.base_url.host, path="/")
    return form_token(token)
