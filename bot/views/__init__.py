"""What people see of the bot itself: modals, the home tab, and the sentence for every refusal. Pure drawing."""

from bot.views.refusals import refusal

__all__ = ["refusal"]
