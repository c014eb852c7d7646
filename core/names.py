"""What a name may not hold: names stand in mails to people who know nothing of it, and are to lead them nowhere."""

import re
from unicodedata import normalize

# What mail programs make a link of: what has a scheme, begins with www., has an @, or is a domain with more behind it.
_ADDRESS = re.compile(r"://|www\.|@|\w[.。]\w{2,}[/?#:]\S", re.IGNORECASE)
# And of a bare domain, as it ends: in small letters or in two. An initial's dot (J.Berg) and a title's (Dr.Berg) are
# none's. Organisations are called so.
_DOMAIN = re.compile(r"\w[\w-]+[.。](?:[^\W\d_A-ZÅÄÖ]{2,}|[^\W\d_]{2}|(?i:com|net|org|info))\b")

# No name is longer, and looking takes its time: nobody looks at more of a text that a stranger may have made.
LOOKED_AT = 200


def holds_address(name: str) -> bool:
    """True for a name of an organisation with an address in it; a bare domain may be its name."""
    return _ADDRESS.search(_plain(name)) is not None


def persons_holds_address(name: str) -> bool:
    """True for a name of a person with an address in it, a bare domain too."""
    return holds_address(name) or _DOMAIN.search(_plain(name)) is not None


def _plain(name: str) -> str:
    return normalize("NFKC", name[:LOOKED_AT])
