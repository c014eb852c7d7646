"""The part of the home tab for administrators: each organisation with what it lacks, and the ways on from there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.api import Language, Organisation, OrganisationId, Readiness
from notifications.render.button_values import SEPARATOR, Pointer
from notifications.render.model import Block, Bold, Element
from notifications.render.pieces.parts import actions, button, divider, header, menu, on_one_line, rich
from notifications.texts import say

ORGANISATIONS_SHOWN = 5
# The menu behind the buttons of an organisation: what an option does stands first in its value.
MENU = "kp.organisation.menu"
# Slack takes five; who is added stands with the people.
IN_MENU = ("invoices", "rules", "channels", "language", "holdings")


@dataclass(frozen=True)
class AdministeredOrganisation:
    """An organisation that the reader keeps. `readiness` None where it was not asked for."""

    organisation: OrganisationId
    name: str
    readiness: Readiness | None


@dataclass(frozen=True)
class AdministrationSection:
    """What the reader administers, one more than is shown where there are more; `serves` for customer service."""

    kept: Sequence[AdministeredOrganisation] = ()
    serves: bool = False

    @property
    def lacks(self) -> bool:
        """Say whether an organisation lacks something before it can order, or take orders."""
        return any(each.readiness is not None and not each.readiness.is_ready for each in self.kept)


NOTHING_KEPT = AdministrationSection()


def administered(about: AdministrationSection, pointer: Pointer, language: Language) -> Iterator[Block]:
    """Return the organisations, each by itself and named; nothing for somebody who administers none."""
    if not about.kept and not about.serves:
        return
    yield divider()
    yield header(say(language, "admin.home"))
    for each in about.kept[:ORGANISATIONS_SHOWN]:
        yield rich([Bold(on_one_line(each.name))], [standing(each.readiness, language)])
        yield from actions(ways(each.organisation, on_one_line(each.name), pointer, language))
    if about.serves:
        yield rich([say(language, "admin.serves")])
    if about.serves or len(about.kept) > ORGANISATIONS_SHOWN:
        yield from actions([button(language, "organisations", pointer.value())])


def ways(organisation: OrganisationId, name: str, pointer: Pointer, language: Language) -> list[Element]:
    """Return the buttons of an organisation and the menu behind them."""
    options = [(each, pointer.option(SEPARATOR.join((each, organisation)))) for each in IN_MENU]
    return [button(language, "people", pointer.option(organisation), name), menu(language, options, MENU)]


def of_organisation(organisation: Organisation, language: Language) -> Block:
    """Return which organisation a form is about."""
    return rich([f"{say(language, 'register.field.organisation')}: ", Bold(on_one_line(organisation.name))])


def standing(readiness: Readiness | None, language: Language) -> str:
    """Say whether an organisation is ready, or what it lacks."""
    if readiness is None or not readiness.does_order:
        return say(language, "admin.no_orders")
    if readiness.is_ready:
        return say(language, "admin.ready")
    missing = ", ".join(say(language, f"admin.missing.{each}") for each in readiness.missing)
    return say(language, "admin.not_ready", missing=missing)
