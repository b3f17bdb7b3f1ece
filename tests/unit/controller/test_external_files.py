"""What the administrator of a hospital's mosquitto gets."""

import json
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from controller.external_access import initial
from controller.external_files import (
    CERTIFICATE,
    CONF,
    GATEWAYS_CA,
    KEY,
    LIFE,
    MAX_PACKET,
    RULES,
    Place,
    broker_files,
)
from controller.identity.authority import Authority, new_authority
from devices.wire.keys import MAX_MESSAGE

NOW = datetime(2026, 7, 1, tzinfo=UTC)
AUTHORITY = new_authority(NOW)[0]
PLACE = Place("broker.hospital.example", 8884, Path("/etc/mosquitto/wardlink"), "CN=controller,O=Wardlink")


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return broker_files(PLACE, AUTHORITY, NOW)


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_listener_takes_certificates_only_and_their_subject_is_the_user(files: dict[str, str]) -> None:
    told = lines(files[CONF])
    listener = told[told.index("listener 8884") :]
    wanted = ("require_certificate true", "use_subject_as_username true", "allow_anonymous false")
    assert all(line in listener for line in (*wanted, "tls_version tlsv1.2"))
    assert any(line.startswith("plugin ") for line in listener)
    assert told[0] == "per_listener_settings true"


def test_every_file_that_the_configuration_names_is_made_and_every_one_is_named(
    files: dict[str, str],
) -> None:
    named = {Path(line.split()[1]).name for line in lines(files[CONF]) if "/etc/mosquitto/wardlink/" in line}
    assert named == files.keys() - {CONF} == {GATEWAYS_CA, CERTIFICATE, KEY, RULES}


def test_nothing_is_kept_over_a_restart_and_the_largest_block_passes(files: dict[str, str]) -> None:
    assert "persistence false" in lines(files[CONF])
    assert f"max_packet_size {MAX_PACKET}" in lines(files[CONF])
    assert MAX_PACKET > 2 * MAX_MESSAGE


def test_the_first_rules_let_the_controller_rule_and_nobody_do_anything_else(files: dict[str, str]) -> None:
    assert json.loads(files[RULES]) == initial(PLACE.controller)


def test_its_certificate_is_a_servers_for_its_host_and_holds_for_two_years(files: dict[str, str]) -> None:
    given, issuing = x509.load_pem_x509_certificates(files[CERTIFICATE].encode())
    given.verify_directly_issued_by(AUTHORITY.issuing)
    assert issuing == AUTHORITY.issuing
    assert given.not_valid_after_utc == NOW + LIFE
    names = given.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [PLACE.host]


def test_key_and_certificate_belong_together(files: dict[str, str], tmp_path: Path) -> None:
    for name in (CERTIFICATE, KEY):
        (tmp_path / name).write_text(files[name], encoding="utf-8")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / CERTIFICATE, tmp_path / KEY)


def test_clients_of_a_former_issuing_certificate_are_taken_too() -> None:
    following = new_authority(NOW)[0]
    both = Authority(following.root, following.issuing, following.key, (AUTHORITY.issuing,))
    text = broker_files(PLACE, both, NOW)[GATEWAYS_CA]
    assert text.count("BEGIN TRUSTED CERTIFICATE") == 2


def test_the_issuing_certificate_alone_is_what_openssl_trusts(files: dict[str, str], tmp_path: Path) -> None:
    """Not through the root: what else that has signed is not meant."""
    (tmp_path / GATEWAYS_CA).write_text(files[GATEWAYS_CA], encoding="utf-8")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_verify_locations(tmp_path / GATEWAYS_CA)
    assert [one["subject"][-1][0][1] for one in context.get_ca_certs()] == ["Wardlink issuing authority"]
