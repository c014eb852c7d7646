"""The form that ends something one has connected: which units, from when, and a word."""

from collections.abc import Mapping

from bot.forms.inputs import Typed, modal
from bot.forms.orders import order_fields
from bot.forms.orders.order_fields import Wanted
from bot.forms.orders.order_form_state import OrderFormState
from core.api import Language, Revision
from notifications.render.model import Dialog
from notifications.render.pieces.parts import on_one_line, rich, woven
from notifications.texts import say


class EndModal:
    """The units that have it, to be left as they stand or some of them taken away; the rest stays connected."""

    CALLBACK = "kp.end"

    @classmethod
    def build(
        cls, form: OrderFormState, wanted: Wanted, names: dict[str, str], metadata: str, language: Language
    ) -> Dialog:
        """The form, with the names of what is ended and of whose it is."""
        blocks = [
            rich(woven(language, "end.lead", {name: on_one_line(said) for name, said in names.items()})),
            *order_fields.fields(form, wanted, language),
        ]
        title, submit = say(language, "end.title"), say(language, "end.submit")
        return modal(language, cls.CALLBACK, title, metadata, blocks, submit)

    @classmethod
    def read(cls, values: Typed) -> Revision:
        """What is to end, and which fields cannot be read."""
        return order_fields.read_fields(values)

    @classmethod
    def errors(cls, language: Language, fields: Mapping[str, str], values: Typed) -> dict[str, str]:
        """Block id -> sentence, for field names and codes of the core's FormError; each at a block the form has."""
        said = order_fields.errors(language, fields, values)
        return {cls.place(field, values): sentence for field, sentence in said.items()}

    @classmethod
    def place(cls, field: str, values: Typed) -> str:
        """The block to show something about a field at: its own, else the last."""
        return field if field in values else order_fields.COMMENT
