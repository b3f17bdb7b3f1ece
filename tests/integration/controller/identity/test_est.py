"""Enrolment over secure transport: what a gateway gets, and everything that gets nothing."""

import asyncio
import ssl

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from controller.identity.authority import ISSUING_LIFE, name_of
from controller.identity.est import BASE
from controller.identity.requests import LARGEST
from tests.integration.controller.identity.conftest import BY, Est
from tests.support.signing import forged_request, p256, signing_request


class TestCacerts:
    async def test_they_are_the_issuing_certificate_and_the_root(self, est: Est) -> None:
        answer = await est.ask("cacerts")
        assert set(answer.certificates) == {est.authority.issuing, est.authority.root}
        assert answer.headers["Content-Type"] == "application/pkcs7-mime; smime-type=certs-only"
        assert answer.headers["Content-Transfer-Encoding"] == "base64"


class TestEnrolment:
    async def test_a_claim_gives_one_certificate_for_the_gateways_own_key(self, est: Est) -> None:
        key = p256()
        [given] = (await est.enrol(await est.claim(), signing_request(key, "ward-a"))).certificates
        assert (name_of(given), given.public_key()) == ("ward-a", key.public_key())
        given.verify_directly_issued_by(est.authority.issuing)
        assert await est.trail() == ["gateway-enrolled done"]

    async def test_the_broker_is_told_of_it_before_the_gateway_is(self, est: Est) -> None:
        await est.enrol(await est.claim())
        assert est.known == [1]

    async def test_asking_again_with_the_same_key_gives_the_same(self, est: Est) -> None:
        claim, request = await est.claim(), signing_request(p256(), "ward-a")
        answers = [await est.enrol(claim, request) for _ in range(3)]
        assert len({answer.certificates[0] for answer in answers}) == 1
        assert est.alerts == []

    async def test_a_reply_that_is_lost_costs_nothing(self, est: Est) -> None:
        """The connection dies when the certificate has been made and before anybody reads it."""
        claim, request = await est.claim(), signing_request(p256(), "ward-a")
        login = aiohttp.encode_basic_auth("ward-a", claim.token)
        reader, writer = await asyncio.open_connection("localhost", est.port, ssl=est.client())
        head = f"POST {BASE}/simpleenroll HTTP/1.1\r\nHost: localhost\r\nAuthorization: {login}\r\n"
        head += f"Content-Type: application/pkcs10\r\nContent-Length: {len(request)}\r\n\r\n"
        writer.write(head.encode() + request)
        async with asyncio.timeout(20):
            while not await est.certificates():  # noqa: ASYNC110 - a row is no event
                await asyncio.sleep(0.01)
        writer.transport.abort()
        [row] = await est.certificates()
        [given] = (await est.enrol(claim, request)).certificates
        assert f"{given.serial_number:x}" == row["serial"]
        assert len(await est.certificates()) == 1
        assert reader

    async def test_of_many_who_have_the_token_at_once_one_gets_a_certificate(self, est: Est) -> None:
        claim = await est.claim()
        answers = await asyncio.gather(*(est.enrol(claim) for _ in range(3)))
        assert sorted(answer.status for answer in answers) == [200, 403, 403]
        assert len(await est.certificates()) == 1

    async def test_a_stolen_token_is_refused_and_raises_an_alert(self, est: Est) -> None:
        claim = await est.claim()
        assert (await est.enrol(claim)).status == 200
        thief = await est.enrol(claim)
        assert (thief.status, thief.text[:11]) == (403, "used-token:")
        assert est.alerts == [("claim-used-twice", "ward-a")]
        assert await est.trail() == ["gateway-enrolled done", "gateway-enrolled refused used-token"]

    @pytest.mark.parametrize(
        ("login", "code"),
        [
            (("ward-a", "A" * 22), "unknown-token"),
            (("ward-a", ""), "unknown-token"),
            (("ward-b", "{token}"), "foreign-token"),
            (("ward-a", "{token}x"), "unknown-token"),
        ],
    )
    async def test_another_token_or_another_gateways_is_refused(
        self, est: Est, login: tuple[str, str], code: str
    ) -> None:
        claim = await est.claim()
        await est.claim("ward-b")
        request = signing_request(p256(), login[0])
        sent = login[0], login[1].format(token=claim.token)
        answer = await est.ask("simpleenroll", request, login=sent)
        assert (answer.status, answer.text.partition(":")[0]) == (401, code)
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert await est.trail() == [f"gateway-enrolled refused {code}"]
        assert (await est.enrol(claim)).status == 200

    async def test_a_token_is_good_for_24_hours(self, est: Est) -> None:
        claim = await est.claim()
        est.clock.let_pass(hours=24)
        assert (await est.enrol(claim)).text.startswith("expired-token:")
        est.clock.let_pass(seconds=-10)
        assert (await est.enrol(claim)).status == 200

    @pytest.mark.parametrize(
        ("request_", "status", "code"),
        [
            (signing_request(p256(), "ward-b"), 403, "foreign-name"),
            (signing_request(p256(), "controller"), 403, "foreign-name"),
            (signing_request(rsa.generate_private_key(65537, 2048), "ward-a"), 400, "bad-key"),
            (forged_request(p256().public_key(), "ward-a"), 400, "bad-possession"),
            (b"x" * LARGEST, 400, "bad-encoding"),
            (b"", 400, "bad-encoding"),
        ],
    )
    async def test_a_bad_request_is_refused_with_its_reason_and_spends_no_token(
        self, est: Est, request_: bytes, status: int, code: str
    ) -> None:
        claim = await est.claim()
        answer = await est.ask("simpleenroll", request_, login=("ward-a", claim.token))
        assert (answer.status, answer.text.partition(":")[0]) == (status, code)
        assert (await est.enrol(claim)).status == 200

    async def test_who_names_nobody_or_no_gateway_is_asked_who_it_is(self, est: Est) -> None:
        request = signing_request(p256(), "ward-a")
        for login in (None, ("#", "x"), ("../ward-a", "x"), ("", "x")):
            answer = await est.ask("simpleenroll", request, login=login)
            assert (answer.status, "WWW-Authenticate" in answer.headers) == (401, True)
        for header in ("Basic", "Basic ///", "Bearer x", "Basic " + "A" * 4000):
            assert (await est.ask("simpleenroll", request, Authorization=header)).status == 401
        assert await est.trail() == []

    async def test_a_body_above_the_limit_is_refused(self, est: Est) -> None:
        claim = await est.claim()
        padded = signing_request(p256(), "ward-a") + b"\n" * LARGEST
        assert (await est.enrol(claim, padded)).status == 413
        assert (await est.enrol(claim, padded[:LARGEST])).status == 200

    async def test_another_type_of_body_is_refused(self, est: Est) -> None:
        claim, request = await est.claim(), signing_request(p256(), "ward-a")
        login = "ward-a", claim.token
        answer = await est.ask("simpleenroll", request, login=login, **{"Content-Type": "text/plain"})
        assert answer.status == 415

    async def test_when_the_authority_is_over_it_says_later_and_keeps_the_token(self, est: Est) -> None:
        est.clock.let_pass(days=ISSUING_LIFE.days)
        claim = await est.claim()
        assert (await est.enrol(claim)).status == 503
        est.clock.let_pass(days=-1)
        assert (await est.enrol(claim)).status == 200


class TestLimits:
    async def test_who_guesses_is_slowed_down_and_nobody_else(self, est: Est) -> None:
        claim, other = await est.claim(), await est.claim("ward-b")
        request = signing_request(p256(), "ward-a")
        statuses = [
            (await est.ask("simpleenroll", request, login=("ward-a", f"{n:022}"))).status for n in range(5)
        ]
        assert statuses == [401, 401, 401, 429, 429]
        held = await est.enrol(claim)
        assert (held.status, int(held.headers["Retry-After"]) > 0) == (429, True)
        assert (await est.enrol(other)).status == 200
        est.clock.let_pass(seconds=60)
        assert (await est.enrol(claim)).status == 200

    async def test_one_address_cannot_fill_the_trail_with_many_names(self, est: Est) -> None:
        request = signing_request(p256())
        statuses = [(await est.ask("simpleenroll", request, login=(f"g-{n}", "x"))).status for n in range(30)]
        assert statuses[-1] == 429
        assert len(await est.trail()) < 20

    async def test_a_body_that_does_not_come_is_not_waited_for(
        self, est: Est, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("controller.identity.est.BODY_S", 0.2)
        login = aiohttp.encode_basic_auth("ward-a", (await est.claim()).token)
        reader, writer = await asyncio.open_connection("localhost", est.port, ssl=est.client())
        head = f"POST {BASE}/simpleenroll HTTP/1.1\r\nHost: localhost\r\nAuthorization: {login}\r\n"
        writer.write(f"{head}Content-Type: application/pkcs10\r\nContent-Length: 99\r\n\r\nhalf".encode())
        assert (await reader.readline()).split()[1] == b"408"
        writer.close()

    async def test_nothing_else_is_served(self, est: Est) -> None:
        for what in ("csrattrs", "serverkeygen", "fullcmc", "", "../../api/me"):
            assert (await est.ask(what)).status == 404
        assert (await est.ask("simpleenroll")).status == 405

    @pytest.mark.parametrize(
        ("newest", "works"), [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)]
    )
    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
    async def test_tls_below_1_2_is_refused(self, est: Est, newest: ssl.TLSVersion, works: bool) -> None:
        tls = est.client()
        tls.set_ciphers("DEFAULT:@SECLEVEL=0")
        tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1_1, newest
        if works:
            assert (await est.ask("cacerts", tls=tls)).status == 200
        else:
            with pytest.raises(OSError, match=r"(?i)ssl|tls|protocol"):
                await est.ask("cacerts", tls=tls)


async def test_a_gateway_that_was_decommissioned_gets_in_by_no_way(est: Est) -> None:
    shown = est.client(await est.identity())
    unused = await est.claim()
    request = signing_request(p256(), "ward-a")
    assert (await est.ask("simplereenroll", request, tls=shown)).status == 200
    await est.service.decommission("ward-a", BY)
    assert (await est.ask("simplereenroll", request, tls=shown)).text.startswith("revoked:")
    assert (await est.enrol(unused)).text.startswith("ended-token:")
