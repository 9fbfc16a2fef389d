"""Who calls: lists of networks, and the caller's address behind proxies that are trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def parse_networks(text: str) -> tuple[Network, ...]:
    """Addresses and CIDRs with commas or blanks between; ValueError names the bad entry."""
    return tuple(_network(entry) for entry in re.split(r"[\s,]+", text) if entry)


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """False also for what is no address. An IPv4 address written as IPv6 counts as what it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Who really called: behind trusted proxies, the last in `X-Forwarded-For` who is none of them.

    What anybody else writes into that header is not believed.
    """
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    address = peer
    while hops and is_within(address, trusted):
        address = hops.pop()
    return address[:64]


def _network(entry: str) -> Network:
    try:
        return ip_network(entry)
    except ValueError:
        pass
    try:
        meant = ip_network(entry, strict=False)
    except ValueError:
        raise ValueError(f"{entry!r} is no IP address or network such as 192.0.2.0/24") from None
    raise ValueError(f"{entry!r} has bits set behind its prefix; write {meant}")
