"""In which networks a caller's address counts."""

import pytest

from core.shared.networks import networks_of


@pytest.mark.parametrize(
    ("host", "networks"),
    [
        ("192.0.2.1", ["192.0.2.1"]),
        ("::ffff:192.0.2.1", ["192.0.2.1"]),
        ("2001:db8:1:2a3:4::5", ["2001:db8:1:2a3::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"]),
        ("fe80::1%eth0", ["fe80::/64", "fe80::/56", "fe80::/48"]),
        ("a proxy", ["a proxy"]),
        ("", [""]),
    ],
)
def test_an_address_counts_in_its_network_and_in_wider_ones_around_it(host, networks):
    assert list(networks_of(host)) == networks
