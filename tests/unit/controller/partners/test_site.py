"""controller/partners/section.py, identity/sites.py: how a site shows itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from controller.config import load
from controller.errors import ConfigError
from controller.identity.authority import new_authority, new_key
from controller.identity.sites import LIFE, SITE, keep_site, site_certificate, site_of

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def configured(tmp_path: Path, lines: str) -> Path:
    file = tmp_path / "controller.toml"
    file.write_text(f"[partners]\n{lines}\n", encoding="utf-8")
    return file


def test_a_site_says_who_it_is_and_where_it_is_reached(tmp_path: Path) -> None:
    section = load(configured(tmp_path, 'site = "hospital-a"\nname = "Hospital A"')).partners
    assert section is not None
    assert (section.reached, section.hosts) == ("127.0.0.1:8445", ("127.0.0.1", "127.0.0.1"))
    lines = 'site = "a"\nname = "A"\nhost = "0.0.0.0"\naddress = "[2001:db8::1]:8445"'
    section = load(configured(tmp_path, lines)).partners
    assert section is not None
    assert section.hosts == ("0.0.0.0", "2001:db8::1")


@pytest.mark.parametrize(
    "lines",
    [
        'site = "Hospital A"\nname = "A"',
        'site = "a"',
        'site = "a"\nname = "A"\nhost = "0.0.0.0"',
        'site = "a"\nname = "A"\naddress = "a"',
        'site = "a"\nname = "A"\naddress = "u@a:1"',
    ],
)
def test_what_partners_could_not_use_is_refused_at_the_start(tmp_path: Path, lines: str) -> None:
    with pytest.raises(ConfigError, match="partners"):
        load(configured(tmp_path, lines))


def test_a_sites_certificate_is_renewed_at_two_thirds_of_its_life(tmp_path: Path) -> None:
    authority, _ = new_authority(NOW)
    assert keep_site(tmp_path, authority, "hospital-a", NOW)
    assert not keep_site(tmp_path, authority, "hospital-a", NOW + LIFE / 2)
    assert keep_site(tmp_path, authority, "hospital-a", NOW + LIFE * 0.7)
    assert keep_site(tmp_path, authority, "hospital-b", NOW + LIFE * 0.7)
    held = x509.load_pem_x509_certificate((tmp_path / SITE).read_bytes())
    assert site_of(held) == "hospital-b"


def test_no_certificate_of_a_gateway_or_of_a_controller_names_a_site() -> None:
    (authority, _), key = new_authority(NOW), new_key().public_key()
    life = timedelta(days=30)
    others = [
        authority.client("hospital-a", key, NOW, life),
        authority.controller("hospital-a", key, NOW, life),
        authority.server(["hospital-a"], key, NOW, life),
        authority.root,
    ]
    assert [site_of(one) for one in others] == [""] * 4
    assert site_of(site_certificate(authority, "hospital-a", key, NOW)) == "hospital-a"
