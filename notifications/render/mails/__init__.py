"""Cards as mails: the same drawing, on paper. Pure."""

from notifications.render.mails.letters import Enclosed, draw_mail
from notifications.render.mails.paper import as_html, as_text

__all__ = ["Enclosed", "as_html", "as_text", "draw_mail"]
