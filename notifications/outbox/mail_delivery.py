"""Carrying cards to people by mail: one mail each, which stays as it was sent."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from core.api import (
    CaseId,
    HeldDocument,
    Language,
    LinkId,
    Now,
    PersonalLink,
    PersonalLinks,
    Purpose,
    expiry,
    under_press,
)
from notifications.cards.card import Card, slack_of
from notifications.cards.drawer import Batch, CardDrawer, DrawnCard
from notifications.documents import SignedDocument
from notifications.documents.pdf import draw_pdf
from notifications.mail.link_addresses import link_to, link_to_account, link_to_install, link_to_sign_in
from notifications.mail.port import MAIL, Attachment, Letter, Mail
from notifications.outbox.delivery_results import DeliveryResults
from notifications.render.mails import Enclosed, draw_mail
from notifications.render.model import Actions, Item, picture_in, with_picture_at
from notifications.reports.pictures import Pictures
from notifications.rules.announcements import ENCLOSES_THE_AGREEMENT, LEADS_TO, LEADS_TO_INSTALL, OF_ACCOUNTS, CardKind
from notifications.slack.install_links import InstallLinks
from notifications.slack.port import MessagePlace
from notifications.slack.slack_errors import Never, SlackProblem, TryLater
from notifications.slack.workspaces import Workspaces

AT_ONCE = 4
# As long as the gateway may take for all that is said to a server; a lease that could end before it is not begun on.
SENDING_TIME = timedelta(seconds=330)
LABELS = {
    CardKind.COMPLETION: "mail.answer",
    CardKind.TO_COMPLETE: "mail.answer",
    CardKind.COMPLETION_REMINDER: "mail.answer",
    CardKind.APPLICATION_RECEIVED: "mail.follow",
    CardKind.APPLICATION_APPROVED: "mail.follow",
    CardKind.AGREEMENT_TO_SIGN: "mail.sign",
    CardKind.SIGN_REMINDER: "mail.sign",
}
FOOTERS = {
    CardKind.LINKED: "mail.footer_account",
    CardKind.UNLINKED: "mail.footer_unlinked",
    CardKind.CONTACT_INSTRUCTIONS: "mail.footer_technical",
    CardKind.CONTACT_START: "mail.footer_technical",
}
# Nobody at customer service has seen yet whom a stranger has named here, nor by what name.
TO_ANY_ADDRESS = frozenset({CardKind.APPLICATION_RECEIVED})

# What is held around all that is done to carry one card.
AroundCard = Callable[[Card], AbstractContextManager[object]]

log = logging.getLogger(__name__)


class SignedAgreements(Protocol):
    """Reads agreements by the case that they were signed in; `Queries` of the core does."""

    async def signed_agreement(self, case: CaseId) -> HeldDocument:
        """Return the document with its signatures. Raise NoDocument, DocumentChanged."""
        ...


@dataclass(frozen=True)
class MailDelivery:
    """Sends cards as mails. `domain` stands in every Message-ID; `url` is where the pages of this product answer.

    `language` is for readers who have chosen none. `shown` hears of each card that was sent; it must not wait.
    `installs` makes links to install the app by, None where it is Inera's alone; `pictures` draws what mails show.
    """

    results: DeliveryResults
    drawer: CardDrawer
    links: PersonalLinks
    workspaces: Workspaces
    mail: Mail
    agreements: SignedAgreements
    now: Now
    chance: Callable[[], float]
    domain: str
    url: str
    language: Language
    shown: Callable[[Card], None] = lambda _: None
    around: AroundCard = nullcontext
    installs: InstallLinks | None = None
    pictures: Pictures | None = None

    async def deliver(self, batch: Sequence[Card]) -> None:
        """Send a claimed batch, a few mails at once."""
        read = await self.drawer.read(batch, self.language, self.now())
        room = asyncio.Semaphore(AT_ONCE)

        async def carry(card: Card) -> None:
            async with room:
                with under_press(card.press_id), self.around(card):
                    await self._carry(card, read)

        await asyncio.gather(*map(carry, batch))

    async def _carry(self, card: Card, read: Batch) -> None:
        if card.place is not None or self.drawer.asks_too_late(card, read) or self.drawer.is_to_an_outsider(card, read):
            # What was sent stays as it is, and what would ask in vain stays unsent.
            await self.results.settle(card)
            return
        if self.drawer.has_nothing_to_tell(card, read):
            await self.results.drop(card)
            return
        if not card.is_ours_for(SENDING_TIME, self.now()):
            await self.results.release(card)
            return
        try:
            drawn = self.drawer.drawn(card, read)
            letter = await self._letter(card, drawn)
        except Exception:
            # One mail that cannot be drawn must not hold up those behind it.
            log.exception("card_not_drawn card=%s case=%s", card.id, card.case)
            await self._try_later(card, "not_drawn")
            return
        if not card.is_ours_for(SENDING_TIME, self.now()):
            # To draw what it brings along took its time.
            await self.results.release(card)
            return
        await self._send(card, letter, drawn.revision)

    async def _send(self, card: Card, letter: Letter, revision: int) -> None:
        try:
            await self.mail.send(letter)
        except SlackProblem as problem:
            await self._answer(card, problem)
        except Exception:
            # As above: what nobody has thought of is about this mail alone.
            log.exception("mail_not_sent card=%s case=%s", card.id, card.case)
            await self._try_later(card, "not_sent")
        else:
            await self.results.record(card, MessagePlace(letter.to, letter.message_id), shown=revision)
            self.shown(card)
            log.info("mail_sent card=%s case=%s revision=%s", card.id, card.case, revision)

    async def _letter(self, card: Card, drawn: DrawnCard) -> Letter:
        shown = await self._shown(card, drawn)
        message = with_picture_at(drawn.message, f"cid:{shown[0].content_id}" if shown else "")
        paper = draw_mail(message, await self._enclosed(card, drawn), drawn.language)
        return Letter(
            to=card.address or "",
            subject=paper.subject,
            text=paper.text,
            html=paper.html,
            language=drawn.language,
            # What a mail is recorded to show changes once it is recorded: a second copy says the same.
            message_id=f"<{card.id}.{card.does_show}@{self.domain}>",
            thread=None if card.case is None else f"<{card.case}@{self.domain}>",
            attachments=await self._attached(card),
            pictures=shown,
        )

    async def _shown(self, card: Card, drawn: DrawnCard) -> tuple[Attachment, ...]:
        """Return the picture of a card, which the mail brings along: no program fetches it from anywhere."""
        picture = picture_in(drawn.message)
        if picture is None or self.pictures is None or card.about is None:
            return ()
        kept = await self.pictures.of(card.about, drawn.language, picture.chart)
        return () if kept is None else (Attachment(f"{card.id}.png", "image/png", kept.content),)

    async def _attached(self, card: Card) -> tuple[Attachment, ...]:
        """Return the signed agreement, as it is on the web, where the mail tells of it. A link would last as long."""
        if card.case is None or card.kind not in ENCLOSES_THE_AGREEMENT:
            return ()
        held = await self.agreements.signed_agreement(card.case)
        drawn = await draw_pdf(SignedDocument(held))
        return (Attachment(f"{held.type}-{held.case}.pdf", "application/pdf", drawn),)

    async def _enclosed(self, card: Card, drawn: DrawnCard) -> Enclosed:
        footer = FOOTERS.get(card.kind, "mail.footer" if card.email is None else "mail.footer_contact")
        to = Enclosed(None if card.kind in TO_ANY_ADDRESS else drawn.reader, footer, card.case or "")
        if card.kind in OF_ACCOUNTS and card.about is not None:
            address = link_to_account(self.url, self.links.seal_card(card.id), drawn.language)
            return replace(to, link=address, label=OF_ACCOUNTS[card.kind])
        if card.kind in LEADS_TO_INSTALL:
            return await self._ways_to_work(card, drawn, to)
        link = None if card.case is None else self._link(card, card.case, drawn)
        if link is None:
            return replace(to, web=self._door(card, drawn))
        token = await self.links.make(link)
        label = LABELS.get(card.kind, "mail.decide")
        address = link_to(self.url, link.purpose, token, drawn.language)
        # One to follow by may be used again and again.
        until = None if link.purpose is Purpose.FOLLOW else link.expires_at
        return replace(to, link=address, label=label, expires_at=until)

    async def _ways_to_work(self, card: Card, drawn: DrawnCard, to: Enclosed) -> Enclosed:
        """Add where an administrator signs in, and a link to install the app in the organisation's own Slack by.

        Should a mail that may have arrived be sent again, the link of the second one counts.
        """
        to = replace(to, web=link_to_sign_in(self.url, drawn.language))
        made = None
        if self.installs is not None and card.case is not None:
            made = await self.installs.invite(card.case, card.address or "")
        elif self.installs is not None and card.person is not None:
            made = await self.installs.make(slack_of(card)[1], card.person)
        if made is None:
            return to
        about = "mail.personal_install" if card.case is None else "mail.own_slack"
        link = link_to_install(self.url, made.token)
        return replace(to, link=link, expires_at=made.expires_at, label="mail.install", about_link=about)

    def _door(self, card: Card, drawn: DrawnCard) -> str:
        """Return where the reader signs in to do what the card has buttons for in Slack; of a case, its link says."""
        does = card.case is None and any(isinstance(each, Actions | Item) for each in drawn.message.blocks)
        return link_to_sign_in(self.url, drawn.language) if does else ""

    def _link(self, card: Card, case: CaseId, drawn: DrawnCard) -> PersonalLink | None:
        """What the mail leads to: a decision that its card asks for, or what its kind leads to."""
        leads = LEADS_TO.get(card.kind)
        if leads is None and drawn.asks is None:
            return None
        purpose, at = leads or Purpose.DECIDE, self.now()
        return PersonalLink(
            id=LinkId(card.id),
            purpose=purpose,
            case=case,
            email=card.address or "",
            created_at=at,
            expires_at=expiry(purpose, at, drawn.step_ends),
            person=card.person,
            step=drawn.asks and drawn.asks.step,
            content_version=drawn.asks and drawn.asks.content_version,
            document_hash=drawn.document_hash if purpose is Purpose.SIGN else None,
        )

    async def _answer(self, card: Card, problem: SlackProblem) -> None:
        log.info("mail_not_sent card=%s case=%s error=%s", card.id, card.case, problem.error)
        match problem:
            case Never() if problem.is_of_the_workspace:
                await self.workspaces.note_problem(MAIL, problem.error)
                await self.results.release(card)
                log.error("mail_stopped error=%s", problem.error)
            case TryLater():
                await self._try_later(card, problem.error)
            case _:
                await self._give_up(card, problem.error)

    async def _give_up(self, card: Card, error: str) -> None:
        if await self.results.give_up(card, error):
            log.error("card_given_up card=%s case=%s error=%s", card.id, card.case, error)

    async def _try_later(self, card: Card, error: str) -> None:
        if not await self.results.fail(card, error, chance=self.chance()):
            log.error("card_given_up card=%s case=%s error=%s", card.id, card.case, error)
