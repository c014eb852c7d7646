"""The modals that show what an organisation has: its agreements, their documents, and its services by the page."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from bot.forms.inputs import notice, options, select
from core.api import (
    AgreementType,
    Conveyed,
    HeldAgreement,
    HeldService,
    Holdings,
    Language,
    OrganisationId,
)
from notifications.render.button_values import SEPARATOR, Pointer
from notifications.render.model import Block, Bold, Dialog, Element, Line
from notifications.render.pieces.parts import actions, button, divider, on_one_line, rich, url_button
from notifications.texts import counted, day, say, when

LINES_SHOWN = 20
# Between what a button says of a connection: whose it is, the offer, the agent.
HELD_PARTS = " "
HASH_SHOWN = 12
# So many units of a service by name.
UNITS_SHOWN = 10
Named = tuple[OrganisationId, str]


class HoldingsModal:
    """What one of the reader's organisations has; the others are in a menu. Earlier agreements come after services."""

    CALLBACK = "kp.holdings"
    PLACES = "kp.holdings.place"

    @classmethod
    def build(
        cls,
        chosen: Named,
        places: Sequence[Named],
        held: Holdings,
        pointer: Pointer,
        language: Language,
        *,
        start: int = 0,
        can_read: bool = False,
        may_end: bool = False,
    ) -> Dialog:
        """The page of services that begins with so many before it; `can_read` where documents open in a browser.

        `may_end` for whoever may end what is connected.
        """
        id_, name = chosen
        blocks = [*cls._places(chosen, places, language), rich([Bold(on_one_line(name))])]
        reading = pointer if can_read and held.reads_documents else None
        latest, earlier = _by_age(held.agreements)
        for each in latest:
            blocks += _agreement(each, language, reading)
        if not latest:
            blocks.append(rich([say(language, "holdings.no_agreement")]))
        blocks.append(divider())
        lines = [
            *(list(_service_with(each, language, id_, pointer if may_end else None)) for each in held.services),
            *([_conveyed(each, language)] for each in held.conveys),
            *(list(_agreement(each, language, reading)) for each in earlier),
        ]
        blocks += chain.from_iterable(lines[start : start + LINES_SHOWN])
        if not lines:
            blocks.append(rich([say(language, "holdings.nothing")]))
        blocks += actions(list(cls._pages(id_, start, len(lines), pointer, language)))
        return notice(language, cls.CALLBACK, say(language, "btn.holdings"), pointer.value(), blocks)

    @classmethod
    def _places(cls, chosen: Named, places: Sequence[Named], language: Language) -> Iterator[Block]:
        if len(places) < 2 or chosen[0] not in {id_ for id_, _ in places}:
            return
        listed = options(places)
        initial = next((each for each in listed if each.value == chosen[0]), None)
        yield from actions([select(cls.PLACES, say(language, "order.choose"), listed, initial)])

    @classmethod
    def _pages(
        cls, id_: OrganisationId, start: int, count: int, pointer: Pointer, language: Language
    ) -> Iterator[Element]:
        for name, place in (("more", start + LINES_SHOWN), ("home", 0)):
            if (name == "more" and place < count) or (name == "home" and start):
                value = pointer.option(SEPARATOR.join((id_, str(place))))
                yield button(language, name, value)._replace(action_id=f"{cls.CALLBACK}.{name}")


class AgreementLinkModal:
    """A link to the document of an agreement, made for its reader."""

    CALLBACK = "kp.agreement_link"

    @classmethod
    def build(cls, address: str, until: datetime, language: Language) -> Dialog:
        """Return the link as a button, until when it is good, and whose it is."""
        about = say(language, "holdings.link", until=when(language, until))
        blocks = [rich([about]), *actions(url_button(language, "open_agreement", address))]
        return notice(language, cls.CALLBACK, say(language, "btn.read_agreement"), "", blocks)


def _by_age(agreements: Sequence[HeldAgreement]) -> tuple[list[HeldAgreement], list[HeldAgreement]]:
    """Return the latest of each type, and those that came before."""
    latest: dict[AgreementType, HeldAgreement] = {}
    for each in agreements:
        latest.setdefault(each.type, each)
    return list(latest.values()), [each for each in agreements if latest[each.type] is not each]


def _agreement(each: HeldAgreement, language: Language, pointer: Pointer | None) -> Iterator[Block]:
    name = say(language, f"holdings.agreement.{AgreementType(each.type)}")
    lines: list[Line] = [[_holds(each, language)]]
    if each.version and each.hash:
        document = say(language, "holdings.document", version=on_one_line(each.version), hash=each.hash[:HASH_SHOWN])
        lines.append([document])
    yield rich([Bold(name)], *lines)
    if pointer is not None and each.hash:
        yield from actions([button(language, "read_agreement", pointer.option(each.hash), name)])


def _holds(each: HeldAgreement, language: Language) -> str:
    if each.ended is not None:
        return say(language, "holdings.ended", day=day(language, each.ended))
    if each.since is None:
        return say(language, "holdings.unsigned")
    return say(language, "holdings.since", day=day(language, each.since))


def _service_with(
    each: HeldService, language: Language, organisation: OrganisationId, pointer: Pointer | None
) -> Iterator[Block]:
    """A service, and what ends it where that is the reader's to ask."""
    yield _service(each, language)
    if pointer is not None and each.may_end:
        value = pointer.option(HELD_PARTS.join((organisation, each.offer, each.agent or "", each.stands)))
        about = on_one_line(each.offer_name.get(language, ""))
        yield from actions([button(language, "end_connection", value, about)])


def _service(each: HeldService, language: Language) -> Block:
    service, offer = (on_one_line(names.get(language, "")) for names in (each.service_name, each.offer_name))
    said = [say(language, f"holdings.{each.stands}", day=day(language, each.since))]
    if each.last_day is not None:
        said.append(say(language, "holdings.until", day=day(language, each.last_day)))
    if each.units:
        said.append(counted(language, "holdings.units", each.units))
    way = "holdings.without_agent" if each.agent_name is None else "holdings.via"
    said.append(say(language, way, agent=on_one_line(each.agent_name or "")))
    if each.case:
        said.append(each.case)
    lines: list[Line] = [[" · ".join(said)], *_units(each, language)]
    return rich([Bold(say(language, "value.service", service=service, offer=offer))], *lines)


def _units(each: HeldService, language: Language) -> Iterator[Line]:
    names = [on_one_line(name) for name in each.unit_names[:UNITS_SHOWN]]
    more = len(each.unit_names) - len(names)
    if names:
        yield [", ".join([*names, say(language, "value.more", count=more)] if more else names)]


def _conveyed(each: Conveyed, language: Language) -> Block:
    name = on_one_line(each.service_name.get(language, each.service))
    key = "holdings.conveys" if each.ended is None else "holdings.conveyed"
    return rich([Bold(name)], [say(language, key, day=day(language, each.ended or each.since))])
