"""Looks at what the domain of the sender says of itself in the DNS: whether others may believe that a mail is ours.

dnspython asks: the standard library has no questions for TXT.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dns.asyncresolver import Resolver
from dns.exception import Timeout
from dns.name import Name, from_text
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.TXT import TXT
from dns.resolver import NXDOMAIN, NoNameservers, NoResolverConfiguration

from bot.cli.doctor.examined import Examined, unseen, well, wrong
from notifications.mail.port import Sender

# For one question, whichever server answers it.
SECONDS = 3.0
# A domain that is nobody's own: one word and the root.
TOP = 2
UNREACHED = (Timeout, NoNameservers, NoResolverConfiguration)


@dataclass(frozen=True)
class DomainLook:
    """Asks the machine's name servers, or `server`: its address and port.

    `selector` names the DKIM key that the mail server signs with, which nobody can find out from outside.
    """

    server: tuple[str, int] | None = None
    selector: str | None = None

    async def look(self, sender: Sender) -> Sequence[Examined]:
        """Return what SPF, DMARC and DKIM came to; unseen where no name server answers."""
        try:
            names = self._resolver()
            return [
                await _spf(names, sender.bounce.rpartition("@")[2]),
                await _dmarc(names, sender.domain),
                await self._dkim(names, sender.domain),
            ]
        except UNREACHED:
            return [unseen("doctor.mail.dns", domain=sender.domain)]

    def _resolver(self) -> Resolver:
        names = Resolver(configure=self.server is None)
        names.lifetime = SECONDS
        if self.server is not None:
            names.nameservers, names.port = [self.server[0]], self.server[1]
        return names

    async def _dkim(self, names: Resolver, domain: str) -> Examined:
        if self.selector is None:
            return unseen("doctor.mail.dkim.unnamed", domain=domain)
        place = f"{self.selector}._domainkey.{domain}"
        keys = [_tags(record).get("p") for record in await _texts(names, place)]
        return (
            well("doctor.mail.dkim.well", domain=domain)
            if any(keys)
            else wrong("doctor.mail.dkim.missing", place=place)
        )


async def _spf(names: Resolver, domain: str) -> Examined:
    """Look at the domain that a receiver holds against SPF: that of the envelope (RFC 7208, sections 2.4 and 4.5)."""
    found = [words for record in await _texts(names, domain) if (words := record.lower().split())[:1] == ["v=spf1"]]
    if len(found) != 1:
        return wrong("doctor.mail.spf.several" if found else "doctor.mail.spf.missing", domain=domain)
    anybody = {"all", "+all"} & set(found[0])
    return wrong("doctor.mail.spf.anybody", domain=domain) if anybody else well("doctor.mail.spf.well", domain=domain)


async def _dmarc(names: Resolver, domain: str) -> Examined:
    """Look at the domain, and then at those it is part of, as receivers do."""
    place = from_text(domain)
    while len(place.labels) > TOP:
        for record in await _texts(names, from_text("_dmarc", place)):
            tags = _tags(record)
            if tags.get("v") == "DMARC1" and "p" in tags:
                return well("doctor.mail.dmarc.well", domain=domain, policy=tags["p"])
        place = place.parent()
    return wrong("doctor.mail.dmarc.missing", domain=domain)


async def _texts(names: Resolver, place: str | Name) -> list[str]:
    try:
        answer = await names.resolve(place, RdataType.TXT, raise_on_no_answer=False)
    except NXDOMAIN:
        return []
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer if isinstance(record, TXT)]


def _tags(record: str) -> dict[str, str]:
    """Return what a record of the form `v=…; p=…` says."""
    parts = (part.partition("=") for part in record.split(";"))
    return {name.strip(): value.strip() for name, _, value in parts}
