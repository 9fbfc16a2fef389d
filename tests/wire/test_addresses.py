from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.addresses import Allow, reached

NOTHING = Allow()


def permitted(address: str, allow: Allow = NOTHING, host: str = "example.com") -> bool:
    return allow.permits(host, ip_address(address))


INNER_V4 = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
]
INNER_V6 = [
    "::",
    "::1",
    "::2",
    "100::1",
    "100:0:0:1::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff::1",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fec0::1",
    "feff::1",
    "ff02::1",
    "ff0e::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2620:4f:8000::1",
    "3fff::1",
    "3fff:fff::1",
    "4000::1",
    "64:ff9b:1::1",
    "64:ff9b:2::1",
    "2002::1",
    "1234::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.15",
    "169.253.255.255",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "192.167.255.255",
    "192.169.0.1",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450:4001:81b::200e",
    "2400:cb00::1",
    "3ffe::1",
]


@pytest.mark.parametrize("address", INNER_V4 + INNER_V6)
def test_addresses_inside_are_refused(address: str) -> None:
    assert not permitted(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert permitted(address)


def embedded(v4: str) -> dict[str, str]:
    bits = int(IPv4Address(v4))
    high, low = bits >> 16, bits & 0xFFFF
    forms = {
        "v4-mapped": 0xFFFF << 32 | bits,
        "v4-translated": 0xFFFF << 48 | bits,
        "v4-compatible": bits,
        "NAT64": 0x64FF9B << 96 | bits,
        "local NAT64 /96": 0x64FF9B0001 << 80 | bits,
        "local NAT64 /48": 0x64FF9B0001 << 80 | high << 64 | low << 40,
        "6to4": 0x2002 << 112 | bits << 80 | 1,
        "Teredo client": 0x20010000 << 96 | 0x08080808 << 64 | ~bits & 0xFFFFFFFF,
        "Teredo server": 0x20010000 << 96 | bits << 64 | ~0x08080808 & 0xFFFFFFFF,
    }
    return {name: str(IPv6Address(form)) for name, form in forms.items()}


@pytest.mark.parametrize("form", embedded("0.0.0.0"))
@pytest.mark.parametrize("v4", INNER_V4)
def test_an_inner_address_in_disguise_is_refused_in_every_form(v4: str, form: str) -> None:
    assert not permitted(embedded(v4)[form])


@pytest.mark.parametrize("form", embedded("0.0.0.0"))
def test_the_embedded_address_is_found(form: str) -> None:
    assert IPv4Address("10.1.2.3") in reached(ip_address(embedded("10.1.2.3")[form]))


@pytest.mark.parametrize("form", ["v4-mapped", "NAT64"])
def test_a_public_address_that_is_only_carried_over_v6_passes(form: str) -> None:
    assert permitted(embedded("8.8.8.8")[form])


@given(st.ip_addresses(v=4))
def test_no_disguise_is_judged_milder_than_what_it_hides(v4: IPv4Address) -> None:
    if not NOTHING.permits("example.com", v4):
        assert not any(permitted(form) for form in embedded(str(v4)).values())


class TestAllow:
    def test_nothing_is_allowed_unless_said(self) -> None:
        assert Allow.parse("") == Allow.parse(" , ") == NOTHING

    def test_networks_and_single_addresses(self) -> None:
        allow = Allow.parse("10.1.0.0/16, 127.0.0.1 fd00::/8,[::1]")

        assert permitted("10.1.2.3", allow)
        assert permitted("127.0.0.1", allow)
        assert permitted("fd00::1", allow)
        assert permitted("::1", allow)
        assert not permitted("10.2.0.1", allow)
        assert not permitted("127.0.0.2", allow)
        assert not permitted("169.254.169.254", allow)

    def test_an_allowed_v4_network_is_allowed_when_carried_over_v6(self) -> None:
        allow = Allow.parse("10.0.0.0/8")

        assert permitted("::ffff:10.0.0.1", allow)
        assert permitted("64:ff9b::10.0.0.1", allow)
        assert not permitted("::10.0.0.1", allow)
        assert not permitted("2002:a00:1::1", allow)

    def test_an_allowed_nat64_prefix_does_not_open_what_lies_behind_it(self) -> None:
        allow = Allow.parse("64:ff9b:1::/48")

        assert permitted(embedded("8.8.8.8")["local NAT64 /48"], allow)
        assert permitted(embedded("8.8.8.8")["local NAT64 /96"], allow)
        assert not permitted(embedded("10.0.0.1")["local NAT64 /48"], allow)
        assert not permitted(embedded("10.0.0.1")["local NAT64 /96"], allow)

    def test_hosts_by_name(self) -> None:
        allow = Allow.parse("DB.internal. localhost *.svc.internal")

        assert permitted("10.0.0.1", allow, "db.internal")
        assert permitted("10.0.0.1", allow, "DB.INTERNAL.")
        assert permitted("127.0.0.1", allow, "localhost")
        assert permitted("10.0.0.1", allow, "a.b.svc.internal")
        assert not permitted("10.0.0.1", allow, "svc.internal")
        assert not permitted("10.0.0.1", allow, "xdb.internal")
        assert not permitted("10.0.0.1", allow, "db.internal.example.com")

    @pytest.mark.parametrize(
        "entry",
        [
            "http://db",
            "db:5432",
            "db/path",
            "*",
            "*.",
            "a.*.b",
            "-db",
            "user@db",
            "10.0.0.0/33",
            "127.1",
            "0x7f.1",
            "2130706433",
            "1.2.3.4.5",
            "ä.example",
        ],
    )
    def test_a_bad_entry_is_named(self, entry: str) -> None:
        with pytest.raises(ValueError, match="neither a host name") as caught:
            Allow.parse(f"good.example, {entry}")
        assert repr(entry) in str(caught.value)

    def test_a_network_with_host_bits_is_told_what_was_meant(self) -> None:
        with pytest.raises(ValueError, match=r"write 10\.0\.0\.0/8"):
            Allow.parse("10.0.0.1/8")
