"""The certificates that the authority signs: for whom, for what, until when."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import AuthorityError
from controller.identity.authority import BACKDATED, ISSUING_LIFE, Authority, name_of, new_authority, new_key
from tests.unit.controller.identity.conftest import NOW

LIFE = timedelta(days=30)
AUTHORITY = new_authority(NOW)[0]
KEY = new_key().public_key()


def usage(certificate: x509.Certificate) -> list[x509.ObjectIdentifier]:
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_a_clients_subject_has_its_name_and_the_certificates_own_serial_number(authority: Authority) -> None:
    one, two = (authority.client("ward-a", KEY, NOW, LIFE) for _ in range(2))
    assert one.subject.rfc4514_string() == f"2.5.4.5={one.serial_number:x},CN=ward-a,O=Wardlink"
    assert one.subject != two.subject
    assert name_of(one) == "ward-a"
    assert usage(one) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_servers_names_are_hosts_and_addresses(authority: Authority) -> None:
    one = authority.server(["controller.ward", "10.0.0.5", "::1"], KEY, NOW, LIFE)
    names = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["controller.ward"]
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.5", "::1"]
    assert usage(one) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert name_of(one) == ""


def test_neither_may_sign_certificates(authority: Authority) -> None:
    for one in (authority.client("ward-a", KEY, NOW, LIFE), authority.server(["h"], KEY, NOW, LIFE)):
        assert not one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert not one.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign


def test_the_chain_is_signed_from_the_root_down(authority: Authority) -> None:
    authority.root.verify_directly_issued_by(authority.root)
    authority.issuing.verify_directly_issued_by(authority.root)
    authority.client("ward-a", KEY, NOW, LIFE).verify_directly_issued_by(authority.issuing)


@given(st.integers(0, ISSUING_LIFE.days - 1), st.integers(1, 10_000))
def test_no_certificate_outlives_the_one_that_signed_it(later: int, days: int) -> None:
    now = NOW + timedelta(days=later)
    one = AUTHORITY.client("ward-a", KEY, now, timedelta(days=days))
    assert one.not_valid_before_utc == now - BACKDATED
    assert one.not_valid_after_utc == min(now + timedelta(days=days), AUTHORITY.issuing.not_valid_after_utc)


def test_an_issuing_certificate_that_has_ended_signs_nothing(authority: Authority) -> None:
    for late in (ISSUING_LIFE, ISSUING_LIFE + LIFE):
        with pytest.raises(AuthorityError, match="authority renew` with the root's key"):
            authority.client("ward-a", KEY, NOW + late, LIFE)
