"""Addresses of devices on a network, and what the system's refusals mean."""

import errno

import pytest

from gateway.errors import LinkError
from gateway.links.network import endpoint, network_errors


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("10.0.0.7", "10.0.0.7", 2575),
        ("10.0.0.7:24105", "10.0.0.7", 24105),
        ("monitor.ward:1", "monitor.ward", 1),
        ("[fe80::1]", "fe80::1", 2575),
        ("[fe80::1]:99", "fe80::1", 99),
    ],
)
def test_an_address_may_leave_out_its_port(text: str, host: str, port: int) -> None:
    assert endpoint(text, 2575) == (host, port)


@pytest.mark.parametrize("text", ["", ":", "host:", "host:70000", "host:x", "fe80::1", "[fe80::1]:"])
def test_what_is_no_address_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected HOST|brackets"):
        endpoint(text, 2575)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.EADDRINUSE, "address-busy"),
        (errno.EACCES, "permission-denied"),
        (errno.ECONNREFUSED, "unreachable"),
        (errno.EHOSTUNREACH, "unreachable"),
    ],
)
def test_a_refusal_of_the_system_says_what_to_do(number: int, why: str) -> None:
    with (
        pytest.raises(LinkError, match=r"connecting to x: .*: .+") as lost,
        network_errors("connecting to x"),
    ):
        raise OSError(number, "as the system says")
    assert lost.value.why == why
