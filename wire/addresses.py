"""Which addresses may be called: public ones, and those inside that an operator allows.

The tables are ours. `ipaddress.is_global` calls NAT64, 6to4, multicast and two cloud metadata addresses
global, and changes between Python versions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_DENIED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # "this" network; 0.0.0.0 reaches the own machine
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared (carrier-grade NAT); Alibaba's metadata 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform address
        "169.254.0.0/16",  # link-local; metadata of AWS, Azure, Google, Oracle (169.254.169.254, .170.2)
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments; Oracle's 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunnelling
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Only 2000::/3 is given out for public use; loopback, discard 100::/64, 5f00::/16, unique-local fc00::/7
# (AWS metadata fd00:ec2::254), link-local, site-local and multicast all lie outside.
_PUBLIC_V6 = IPv6Network("2000::/3")
_DENIED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

# An IPv4 address in the last 32 bits, to which the packet really goes.
_STANDS_FOR_V4 = (
    IPv6Network("::ffff:0:0/96"),  # v4-mapped
    IPv6Network("::ffff:0:0:0/96"),  # v4-translated
    IPv6Network("64:ff9b::/96"),  # NAT64
)
_V4_COMPATIBLE = IPv6Network("::/96")
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_6TO4 = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")


def reached(address: Address) -> Iterator[Address]:
    """Every address at which a packet to `address` may end up: itself, and IPv4 addresses embedded in it."""
    if isinstance(address, IPv4Address):
        yield address
        return
    bits = int(address)
    if any(address in network for network in _STANDS_FOR_V4):
        yield _v4(bits)
        return
    yield address
    if address in _V4_COMPATIBLE and bits > 1:  # not :: and ::1
        yield _v4(bits)
    elif address in _6TO4:
        yield _v4(bits >> 80)
    elif address in _TEREDO:
        yield _v4(bits >> 64)  # the relay server
        yield _v4(~bits)  # the client, sent inverted
    elif address in _LOCAL_NAT64:
        # RFC 6052: behind a /48 prefix the IPv4 address goes around bits 64 to 71, behind a /96 it ends the address.
        yield _v4(bits >> 64 << 16 | bits >> 40 & 0xFFFF) if bits >> 32 & 0xFFFF_FFFF_FFFF else _v4(bits)


def _v4(bits: int) -> IPv4Address:
    return IPv4Address(bits & 0xFFFF_FFFF)


def _is_public(address: Address) -> bool:
    """For one address as `reached` yields it."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _DENIED_V4)
    plain = IPv6Address(int(address))  # without a scope id
    return plain in _PUBLIC_V6 and not any(plain in network for network in _DENIED_V6)


_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)*{_LABEL}", re.ASCII)
# The resolver reads 127.1, 0x7f.1 and 2130706433 as addresses.
_NUMERIC_HOST = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Allow:
    """What an operator allows beside the public internet: hosts by name (`*.` for all below) and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """From hosts, addresses and CIDRs with commas or blanks between; ValueError names the bad entry."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in re.split(r"[\s,]+", text.strip()):
            network = _network(entry)
            if network:
                networks.append(network)
            elif entry:
                hosts.add(_host(entry))
        return cls(frozenset(hosts), tuple(networks))

    def permits(self, host: str, address: Address) -> bool:
        """Whether `host` may be called at `address`, to which it resolved."""
        if self._names(host):
            return True
        return all(_is_public(end) or any(end in network for network in self.networks) for end in reached(address))

    def _names(self, host: str) -> bool:
        host = host.lower().removesuffix(".")
        labels = host.split(".")
        above = {"*." + ".".join(labels[start:]) for start in range(1, len(labels))}
        return host in self.hosts or not self.hosts.isdisjoint(above)


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry.strip("[]"))
    except ValueError:
        pass
    try:
        meant = ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return None
    raise ValueError(f"{entry!r} has bits set behind its prefix; write {meant}")


def _host(entry: str) -> str:
    host = entry.lower().removesuffix(".")
    if not _HOST.fullmatch(host) or _NUMERIC_HOST.fullmatch(host):
        raise ValueError(
            f"{entry!r} is neither a host name (api.internal, *.internal) nor an address or CIDR (10.0.0.0/8);"
            " write it without scheme, port or path"
        )
    return host


def literal(host: str) -> Address | None:
    """The address that `host` spells out in full, or None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
