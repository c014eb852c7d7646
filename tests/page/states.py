"""Every state that a page of the site can be in, by a name each: its template, and how a browser comes to it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import insert, select, update

import bot.web
from bot.web.problems import VisitProblem
from core.api import (
    Action,
    ActOnCase,
    Answers,
    Case,
    LinkId,
    Part,
    Person,
    PersonalLink,
    PersonId,
    Purpose,
    Seen,
    State,
    Surface,
    Unit,
    new_id,
)
from core.shared.vocabulary import CardId
from core.storage import tables
from notifications.cards.card import owed
from notifications.mail.link_addresses import ACCOUNT, INSTALL
from notifications.mail.port import MAIL
from notifications.rules.announcements import CardKind
from notifications.slack.install_links import InstallLinks
from tests.contract.office import identity, via_agent, wish
from tests.page.site import Running
from tests.support.world.seed import (
    ADA,
    AGENT,
    AMIR,
    ANNA,
    ASTA,
    BO,
    CECILIA,
    DAVID,
    ERIK,
    HELENA,
    KALLE,
    KARIN,
    NPO_KONSUMENT,
    REGION,
    RUT,
    SARA,
    TEAM,
    slack_user,
)
from tests.web.filling import SECOND, TYPED, applied
from tests.web.test_signing import signed

BOTH = TYPED | SECOND
# A form is sent as it stands, by the button that sends it.
SENT = "button.main"


# Every state there is, by its template: tests are made of these before anything runs.
STATES = {
    "start.html": ("start",),
    "privacy.html": ("privacy",),
    "accessibility.html": ("accessibility",),
    "agreement.html": ("customer agreement", "agent agreement"),
    "apply.html": (
        *("apply", "apply as an agent", "apply, one more signatory", "apply, taken for a machine"),
        *("apply, errors", "apply as an agent, errors", "apply, a file attached", "apply, another file, errors"),
    ),
    "message.html": ("applied", "signed, all", "signed, one", "signed, declined"),
    "follow.html": (
        *("follow, received", "follow, rejected", "follow, withdrawn", "follow, to be signed", "follow, signed by one"),
        *("follow, agreed", "follow, cancelled", "follow, declined", "follow, signing expired", "follow, expired"),
    ),
    "answer.html": ("follow, asked", "follow, asked, errors", "follow, asked, a file attached"),
    "withdraw.html": ("withdraw", "withdraw, too late"),
    "read.html": ("read", "read, not signed", "read, ended"),
    "paper.html": ("paper",),
    "sign.html": ("sign", "sign, errors"),
    "decline.html": ("decline", "decline, errors"),
    "decision.html": (
        *("decision", "decision of an agent", "decision, the whole order open", "decision, withdrawn meanwhile"),
        *("decision, e-ID needed", "decision, e-ID begun"),
    ),
    "decided.html": ("decided",),
    "decide.html": (
        *("decide, attest", "decide, reject", "decide, request_completion", "decide, hand_over", "decide, recuse"),
        *("decide, reject, errors", "decide, request_completion, errors", "decide, hand_over, errors"),
        *("decide, approve", "decide, approve, errors"),
    ),
    "account.html": ("account", "account, undone", "account, undone before", "account, allowed"),
    "problem.html": (
        *(f"problem, {problem.name}" for problem in VisitProblem),
        *("problem, no such link", "problem, nowhere"),
    ),
    "problem_type.html": ("problem type",),
    "install.html": ("install",),
    "sign_in.html": ("sign in, no mail",),
    "sign_in_over.html": ("sign in, over",),
    "signed_out.html": ("signed out",),
}
NAMES = tuple(name for names in STATES.values() for name in names)
# Templates whose states another test of pages comes to, which is named here.
ELSEWHERE: dict[str, str] = (
    {name: "tests/page/test_signing_in.py" for name in ("sign_in_code.html", "sign_in_link.html", "sessions.html")}
    | {name: "tests/page/test_work.py" for name in ("work_home.html", "work_view.html", "work_signed_out.html")}
    | {"work_refused.html": "tests/web/test_work.py"}
)
# Parts that pages are drawn with.
PARTS = {
    "layout.html",
    "form_page.html",
    "fields.html",
    "document.html",
    "standing.html",
    "ways.html",
    "work.html",
    "work_parts.html",
}
TEMPLATES = Path(bot.web.__file__).parent / "templates"


@dataclass(frozen=True)
class PageState:
    """A page at an address, made anew for each visit where that uses it up; `fills` are typed there and `presses`
    pressed, the first one first; `file` is chosen where one is asked for."""

    template: str
    address: str | Callable[[], Awaitable[str]]
    presses: tuple[str, ...] = ()
    fills: dict[str, str] = field(default_factory=dict[str, str])
    file: bytes = b""


@dataclass(frozen=True)
class World:
    """Makes what states are about."""

    running: Running
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    # People whose accounts may be undone.
    others: list[PersonId] = field(default_factory=lambda: [ERIK, CECILIA, AMIR, ASTA, RUT, ADA, SARA, KALLE, DAVID])

    # --- applications

    async def applied(self, **changed: str) -> Case:
        return await applied(self.running.portal, BOTH | {"org_number": self._org_number()} | changed)

    async def approved(self) -> Case:
        return await self.running.portal.approve((await self.applied()).id)

    async def following(self, case: Case) -> str:
        return await self.running.portal.follow_link(case)

    async def moved(self, case: Case, state: State) -> Case:
        """Let time have done to a case what only time does."""
        await self._change(tables.cases, tables.cases.c.id == case.id, state=state)
        return case

    async def agreed(self) -> Case:
        case = await self.approved()
        for number in range(2):
            await signed(self.running.portal, await self.running.portal.sign_link(case, number))
        return await self.running.portal.case(case.id)

    async def ended(self) -> Case:
        case = await self.agreed()
        await self._change(tables.agreements, tables.agreements.c.case_id == case.id, ended_at=datetime.now(UTC))
        return case

    async def reading(self, case: Case) -> str:
        """The link by which customer service reads an agreement."""
        karin = Person(KARIN, "Karin Jonsson", "karin@example.org")
        token, _ = await self.running.joined.documents.make(karin, case.application.document.hash)
        return f"/l/{token}"

    # --- orders

    async def asked(self, person: PersonId = BO, **changed: object) -> str:
        """The link of a mail that asks somebody about an order."""
        case = await self.running.joined.orders.place(wish(**{**self._direct(), **changed}))
        return await self.link_to(case, person)

    def _direct(self) -> dict[str, object]:
        """What makes an order direct; each is for another care unit."""
        number = next(self.numbers)
        units = (Unit(f"Vårdcentralen {number}", f"SE5555555555-D{number}"),)
        return {"offer": NPO_KONSUMENT, "units": units, "technical_contact": "it@example.org", "key": f"D{number}"}

    async def link_to(self, case: Case, person: PersonId) -> str:
        which = (tables.cards.c.case_id == case.id, tables.cards.c.person_id == person)
        card = await self._one(select(tables.cards.c.id).where(*which).order_by(tables.cards.c.id.desc()))
        seen = (person, case.step, case.content_version)
        made = PersonalLink(LinkId(card), Purpose.DECIDE, case.id, "bo@example.org", *_a_month(), *seen)
        return "/d/" + await self.running.joined.links.make(made)

    async def withdrawn(self) -> str:
        """A link about an order that has been taken back meanwhile."""
        case = await self.running.joined.orders.place(wish(**self._direct()))
        address = await self.link_to(case, BO)
        await self._act(case, ANNA, Action.WITHDRAW)
        return address

    async def _act(self, case: Case, person: PersonId, action: Action, **answers: object) -> Case:
        seen, given = Seen(case.step, case.content_version), Answers(**{"confirmed": True, **answers})
        command = ActOnCase(case.id, action, identity(person), Surface.SLACK, seen, given)
        return (await self.running.joined.orders.act(command)).after

    async def attested(self) -> str:
        """A decision of one's own, made on its page."""
        return await self.asked() + "/attest"

    async def needing_eid(self) -> str:
        """The link of an agent's attestant, in an agency that asks for an e-ID whatever the amount."""
        case = await self.running.joined.orders.place(wish(**via_agent(next(self.numbers))))
        case = await self._act(case, HELENA, Action.APPROVE, certified=True)
        await self._change(tables.organisations, tables.organisations.c.id == AGENT, eid_from_ore=0)
        return await self.link_to(case, AMIR)

    # --- accounts

    async def account(self) -> str:
        """The link of a mail that tells somebody of an account."""
        person, at = self.others.pop(), datetime.now(UTC)
        address = {"workspace_id": MAIL, "address": "bo@example.org", "about": f"{TEAM}/{slack_user(person)}"}
        row = owed(CardId(new_id("C")), CardKind.LINKED, Part.ORDERER, at, person_id=person, **address)
        await self._write(insert(tables.cards).values(row))
        return f"{ACCOUNT}/{self.running.joined.links.seal_card(row['id'])}"

    async def installing(self) -> str:
        """The link by which an administrator installs the app."""
        links = InstallLinks(self.running.portal.database, self.running.joined.now, new_id)
        return f"{INSTALL}/{(await links.make(REGION, ADA)).token}"

    async def undone(self) -> str:
        """The same, where the person has said that the account is not hers."""
        address = await self.account()
        await self.running.portal.browser.post(address)
        return address

    async def _change(self, table, which, **values) -> None:
        await self._write(update(table).where(which).values(**values))

    async def _write(self, statement) -> None:
        await self.running.portal.database.write(lambda connection: connection.execute(statement))

    async def _one(self, query):
        return await self.running.portal.database.read(lambda connection: connection.execute(query).scalars().first())

    def _org_number(self) -> str:
        """Another one for each application, that nobody has."""
        nine = f"9999{next(self.numbers):05d}"
        doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine))
        return nine + str(-sum(sum(divmod(value, 10)) for value in doubled) % 10)


def _a_month() -> tuple[datetime, datetime]:
    at = datetime.now(UTC)
    return at, at + timedelta(30)


@dataclass(frozen=True)
class Form:
    """A form to be filled in and sent, by the names of its fields, and the template of the page that comes then."""

    address: Callable[[World], Awaitable[str]]
    typed: dict[str, str]
    leads_to: str


async def _apply(world: World) -> str:
    return "/ansok"


async def _apply_as_agent(world: World) -> str:
    return "/ansok/agent"


async def _answer(world: World) -> str:
    return await world.following(await world.running.portal.ask((await world.applied()).id, "Vem tar emot fakturan?"))


async def _withdraw(world: World) -> str:
    return await world.following(await world.applied()) + "/aterta"


async def _sign(world: World) -> str:
    return await world.running.portal.sign_link(await world.approved())


async def _decline(world: World) -> str:
    return await _sign(world) + "/avboj"


def _to(action: Action) -> Callable[[World], Awaitable[str]]:
    async def address(world: World) -> str:
        return f"{await world.asked()}/{action}"

    return address


async def _approve(world: World) -> str:
    return (
        f"{await world.asked(HELENA, **{**via_agent(next(world.numbers)), 'key': f'H{next(world.numbers)}'})}/approve"
    )


async def _account(world: World) -> str:
    return await world.account()


OF_AGENTS = {name: value for name, value in TYPED.items() if name != "category"}
FORMS = {
    "apply": Form(_apply, TYPED | {"org_number": "769900-0001"}, "message.html"),
    "apply as an agent": Form(_apply_as_agent, OF_AGENTS | {"org_number": "212099-0003"}, "message.html"),
    "answer": Form(_answer, {"message": "Åsa.", "terms_accepted": "1"}, "follow.html"),
    "withdraw": Form(_withdraw, {}, "follow.html"),
    "sign": Form(_sign, {"confirmed": "1"}, "message.html"),
    "decline": Form(_decline, {"reason": "Fel organisation."}, "message.html"),
    "attest": Form(_to(Action.ATTEST), {"comment": "Gärna i maj."}, "decided.html"),
    "reject": Form(_to(Action.REJECT), {"reason_code": "other", "reason": "Behövs inte."}, "decided.html"),
    "request completion": Form(_to(Action.REQUEST_COMPLETION), {"message": "Vilken enhet?"}, "decided.html"),
    "hand over": Form(_to(Action.HAND_OVER), {"to": CECILIA}, "decided.html"),
    "recuse": Form(_to(Action.RECUSE), {}, "decided.html"),
    "approve": Form(_approve, {"certified": "1"}, "decided.html"),
    "account": Form(_account, {}, "account.html"),
}


# --- the states


async def all_states(world: World) -> dict[str, PageState]:
    """Return every state by its name."""
    return {
        **await _beginnings(world),
        **await _followed(world),
        **await _signed(world),
        **await _decided(world),
        **await _accounts(world),
        **_problems(),
    }


async def _beginnings(world: World) -> dict[str, PageState]:
    sent = await world.applied()
    trapped = {"website": "x"}
    return {
        "start": PageState("start.html", "/"),
        "privacy": PageState("privacy.html", "/personuppgifter"),
        "accessibility": PageState("accessibility.html", "/tillganglighet"),
        "sign in, no mail": PageState("sign_in.html", "/logga-in"),
        "sign in, over": PageState("sign_in_over.html", "/i/nothing"),
        "signed out": PageState("signed_out.html", "/utloggad"),
        "install": PageState("install.html", await world.installing()),
        "customer agreement": PageState("agreement.html", "/avtal/kundavtal"),
        "agent agreement": PageState("agreement.html", "/avtal/agentavtal"),
        "apply": PageState("apply.html", "/ansok"),
        "apply as an agent": PageState("apply.html", "/ansok/agent"),
        "apply, one more signatory": PageState("apply.html", "/ansok", ("button[value=add]",)),
        "apply, errors": PageState("apply.html", "/ansok", (SENT,)),
        "apply as an agent, errors": PageState("apply.html", "/ansok/agent", ("button[value=add]", SENT)),
        "apply, taken for a machine": PageState("apply.html", "/ansok", (SENT,), trapped),
        "apply, a file attached": PageState("apply.html", "/ansok", ("button[value=add]",), file=b"%PDF-1.7"),
        "apply, another file, errors": PageState("apply.html", "/ansok", (SENT,), file=b"GIF89a"),
        "applied": PageState("message.html", f"/ansok/tack/{sent.id}"),
    }


async def _followed(world: World) -> dict[str, PageState]:
    portal = world.running.portal
    asked = await portal.ask((await world.applied()).id, "Vem tar emot fakturan?\nOch stämmer numret?")
    rejected = await portal.reject((await world.applied()).id, "Ni är redan kund.")
    withdrawn, approved, agreed = await world.applied(), await world.approved(), await world.agreed()
    await portal.browser.post(await world.following(withdrawn) + "/aterta")
    cancelled = await portal.act((await world.approved()).id, Action.CANCEL, reason="Fel firmatecknare.\nSkicka ny.")
    declined = await world.approved()
    address = await portal.sign_link(declined)
    await portal.browser.post(f"{address}/avboj", data={"reason": "Fel organisation.", "do": "send"})
    one = await world.approved()
    await signed(portal, await portal.sign_link(one))
    at = {
        "received": await world.applied(),
        "rejected": rejected,
        "withdrawn": withdrawn,
        "to be signed": approved,
        "signed by one": one,
        "agreed": agreed,
        "cancelled": cancelled,
        "declined": declined,
        "signing expired": await world.moved(await world.approved(), State.AGREEMENT_EXPIRED),
        "expired": await world.moved(await world.applied(), State.EXPIRED),
    }
    follow = {name: await world.following(case) for name, case in (at | {"asked": asked}).items()}
    return {
        **{f"follow, {name}": PageState("follow.html", follow[name]) for name in at},
        "follow, asked": PageState("answer.html", follow["asked"]),
        "follow, asked, errors": PageState("answer.html", follow["asked"], (SENT,), {"organisation": ""}),
        "follow, asked, a file attached": PageState(
            "answer.html", follow["asked"], ("button[value=add]",), file=b"%PDF-1.7"
        ),
        "withdraw": PageState("withdraw.html", follow["received"] + "/aterta"),
        "withdraw, too late": PageState("withdraw.html", follow["rejected"] + "/aterta"),
        "read": PageState("read.html", await world.reading(agreed)),
        "read, not signed": PageState("read.html", await world.reading(approved)),
        "read, ended": PageState("read.html", await world.reading(await world.ended())),
        "paper": PageState("paper.html", f"/paper/{agreed.application.document.hash}"),
    }


async def _signed(world: World) -> dict[str, PageState]:
    case = await world.approved()
    sign = await world.running.portal.sign_link(case)
    await signed(world.running.portal, sign)
    # The other of two, when the first has signed.
    sign = await world.running.portal.sign_link(case, 1)
    return {
        "sign": PageState("sign.html", sign),
        "sign, errors": PageState("sign.html", sign, (SENT,)),
        "decline": PageState("decline.html", sign + "/avboj"),
        "decline, errors": PageState("decline.html", sign + "/avboj", (SENT,)),
        **{f"signed, {how}": PageState("message.html", f"/s/klart/{how}") for how in ("all", "one", "declined")},
    }


async def _decided(world: World) -> dict[str, PageState]:
    bo = await world.asked()
    helena = await world.asked(HELENA, **via_agent(next(world.numbers)))
    eid = await world.needing_eid()
    dialogs = ("attest", "reject", "request_completion", "hand_over", "recuse")
    with_errors = ("reject", "request_completion", "hand_over")
    return {
        "decision": PageState("decision.html", bo),
        "decision of an agent": PageState("decision.html", helena),
        "decision, the whole order open": PageState("decision.html", bo, ("summary",)),
        **{f"decide, {action}": PageState("decide.html", f"{bo}/{action}") for action in dialogs},
        **{f"decide, {action}, errors": PageState("decide.html", f"{bo}/{action}", (SENT,)) for action in with_errors},
        "decide, approve": PageState("decide.html", f"{helena}/approve"),
        "decide, approve, errors": PageState("decide.html", f"{helena}/approve", (SENT,)),
        "decided": PageState("decided.html", world.attested, (SENT,)),
        "decision, withdrawn meanwhile": PageState("decision.html", await world.withdrawn()),
        "decision, e-ID needed": PageState("decision.html", f"{eid}/attest"),
        "decision, e-ID begun": PageState("decision.html", f"{eid}/attest", ("form .main",)),
    }


async def _accounts(world: World) -> dict[str, PageState]:
    return {
        "account": PageState("account.html", await world.account()),
        "account, undone": PageState("account.html", world.account, (SENT,)),
        "account, undone before": PageState("account.html", await world.undone()),
        "account, allowed": PageState("account.html", world.undone, (SENT,)),
    }


def _problems() -> dict[str, PageState]:
    hindered = {f"problem, {each.name}": f"/hindered/{each.name}" for each in VisitProblem}
    there_is_none = {"problem, no such link": "/s/nothing", "problem, nowhere": "/nowhere"}
    return {
        **{name: PageState("problem.html", address) for name, address in (hindered | there_is_none).items()},
        "problem type": PageState("problem_type.html", "/problems/stale"),
    }
