"""Cards as mails: the same drawing, on paper. Pure."""

from notifications.mails.letters import Enclosed, draw_mail
from notifications.mails.paper import as_html, as_text

__all__ = ["Enclosed", "as_html", "as_text", "draw_mail"]
