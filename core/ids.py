"""New ids: a prefix and random letters and digits, without vowels (no words) and without look-alikes."""

import secrets

ALPHABET = "23456789BCDFGHJKMNPQRTVWXYZ"
LENGTHS = {"B-": 7, "C": 12, "P": 10, "O": 10, "K": 10, "E": 10}


def new_id(prefix: str) -> str:
    """A new id: "B-" a case (people read it aloud), "C" a card, "P" a person, "O" an organisation, "K" an API key,
    "E" an e-identification.
    """
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(LENGTHS[prefix]))
