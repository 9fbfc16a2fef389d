import pytest

from wire.networks import client_address, is_within, parse_networks

PROXIES = parse_networks("10.0.0.0/8, ::1")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "192.0.2.1", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.7, 192.0.2.1", "192.0.2.1"),
        ("::1", "192.0.2.1, 10.2.3.4", "192.0.2.1"),
        ("::ffff:10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "not an address", "not an address"),
    ],
)
def test_only_trusted_proxies_say_who_calls(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "::1"])
def test_addresses_within(address: str) -> None:
    assert is_within(address, PROXIES)


@pytest.mark.parametrize("address", ["11.1.2.3", "::2", "", "10.0.0"])
def test_addresses_outside(address: str) -> None:
    assert not is_within(address, PROXIES)


@pytest.mark.parametrize(("text", "says"), [("10.0.0.1/8", "10.0.0.0/8"), ("inner", "'inner'")])
def test_a_bad_entry_is_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_networks(f"127.0.0.1, {text}")
