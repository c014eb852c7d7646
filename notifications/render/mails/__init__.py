"""Cards as mails: the same values as text and as HTML, with a subject and a link. Pure."""

from notifications.render.mails.layout import Enclosed, draw_mail

__all__ = ["Enclosed", "draw_mail"]
