"""Rate limits count callers by network: in which ones an address counts."""

import ipaddress
from functools import lru_cache

# Of an IPv6 address. Whoever is given one of these has all that is in it.
PREFIXES = (64, 56, 48)


@lru_cache(1_000)
def networks_of(host: str) -> tuple[str, ...]:
    """Return the networks that a caller's address counts in, narrowest first: an IPv4 address alone, though it is
    written as IPv6; of IPv6 its /64, /56 and /48; what is no address, as it is.

    The second is allowed twice as much as the first, and the third three times.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return (host,)
    if isinstance(address, ipaddress.IPv4Address):
        return (host,)
    if address.ipv4_mapped is not None:
        return (str(address.ipv4_mapped),)
    return tuple(str(ipaddress.IPv6Network((int(address), prefix), strict=False)) for prefix in PREFIXES)
