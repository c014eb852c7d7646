"""Every card as a value: what one reader may see, and a language, in; what the card says and offers out. Pure."""

from notifications.render.drawings.by_kind import draw_card
from notifications.render.pieces.facts import CardFacts

__all__ = ["CardFacts", "draw_card"]
