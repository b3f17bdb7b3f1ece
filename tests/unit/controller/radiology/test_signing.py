"""A signed report: it holds anywhere with the site's root alone, and not with a byte changed."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from typer.testing import CliRunner

from controller.cli import app
from controller.errors import BadSignature
from controller.identity.authority import new_authority, new_key
from controller.identity.files import open_authority
from controller.identity.pems import pem
from controller.radiology.signing import ReportSigner, signed_file, verify
from controller.signing import site as site_signing
from controller.signing.canonical import canonical

NOW = datetime(2026, 11, 26, 13, tzinfo=UTC)
NOW_US = int(NOW.timestamp() * 1e6)
REPORT: dict[str, Any] = {
    "status": "final",
    "issued": "2026-11-26T13:00:00.000Z",
    "conclusion": "kein Pneu 气胸",
}
"""With words of two scripts."""


class Site:
    """An authority, and a report that it signed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "ca"
        self.authority = open_authority(self.folder, NOW)
        self.signature = ReportSigner(self.folder).sign(REPORT, "anna", NOW_US)
        self.file = signed_file(REPORT, self.signature)

    @property
    def root(self) -> x509.Certificate:
        return self.authority.root


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


def test_it_says_who_signed_and_when(site: Site) -> None:
    held = verify(site.file, [site.root])
    assert (held.by, held.issued, held.report) == ("anna", REPORT["issued"], REPORT)


def test_the_signature_is_the_one_of_the_standards(site: Site) -> None:
    """RFC 7515, appendix A.3, and RFC 7797, 5.2, put together by hand."""
    protected, middle, signature = site.signature.split(".")
    assert not middle
    raw = base64.urlsafe_b64decode(signature + "==")
    numbers = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    key = site.authority.issuing.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    told = protected.encode() + b"." + canonical(REPORT)
    key.verify(encode_dss_signature(*numbers), told, ec.ECDSA(hashes.SHA256()))
    header = json.loads(base64.urlsafe_b64decode(protected + "=="))
    assert (header["alg"], header["b64"], header["crit"], header["sub"]) == ("ES256", False, ["b64"], "anna")


def test_whichever_byte_is_changed_it_does_not_hold(site: Site) -> None:
    drawn = random.Random(1)
    for place in range(len(site.file)):
        changed = bytearray(site.file)
        changed[place] ^= 1 << drawn.randrange(8)
        with pytest.raises(BadSignature):
            verify(bytes(changed), [site.root])
    with pytest.raises(BadSignature):
        verify(site.file + b"\n", [site.root])


def test_another_persons_name_does_not_hold(site: Site) -> None:
    protected, _, signature = site.signature.split(".")
    header = json.loads(base64.urlsafe_b64decode(protected + "=="))
    other = base64.urlsafe_b64encode(json.dumps({**header, "sub": "eve"}).encode()).decode().rstrip("=")
    with pytest.raises(BadSignature, match="was changed"):
        verify(signed_file(REPORT, f"{other}..{signature}"), [site.root])


def test_another_site_does_not_vouch_for_it(site: Site, tmp_path: Path) -> None:
    with pytest.raises(BadSignature, match="nobody for whom this root vouches"):
        verify(site.file, [Site(tmp_path).root])


def test_a_gateways_certificate_of_the_same_site_signs_no_report(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key is good and its chain reaches the root: only that it is no authority is against it."""
    key = new_key()
    of_gateway = site.authority.client("gw-a", key.public_key(), NOW, timedelta(days=1))
    signer = ReportSigner(site.folder)
    monkeypatch.setattr(site_signing, "held_authority", lambda *_: _Forged(key))
    monkeypatch.setattr(site_signing, "above", lambda _: (of_gateway, site.authority.issuing))
    forged = signed_file(REPORT, signer.sign(REPORT, "anna", NOW_US))
    with pytest.raises(BadSignature, match="vouches"):
        verify(forged, [site.root])
    monkeypatch.setattr(site_signing, "is_authority", lambda *_: True)
    assert verify(forged, [site.root]).by == "anna"


class _Forged:
    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self.key = key

    @property
    def held(self) -> "_Forged":
        return self


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        canonical({"report": {}, "signature": ""}),
        canonical({"report": REPORT, "signature": "a..b"}),
        canonical({"report": REPORT, "signature": "e30..AA"}),
        canonical({"report": "x", "signature": "a.b.c"}),
    ],
)
def test_what_is_no_signed_report_is_refused_in_words(site: Site, content: bytes) -> None:
    with pytest.raises(BadSignature, match="expected"):
        verify(content, [site.root])


def test_the_command_says_it_with_the_root_alone(site: Site, tmp_path: Path) -> None:
    file, root, other = tmp_path / "report.json", tmp_path / "root.pem", tmp_path / "other.pem"
    file.write_bytes(site.file)
    root.write_text(pem(site.root))
    other.write_text(pem(new_authority(NOW)[0].root))
    run = CliRunner()
    said = run.invoke(app, ["report", "verify", str(file), "--root", str(root)])
    assert (said.exit_code, said.stdout) == (0, f"signed by anna at {REPORT['issued']}: final\n")
    assert run.invoke(app, ["report", "verify", str(file), "--root", str(other)]).exit_code == 1
    file.write_bytes(site.file.replace(b"final", b"finaL"))
    assert run.invoke(app, ["report", "verify", str(file), "--root", str(root)]).exit_code == 1
