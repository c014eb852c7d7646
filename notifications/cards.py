"""Cards: what the database says that Slack must show, and where each message stands."""

from core.api import CaseAdvanced, NewId, Owed, Situation
from notifications import announcements


class Cards:
    """The core's Announcer: which cards an event owes, by the table of announcements."""

    def announce(self, event: CaseAdvanced, now: Situation, new_id: NewId) -> Owed:
        """The cards to make and the kinds to repaint; called inside the transaction."""
        return announcements.owed(event, now, new_id)
