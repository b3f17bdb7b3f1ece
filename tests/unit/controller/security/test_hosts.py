"""A Host header is taken only for what every reader of it takes it for."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from controller.security.hosts import is_ours

KNOWN = {"localhost", "ward.example"}
NAMES = st.sampled_from(
    ["localhost", "ward.example", "evil.example", "127.0.0.1", "[::1]", "@", ":", "/", "#", "8080", "."]
)


@pytest.mark.parametrize(
    "named", ["localhost", "WARD.example:8443", "ward.example.", "10.0.0.7", "[fe80::1]:80"]
)
def test_its_own_names_and_any_address_are_its_own(named: str) -> None:
    assert is_ours(named, KNOWN)


@pytest.mark.parametrize(
    "named", ["", ".", ":80", "example", "x.ward.example", "ward.example.evil", "1.2.3", "[::1"]
)
def test_others_are_not(named: str) -> None:
    assert not is_ours(named, KNOWN)


@given(st.lists(NAMES, max_size=5).map("".join) | st.text(max_size=20))
@example("evil.example#@localhost")
@example("localhost\\.evil.example")
def test_whatever_is_taken_for_ours_is_the_host_of_the_url_too(named: str) -> None:
    if not is_ours(named, KNOWN):
        return
    host = (urlsplit(f"http://{named}/").hostname or "").rstrip(".")
    assert host in KNOWN or ip_address(host)
