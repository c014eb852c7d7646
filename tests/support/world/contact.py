"""How people reach customer service in tests, here and in processes that they start: nobody's address and number."""

from notifications.texts import ServiceContact, name_contact

CONTACT = ServiceContact(email="kundservice@example.se", phone="070-174 06 05")
SETTINGS = {"support_email": CONTACT.email, "support_phone": CONTACT.phone}
ENVIRONMENT = {name.upper(): value for name, value in SETTINGS.items()}


def name_it() -> None:
    """Let the catalogue's sentences name it, as those of a product do."""
    name_contact(CONTACT)
