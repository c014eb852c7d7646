"""The parts of the site, joined around one desk."""

from collections.abc import Sequence

from starlette.routing import Route

from bot.slack.dependencies import Dependencies
from bot.web.applying.applications import ApplicationPages, new_key
from bot.web.applying.following import FollowPages
from bot.web.gate import Gate
from bot.web.links.accounts import AccountPages
from bot.web.links.deciding import Deciding
from bot.web.links.methods import LinkConfirm
from bot.web.links.reading import ReadingPages
from bot.web.links.signing import SigningPages
from bot.web.pages import Pages
from bot.web.papers import DrawnPapers
from bot.web.problem_types import ProblemTypes
from core.api import Applications
from notifications.documents import Agreements


def parts(desk: Dependencies, pages: Pages, gate: Gate, agreements: Agreements) -> Sequence[Route]:
    """Every address of the site but those that stand for themselves."""
    applications, changed = Applications(desk.orders.engine, desk.links), desk.relay.wake
    joined = (
        Deciding(desk, pages),
        AccountPages(desk, pages),
        ApplicationPages(pages, applications, gate, changed, new_key),
        FollowPages(pages, applications, agreements, gate, changed),
        SigningPages(pages, applications, agreements, changed, LinkConfirm()),
        ReadingPages(pages, DrawnPapers(pages), desk.documents),
        ProblemTypes(pages),
    )
    return [route for part in joined for route in part.routes()]
