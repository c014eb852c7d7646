"""What people see of the bot itself: modals, the home tab, and the sentence for every refusal. Pure drawing."""

from bot.slack.views.refusals import refusal, refusal_of_another

__all__ = ["refusal", "refusal_of_another"]
