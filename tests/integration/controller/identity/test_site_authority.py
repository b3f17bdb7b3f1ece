"""A site's own authority, made with OpenSSL, put there before the first start: everything works with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.identity.files import FOLDER
from tests.integration.controller.identity.conftest import Est, started
from tests.integration.controller.identity.test_est_clients import must
from tests.support.signing import p256, signing_request

EXTENSIONS = """[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
{identifier}
"""
NEW_P256 = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out"


@pytest.fixture(params=["subjectKeyIdentifier = 0123456789abcdef", "subjectKeyIdentifier = hash", ""])
async def site(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Est]:
    """An RSA root that stays at the site, and a P-256 issuing certificate for Wardlink."""
    folder = tmp_path / FOLDER
    folder.mkdir()
    (tmp_path / "site.cnf").write_text(EXTENSIONS.format(identifier=request.param))
    sign = "openssl x509 -req -sha256 -days 365 -extfile site.cnf"
    for command, *more in (
        ("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out root.key",),
        ("openssl req -new -key root.key -out root.csr -subj", "/O=Example Hospital/CN=Hospital root"),
        (f"{sign} -in root.csr -signkey root.key -extensions root -out {FOLDER}/root.pem",),
        (f"{NEW_P256} {FOLDER}/issuing.key",),
        (f"openssl req -new -key {FOLDER}/issuing.key -out issuing.csr -subj", "/CN=Hospital devices"),
        (
            f"{sign} -in issuing.csr -CA {FOLDER}/root.pem -CAkey root.key -CAcreateserial "
            f"-extensions issuing -out {FOLDER}/issuing.pem",
        ),
    ):
        await must(tmp_path, command, *more)
    async with started(tmp_path) as est:
        yield est


async def test_a_gateway_enrols_and_renews(site: Est) -> None:
    shown = site.client(await site.identity())
    answer = await site.ask("simplereenroll", signing_request(p256(), "ward-a"), tls=shown)
    assert len(answer.certificates) == 1
    answer = await site.ask("cacerts")
    assert set(answer.certificates) == {site.authority.issuing, site.authority.root}


async def test_the_claim_pins_the_sites_root(site: Est) -> None:
    said = await must(site.folder, f"openssl x509 -in {site.root} -noout -fingerprint -sha256")
    assert (await site.claim()).root == said.partition("=")[2].strip().replace(":", "").lower()


async def test_openssl_verifies_what_it_issued(site: Est) -> None:
    shown = await site.identity()
    issuing = site.folder / FOLDER / "issuing.pem"
    verify = f"openssl verify -CAfile {site.root} -untrusted {issuing} -purpose"
    assert "OK" in await must(site.folder, f"{verify} sslclient {shown}")
    assert "OK" in await must(site.folder, f"{verify} sslserver {site.folder}/{FOLDER}/server.pem")
