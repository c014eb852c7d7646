"""The pages that people read in a browser: drawn by the server, without scripts."""

from bot.web.deciding import Deciding
from bot.web.pages import Pages
from bot.web.site import Site

__all__ = ["Deciding", "Pages", "Site"]
