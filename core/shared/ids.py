"""New ids: a prefix and random letters and digits, without vowels (no words) and without look-alikes."""

import secrets

ALPHABET = "23456789BCDFGHJKMNPQRTVWXYZ"
APPLICATION = "A-"
LENGTHS = {"B-": 7, "A-": 7, "C": 12, "P": 10, "O": 10, "K": 10, "E": 10, "L": 10, "I": 10, "S": 10, "F": 10}


def is_application(case: str) -> bool:
    """Say whether a case id is an application's: those are not stored as orders are."""
    return case.startswith(APPLICATION)


def new_id(prefix: str) -> str:
    """Return a new id: "B-" an order and "A-" an application (people read them aloud), "C" a card, "P" a person,
    "O" an organisation, "K" an API key, "E" an e-identification, "L" a personal link, "I" a mail to sign in by, "S" a
    session, "F" a file.
    """
    length = LENGTHS[prefix]
    # The system is asked once, for a number that has all the letters in it.
    number, letters = secrets.randbelow(len(ALPHABET) ** length), ""
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return prefix + letters
