"""What an applicant types."""

from tests.web.reading import Read, read

TYPED = {
    "organisation": "Räksmörgås Vård & Omsorg AB",
    "org_number": "222222-2222",
    "category": "private_provider",
    "invoice_address": "Box 1\n123 45 Ånäset",
    "invoice_ref": "REF-1",
    "administrator.name": "Åsa Öberg",
    "administrator.email": "asa.oberg@example.org",
    "signatories.0.name": "Çelik Jovanović",
    "signatories.0.email": "celik@example.org",
    "agreement_contact.name": "Bo Lund",
    "agreement_contact.email": "bo.lund@example.org",
    "terms_accepted": "1",
}
SECOND = {"signatories.1.name": "Zoë Müller", "signatories.1.email": "zoe@example.org", "signatures_needed": "2"}


async def opened(browser, address: str = "/ansok") -> Read:
    """The form, as it is opened."""
    return read((await browser.get(address)).text)


async def sent(browser, address: str = "/ansok", do: str = "send", **typed: str):
    """What comes after the form was opened, filled in and sent."""
    form = await opened(browser, address)
    return await browser.post(address, data=form.fields | typed | {"do": do})


async def applied(portal, typed: dict[str, str] = TYPED, address: str = "/ansok"):
    """The case of an application that was sent in."""
    answer = await sent(portal.browser, address, **typed)
    assert answer.status_code == 303, read(answer.text).text
    return await portal.case(answer.headers["location"].rpartition("/")[2].partition("?")[0])
