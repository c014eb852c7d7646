"""What counts as one address, where something is allowed to each at a pace."""

import ipaddress


def network_of(host: str) -> str:
    """A caller's address; of a long one, the part that one connection has for itself. What is no address is itself."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
