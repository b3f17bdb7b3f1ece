"""The controller shows the same name in each of its certificates: an external broker knows nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from controller.external_files import controller_name
from controller.identity.authority import new_authority, new_key
from controller.identity.files import CONTROLLER, keep_controller

NOW = datetime(2026, 7, 1, tzinfo=UTC)
AUTHORITY = new_authority(NOW)[0]
LIFE = timedelta(days=90)
NAME = "CN=controller,O=Wardlink"


def keep(folder: Path, days: int) -> bool:
    return keep_controller(folder, AUTHORITY, "controller", NOW + timedelta(days=days), LIFE)


def test_the_next_certificate_has_the_name_of_the_first(tmp_path: Path) -> None:
    assert keep(tmp_path, 0)
    assert controller_name(tmp_path) == NAME
    assert keep(tmp_path, 80)
    assert controller_name(tmp_path) == NAME


def test_one_with_a_number_in_its_name_as_earlier_versions_made_it_is_replaced(tmp_path: Path) -> None:
    assert keep(tmp_path, 0)
    earlier = AUTHORITY.client("controller", new_key().public_key(), NOW, LIFE)
    (tmp_path / CONTROLLER).write_bytes(earlier.public_bytes(Encoding.PEM))
    assert controller_name(tmp_path) != NAME
    assert keep(tmp_path, 1)
    assert controller_name(tmp_path) == NAME


def test_no_gateway_gets_such_a_name(tmp_path: Path) -> None:
    """Not even one of that id, which the registry refuses."""
    keep(tmp_path, 0)
    false = AUTHORITY.client("controller", new_key().public_key(), NOW, LIFE)
    assert false.subject != x509.load_pem_x509_certificate((tmp_path / CONTROLLER).read_bytes()).subject
