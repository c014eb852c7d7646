"""The pages that people read in a browser: drawn by the server, without scripts."""

from bot.web.gate import Gate
from bot.web.pages import Pages
from bot.web.papers import DrawnPapers
from bot.web.publisher import Publisher
from bot.web.site import Site

__all__ = ["DrawnPapers", "Gate", "Pages", "Publisher", "Site"]
