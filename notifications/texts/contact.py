"""How people reach customer service: named once, as the product starts, in every sentence that sends them there.

A sentence has `{customer_service}`, or `{customer_service_in_full}` where there is room for all the ways. Until a
contact is named, as in commands that need none, both are customer service's name alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from core.api import Language, clean_phone_number
from notifications.texts.catalogue import fill_in, say

# Words, and where they lead; nowhere where the address is empty.
Stretch = tuple[str, str]

# In which order a sentence names the ways where it has room for all of them, such as the footer of a mail; and of which
# it has the first that there is where it has room for one.
IN_FULL = ("email", "url", "phone")
IN_SHORT = ("email", "url", "phone")


@dataclass(frozen=True)
class ServiceContact:
    """The ways to customer service: `email` or `url` (https), or both; `phone` as it is shown."""

    email: str = ""
    url: str = ""
    phone: str = ""

    @property
    def ways(self) -> list[Stretch]:
        """Return each way as it is shown, and its address, as a sentence names them that has room for all."""
        return self._ways_of(IN_FULL)

    @property
    def short_way(self) -> Stretch:
        """Return the way that a sentence names which has room for one."""
        return self._ways_of(IN_SHORT)[0]

    def _ways_of(self, order: Iterable[str]) -> list[Stretch]:
        ways = {
            "email": (self.email, f"mailto:{quote(self.email, safe='@')}"),
            "url": (self.url, self.url),
            "phone": (self.phone, self._dialled),
        }
        return [ways[name] for name in order if ways[name][0]]

    @property
    def _dialled(self) -> str:
        return f"tel:{clean_phone_number(self.phone)}"


# What a contact is called in sentences, by the stretches that it is drawn as where words can lead somewhere.
_stretches: dict[str, Sequence[Stretch]] = {}


def name_contact(contact: ServiceContact) -> None:
    """Let every sentence that sends people to customer service say how it is reached."""
    _stretches.clear()
    for language in Language:
        name = say(language, "contact.name")
        way, address = contact.short_way
        short = say(language, "contact.short", name=name, way=way)
        full = say(language, "contact.full", name=name, ways=", ".join(shown for shown, _ in contact.ways))
        _stretches[short], _stretches[full] = [(name, address)], list(_between(full, contact.ways))
        fill_in(language, {"customer_service": short, "customer_service_in_full": full})


def around_contact(text: str) -> Iterator[Stretch]:
    """Yield a text in stretches, each with the address where it leads; only words that name the contact lead anywhere.

    Whoever writes just these words writes a link to customer service, and never another.
    """
    for name, stretches in _stretches.items():
        before, found, after = text.partition(name)
        if found:
            yield from around_contact(before)
            yield from stretches
            yield from around_contact(after)
            return
    if text:
        yield text, ""


def _between(text: str, ways: Sequence[Stretch]) -> Iterator[Stretch]:
    for shown, address in ways:
        before, _, text = text.partition(shown)
        yield before, ""
        yield shown, address
    if text:
        yield text, ""
