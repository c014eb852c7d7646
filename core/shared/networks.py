"""Rate limits count callers by network: which one an address is of."""

import ipaddress


def network_of(host: str) -> str:
    """Return the network of a caller's address: an IPv4 address itself, of an IPv6 one its /64; what is no address, as
    it is.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
