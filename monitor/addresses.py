"""Which addresses may be connected to: the guard against requests forged on our behalf. Pure.

Checked on the address actually connected to, at every hop, so that neither odd spellings (decimal,
octal, mapped) nor a name that changes its answer get past it (OWASP, "Server-Side Request Forgery
Prevention Cheat Sheet").
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What `is_global` leaves open though nothing public is there.
_CLOSED = tuple(
    ipaddress.ip_network(each)
    for each in ("100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "64:ff9b:1::/48", "fec0::/10")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")


class AddressGuard:
    """Knows what is public, and what the settings allow besides."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        self._names = {each.lower() for each in allowed}
        self._networks = tuple(
            network for each in allowed if (network := _network(each)) is not None
        )

    def allows(self, host: str, port: int, address: str) -> bool:
        """Tell whether a connection for this host and port may go to this address."""
        if {host.lower(), f"{host.lower()}:{port}"} & self._names:
            return True
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        inner = _inner(found)
        if any(each in network for network in self._networks for each in (found, inner)):
            return True
        return is_public(found) and is_public(inner)


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the open internet."""
    if address.is_multicast or address.is_unspecified or address.is_reserved:
        return False
    return address.is_global and not any(address in network for network in _CLOSED)


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for; itself where it stands for none."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return address


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
