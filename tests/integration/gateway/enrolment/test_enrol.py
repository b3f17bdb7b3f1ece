"""A claim becomes an identity, at the controller's own authority; nobody else ever sees the token."""

import asyncio
import base64
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from controller.identity.authority import Authority, new_authority, new_key
from devices.model.claim import Claim
from gateway.enrolment.enrol import enrol
from gateway.enrolment.est import Est as EstClient
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import EnrolmentError, GatewayError, NotEnrolled, Unreachable
from hil.simulation.disk import Disk
from hil.simulation.loop import Crash
from tests.support.est import DAY_S, LIFE, Est, Times, controller_est, now, server_identity, stranger

HOST = "127.0.0.1"
OTHER = new_authority(now())[0]


async def refused(folder: IdentityFolder, claim: Claim, times: Times) -> str:
    """The code with which the claim is refused; it leaves no identity."""
    with pytest.raises(EnrolmentError) as raised:
        await enrol(folder, claim, None, times.gateway())
    with pytest.raises(NotEnrolled):
        folder.load()
    assert claim.token not in str(raised.value)
    return raised.value.why


def certs(*given: x509.Certificate) -> bytes:
    """A certs-only answer over HTTP."""
    body = base64.b64encode(pkcs7.serialize_certificates(list(given), Encoding.DER))
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def key_of(said: bytes) -> x509.CertificateSigningRequest:
    return x509.load_der_x509_csr(base64.b64decode(said.partition(b"\r\n\r\n")[2]))


def for_own_key(authority: Authority, said: bytes) -> x509.Certificate:
    return authority.client("ward-a", key_of(said).public_key(), now(), LIFE)  # type: ignore[arg-type]


async def test_a_claim_gives_an_identity_that_the_controller_knows(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-a")
    made = await enrol(folder, claim, "ward-a", times.gateway())
    held = folder.load()
    assert (held.gateway, held.est, held.mqtt) == ("ward-a", claim.est, claim.mqtt)
    assert held.chain == made.chain == (held.certificate, est.authority.issuing)
    rows = await est.store.read("SELECT der FROM certificate")
    assert [row["der"] for row in rows] == [held.certificate.public_bytes(Encoding.DER)]
    assert not (folder.path / "waiting.pem").exists()


async def test_a_lost_answer_costs_nothing(est: Est, folder: IdentityFolder, times: Times) -> None:
    claim = await est.claim("ward-a")
    est.lose = 2
    for _ in range(2):
        with pytest.raises(Unreachable):
            await enrol(folder, claim, None, times.gateway())
    await enrol(folder, claim, None, times.gateway())
    assert len(est.tokens) == 3
    assert await est.issued("ward-a") == 1
    assert est.alerts == []


async def test_a_used_claim_is_worth_nothing_to_another_box(
    est: Est, folder: IdentityFolder, times: Times, tmp_path: Path
) -> None:
    claim = await est.claim("ward-a")
    await enrol(folder, claim, None, times.gateway())
    assert await refused(IdentityFolder(tmp_path / "thief"), claim, times) == "refused"
    assert len(est.alerts) == 1


async def test_a_claim_that_was_tampered_with_gets_nothing(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-a")
    await est.claim("ward-b")
    for changed, why in (
        (replace(claim, token="B" * 22), "refused"),
        (replace(claim, gateway="ward-b"), "refused"),
        (replace(claim, root=OTHER.fingerprint), "untrusted"),
        (replace(claim, expires=1), "claim-expired"),
    ):
        assert await refused(folder, changed, times) == why
    assert len(est.tokens) == 2
    await enrol(folder, claim, None, times.gateway())


async def test_an_expired_claim_is_refused_by_the_controller_too(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-a")
    times.let_pass(DAY_S)
    assert await refused(folder, claim, times) == "claim-expired"
    assert await refused(folder, replace(claim, expires=claim.expires + DAY_S), times) == "refused"


async def test_the_claim_of_another_gateway_is_refused_with_what_to_do(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    claim = await est.claim("ward-b")
    with pytest.raises(EnrolmentError, match=r"for 'ward-b', and this box is 'ward-a'.*correct") as raised:
        await enrol(folder, claim, "ward-a", times.gateway())
    assert (raised.value.why, est.tokens) == ("other-gateway", [])


# Who answers is not the controller.


async def test_a_server_with_another_root_gets_no_token(
    folder: IdentityFolder, times: Times, tmp_path: Path
) -> None:
    def answer(said: bytes) -> bytes:
        own = [for_own_key(OTHER, said)] if b"POST" in said else []
        return certs(OTHER.root, OTHER.issuing, *own)

    ours = new_authority(now())[0]
    async with stranger(tmp_path, server_identity(OTHER, HOST), answer) as other:
        token = "A" * 22
        claim = Claim("ward-a", other.address, "mqtts://h:1", token, ours.fingerprint, 2**39)
        assert await refused(folder, claim, times) == "untrusted"
        assert other.heard.startswith(b"GET /.well-known/est/cacerts")
        assert b"Authorization" not in other.heard
        # The same server gets it from a box that was told to trust it: only the fingerprint stood between.
        await enrol(folder, replace(claim, root=OTHER.fingerprint), None, times.gateway())
        assert base64.b64encode(b"ward-a:" + token.encode()) in other.heard


@pytest.mark.parametrize(
    ("named", "of", "age"),
    [(HOST, OTHER, 0), ("10.0.0.99", None, 0), (HOST, None, 2 * LIFE.days)],
    ids=["other-root", "other-host", "expired"],
)
async def test_a_server_that_shows_the_right_root_and_is_not_under_it_or_not_this_host_gets_no_token(
    est: Est, folder: IdentityFolder, times: Times, tmp_path: Path, named: str, of: Authority | None, age: int
) -> None:
    """The root is public: whoever can be in between can show it."""
    old = new_authority(now() - 3 * LIFE)[0]
    ours = old if age else est.authority
    shown = server_identity(of or ours, named, age=age * LIFE / LIFE.days)
    async with stranger(tmp_path, shown, lambda _: certs(ours.root, ours.issuing)) as other:
        claim = replace(await est.claim("ward-a"), est=other.address, root=ours.fingerprint)
        assert await refused(folder, claim, times) == "untrusted"
    assert other.heard.count(b"HTTP/1.1") == 1
    assert b"Authorization" not in other.heard


async def test_a_box_without_the_time_enrols_all_the_same(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    times.unset = True
    claim = await est.claim("ward-a")
    assert (await enrol(folder, claim, None, times.gateway())).gateway == "ward-a"


async def test_without_the_time_an_expired_server_is_believed_and_another_host_s_is_not(
    folder: IdentityFolder, times: Times, tmp_path: Path
) -> None:
    times.unset = True
    ours = new_authority(now() - 3 * LIFE)[0]
    for named, told in ((HOST, True), ("10.0.0.99", False)):
        shown = server_identity(ours, named, age=2 * LIFE)
        async with stranger(tmp_path, shown, lambda _: certs(ours.root, ours.issuing)) as other:
            claim = Claim("ward-a", other.address, "mqtts://h:1", "A" * 22, ours.fingerprint, 2**39)
            await refused(folder, claim, times)
        assert (b"Authorization" in other.heard) == told


# The right server answers wrongly.


@pytest.mark.parametrize(
    "give",
    [
        lambda a, _: a.client("ward-a", new_key().public_key(), now(), LIFE),
        lambda a, said: a.client("ward-b", key_of(said).public_key(), now(), LIFE),
        lambda a, said: a.server(["ward-a"], key_of(said).public_key(), now(), LIFE),
        lambda _, said: for_own_key(OTHER, said),
    ],
    ids=["another-key", "another-name", "for-servers", "another-root"],
)
async def test_a_certificate_that_is_not_ours_is_not_kept(
    folder: IdentityFolder,
    times: Times,
    tmp_path: Path,
    give: Callable[[Authority, bytes], x509.Certificate],
) -> None:
    ours = new_authority(now())[0]
    made = [give]

    def answer(said: bytes) -> bytes:
        own = [made[0](ours, said)] if b"POST" in said else []
        return certs(ours.root, ours.issuing, *own)

    async with stranger(tmp_path, server_identity(ours, HOST), answer) as other:
        claim = Claim("ward-a", other.address, "mqtts://h:1", "A" * 22, ours.fingerprint, 2**39)
        assert await refused(folder, claim, times) == "bad-answer"
        made[0] = for_own_key
        await enrol(folder, claim, None, times.gateway())


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\n\r\n" + b"A" * 70_000, b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 302 Found\r\n\r\n"],
    ids=["endless", "no-http", "elsewhere"],
)
async def test_an_answer_that_is_none_is_refused_before_the_token(
    folder: IdentityFolder, times: Times, tmp_path: Path, answer: bytes
) -> None:
    async with stranger(tmp_path, server_identity(OTHER, HOST), lambda _: answer) as other:
        claim = Claim("ward-a", other.address, "mqtts://h:1", "A" * 22, OTHER.fingerprint, 2**39)
        assert await refused(folder, claim, times) == "untrusted"
    assert b"Authorization" not in other.heard


async def test_nobody_there_is_tried_again(folder: IdentityFolder, times: Times, est: Est) -> None:
    claim = replace(await est.claim("ward-a"), est="https://127.0.0.1:1")
    with pytest.raises(Unreachable, match=r"https://127.0.0.1:1: .*Connect call failed"):
        await enrol(folder, claim, None, times.gateway())


async def test_a_server_that_takes_the_connection_and_says_nothing_is_left_alone() -> None:
    async with await asyncio.start_server(lambda *_: asyncio.Event().wait(), HOST, 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match=r"did not answer within 0.2 s"):
            await EstClient(f"https://{HOST}:{port}", timeout_s=0.2).pinned("0" * 64)


# Killed on the way.


async def test_killed_at_every_step_the_box_has_no_identity_or_a_whole_one_and_the_same_claim_works_again(
    tmp_path: Path, times: Times
) -> None:
    async with controller_est(tmp_path, times) as est:
        (tmp_path / "whole").mkdir()
        passed = await _killed(est, tmp_path / "whole", "whole", times, None)
        aims = [(point, nth + 1) for point, count in passed.items() for nth in range(count)]
        assert len(aims) > 20
        for number, aim in enumerate(aims):
            name = f"box-{number}"
            (tmp_path / name).mkdir()
            await _killed(est, tmp_path / name, name, times, aim)
            assert await est.issued(name) == 1
        assert est.alerts == []


async def _killed(
    est: Est, root: Path, name: str, times: Times, aim: tuple[str, int] | None
) -> dict[str, int]:
    """Enrol on a disk that crashes before `aim`, then again after the crash."""
    folder, claim, clock = IdentityFolder(root / "identity"), await est.claim(name), times.gateway()
    disk = Disk(root, random.Random(1), lambda: 0)
    with disk.in_use():
        if aim:
            disk.aim(*aim, "before")
        with suppress(Crash):
            await enrol(folder, claim, None, clock)
        disk.close_all()
    try:
        folder.load()
    except NotEnrolled:
        await enrol(folder, claim, None, clock)
    assert folder.load().gateway == name
    return dict(disk.passed)


async def test_a_disk_that_refuses_is_told_and_nothing_is_spent(
    est: Est, folder: IdentityFolder, times: Times
) -> None:
    folder.path.parent.mkdir(parents=True)
    folder.path.write_text("a file where the folder should be")
    with pytest.raises((OSError, GatewayError)):
        await enrol(folder, await est.claim("ward-a"), None, times.gateway())
    assert est.tokens == []
