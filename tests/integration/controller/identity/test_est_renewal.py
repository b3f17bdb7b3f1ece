"""Renewal by the old certificate: each that must not be renewed, beside the one that is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from controller.identity.authority import Authority, PrivateKey, name_of, new_authority
from controller.identity.certificates import issue
from controller.identity.files import CONTROLLER
from tests.integration.controller.identity.conftest import BY, Est
from tests.support.signing import p256, pem, signing_request

LIFE = timedelta(days=30)
REQUEST = signing_request(p256(), "ward-a")
NOW = datetime.now(UTC)


async def renewed(est: Est, shown: Path | None, request: bytes = REQUEST) -> str:
    """ "done", or the code of the refusal."""
    answer = await est.ask("simplereenroll", request, tls=est.client(shown))
    return "done" if answer.status == 200 else answer.text.partition(":")[0]


async def is_refused_by_tls(est: Est, shown: Path) -> bool:
    """Whether the connection ends before anything is answered, whatever is asked."""
    for what, body in (("simplereenroll", REQUEST), ("cacerts", None)):
        with pytest.raises((aiohttp.ClientError, OSError)):
            await est.ask(what, body, tls=est.client(shown))
    return True


def laid(est: Est, *parts: PrivateKey | x509.Certificate) -> Path:
    """A file that a client can show."""
    file = est.folder / "shown.pem"
    file.write_bytes(pem(*parts))
    return file


async def issued(est: Est, key: PrivateKey, *, days_ago: float) -> x509.Certificate:
    """One of ward-a, entered in the database, that was given so long ago."""
    await est.claim()
    at_s = int(est.utc_s - days_ago * 86_400)
    return await est.write(lambda db: issue(db, est.authority, "ward-a", key.public_key(), at_s, life=LIFE))


async def test_the_certificate_that_is_shown_is_renewed(est: Est) -> None:
    shown, key = await est.identity(), p256()
    answer = await est.ask("simplereenroll", signing_request(key, "ward-a"), tls=est.client(shown))
    [given] = answer.certificates
    assert (name_of(given), given.public_key()) == ("ward-a", key.public_key())
    assert await est.trail() == ["gateway-enrolled done", "certificate-renewed done"]
    assert est.known == [1, 2]  # the broker knows the new one before the gateway does


async def test_the_new_one_can_renew_in_turn(est: Est) -> None:
    key = p256()
    answer = await est.ask(
        "simplereenroll", signing_request(key, "ward-a"), tls=est.client(await est.identity())
    )
    assert await renewed(est, laid(est, key, *answer.certificates, est.authority.issuing)) == "done"


async def test_without_a_certificate_nothing_is_renewed_whatever_the_login(est: Est) -> None:
    claim = await est.claim()
    answer = await est.ask("simplereenroll", REQUEST, login=("ward-a", claim.token))
    assert answer.status == 403
    assert (await est.enrol(claim)).status == 200


async def test_an_expired_one_is_renewed_by_its_old_key_for_180_days(est: Est) -> None:
    key = p256()
    parked = await issued(est, key, days_ago=30 + 179)
    assert parked.not_valid_after_utc < NOW
    shown = laid(est, key, parked, est.authority.issuing)
    assert await renewed(est, shown, signing_request(p256(), "ward-a")) == "done"
    est.clock.let_pass(days=1, seconds=1)
    assert await renewed(est, shown, signing_request(p256(), "ward-a")) == "too-old"


async def test_an_expired_one_is_good_for_nothing_else(est: Est) -> None:
    """It is not looked at where a token is asked for."""
    key = p256()
    shown = laid(est, key, await issued(est, key, days_ago=40), est.authority.issuing)
    answer = await est.ask("simpleenroll", REQUEST, tls=est.client(shown))
    assert answer.status == 401


async def test_one_of_the_future_is_refused(est: Est) -> None:
    key = p256()
    shown = laid(est, key, await issued(est, key, days_ago=-1), est.authority.issuing)
    assert await renewed(est, shown) == "not-yet-valid"
    est.clock.let_pass(days=1)
    assert await renewed(est, shown) == "done"


async def test_a_revoked_one_is_refused(est: Est) -> None:
    shown = await est.identity()
    assert await renewed(est, shown) == "done"
    await est.service.revoke("ward-a", BY)
    assert await renewed(est, shown) == "revoked"
    assert (await est.trail())[-1] == "certificate-renewed refused revoked"


async def test_one_that_is_not_in_the_database_is_refused(est: Est) -> None:
    """Signed by us, yet given to no gateway: as after a restored backup, or with a stolen issuing key."""
    key = p256()
    await est.claim()
    stray = est.authority.client("ward-a", key.public_key(), NOW, LIFE)
    assert await renewed(est, laid(est, key, stray, est.authority.issuing)) == "unknown-certificate"


async def test_the_controllers_own_is_refused(est: Est) -> None:
    assert await renewed(est, est.folder / "ca" / CONTROLLER) == "unknown-certificate"


async def test_a_request_in_the_name_of_another_is_refused(est: Est) -> None:
    await est.claim("ward-b")
    shown = await est.identity()
    assert await renewed(est, shown, signing_request(p256(), "ward-b")) == "foreign-name"
    assert await renewed(est, shown) == "done"


def self_signed(key: PrivateKey, like: x509.Certificate) -> x509.Certificate:
    """The same subject, the same number."""
    builder = x509.CertificateBuilder(
        like.subject, like.subject, key.public_key(), like.serial_number, NOW - LIFE, NOW + LIFE
    )
    return builder.sign(key, hashes.SHA256())


async def test_a_self_signed_one_is_refused_by_tls(est: Est) -> None:
    real = x509.load_pem_x509_certificate((await est.identity()).read_bytes())
    key = p256()
    assert await is_refused_by_tls(est, laid(est, key, self_signed(key, real)))


async def test_one_of_another_authority_is_refused_by_tls(est: Est) -> None:
    """It has the same names all the way up."""
    key, other = p256(), new_authority(NOW)[0]
    assert other.issuing.subject == est.authority.issuing.subject
    foreign = other.client("ward-a", key.public_key(), NOW, LIFE)
    assert await is_refused_by_tls(est, laid(est, key, foreign, other.issuing, other.root))


async def test_one_of_a_server_is_refused_by_tls(est: Est) -> None:
    key = p256()
    server = est.authority.server(["ward-a"], key.public_key(), NOW, LIFE)
    assert await is_refused_by_tls(est, laid(est, key, server, est.authority.issuing))


async def test_one_that_a_gateway_signed_with_its_own_is_refused_by_tls(est: Est) -> None:
    """A gateway's certificate is no authority."""
    gateway_key, key = p256(), p256()
    [held] = (await est.enrol(await est.claim(), signing_request(gateway_key, "ward-a"))).certificates
    pretended = Authority(est.authority.root, held, gateway_key)
    forged = pretended.client("ward-b", key.public_key(), NOW, LIFE)
    assert await is_refused_by_tls(est, laid(est, key, forged, held, est.authority.issuing))
    assert await renewed(est, laid(est, gateway_key, held, est.authority.issuing)) == "done"
