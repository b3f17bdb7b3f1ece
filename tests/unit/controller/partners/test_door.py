"""controller/partners/door.py, identity/sites.py: who gets in, and what nobody gets through."""

import asyncio
import ssl
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from controller.api.routes import TABLE
from controller.errors import PartnerSilent
from controller.identity.authority import Authority, new_key
from controller.identity.certificates import moment
from controller.identity.pems import key_pem, pem
from controller.identity.sites import SITE, partner_context, site_certificate
from controller.partners.messages import LARGEST
from controller.partners.sender import PATH
from controller.partners.states import PartnerState
from tests.support.sites import Site, agree, befriend, site, step
from tests.unit.controller.partners.conftest import Two

EMPTY = orjson.dumps({"kind": "withheld", "body": {}})
LIFE = "0123456789abcdef"


def message(number: int, topic: str = "referral", life: str = LIFE) -> str:
    return f"{PATH}/{life}/{topic}/{number}"


async def said(a: Site, b: Site, path: str, body: bytes = EMPTY) -> tuple[int, Mapping[str, Any]]:
    """What `a`, by its own certificate, is answered."""
    async with await a.line(b) as line:
        return await line.post(path, body)


def show(a: Site, authority: Authority, name: str, *, days_ago: int = 0, gateway: bool = False) -> None:
    """From now on `a` shows a certificate of that authority, for that name."""
    key, now = new_key(), moment(a.clock.utc_us() // 1_000_000) - timedelta(days=days_ago)
    life = timedelta(days=90)
    make = authority.client if gateway else None
    one = (
        make(name, key.public_key(), now, life)
        if make
        else site_certificate(authority, name, key.public_key(), now, life)
    )
    (a.own.folder / SITE).write_text(key_pem(key) + pem(one, *authority.above))


async def test_without_a_certificate_nobody_speaks_here(two: Two) -> None:
    a, b = two
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=(await a.partner(b)).root)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            async with session.post(f"https://{b.own.address}{PATH}/hello", ssl=context) as response:
                await response.read()


async def test_nobody_speaks_less_than_tls_1_3(two: Two) -> None:
    a, b = two
    context = partner_context(a.own.folder, (await a.partner(b)).root)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await asyncio.open_connection("127.0.0.1", b.port, ssl=context)


async def test_a_gateway_of_the_partner_is_not_the_partner_even_under_its_name(two: Two) -> None:
    a, b = two
    show(a, a.authority, "hospital-a", gateway=True)
    status, told = await said(a, b, f"{PATH}/hello")
    assert (status, told["error"]["code"]) == (403, "not-a-partner")


async def test_a_certificate_of_our_own_authority_is_none_of_a_partner(two: Two) -> None:
    a, b = two
    show(a, b.authority, "hospital-a")
    with pytest.raises(PartnerSilent):
        await said(a, b, f"{PATH}/hello")


async def test_one_partner_is_not_another_whatever_its_certificate_says(two: Two, tmp_path: Path) -> None:
    _, b = two
    async with site(tmp_path / "c", "hospital-c", "Hospital C") as c:
        await befriend(b, c)
        assert (await said(c, b, f"{PATH}/hello"))[0] == 200
        show(c, c.authority, "hospital-a")
        status, told = await said(c, b, message(1))
        assert (status, told["error"]["code"]) == (403, "not-a-partner")
    assert await b.rows("SELECT * FROM partner_received") == []


async def test_a_certificate_that_has_ended_opens_nothing(two: Two) -> None:
    a, b = two
    show(a, a.authority, "hospital-a", days_ago=91)
    with pytest.raises(PartnerSilent):
        await said(a, b, f"{PATH}/hello")


async def test_who_was_never_agreed_with_here_gets_nowhere(tmp_path: Path) -> None:
    one, other = site(tmp_path / "a", "hospital-a", "A"), site(tmp_path / "b", "hospital-b", "B")
    async with one as a, other as b:
        await agree(a, b)  # b has not agreed
        with pytest.raises(PartnerSilent):
            await a.deliver(b)


@pytest.mark.parametrize("state", [PartnerState.SUSPENDED, PartnerState.ENDED])
async def test_who_is_suspended_or_ended_is_out_at_once_on_an_open_connection(
    two: Two, state: PartnerState
) -> None:
    a, b = two
    async with await a.line(b) as line:
        assert (await line.post(f"{PATH}/hello", b"{}"))[0] == 200
        await step(b, a, state)
        assert (await line.post(f"{PATH}/hello", b"{}"))[0] == 403
        assert (await line.post(message(1), EMPTY))[0] == 403
    assert await b.rows("SELECT * FROM partner_received") == []


async def test_of_all_our_api_and_pages_a_partner_reaches_nothing(two: Two) -> None:
    a, b = two
    context = partner_context(a.own.folder, (await a.partner(b)).root)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        for route in TABLE:
            path = route.path.replace("{path:.+}", "x").replace("{", "").replace("}", "")
            async with session.request(route.method, f"https://{b.own.address}{path}") as response:
                assert response.status == 404, route.path
            b.clock.let_pass(1000)


async def test_an_old_number_with_other_content_is_refused_and_in_the_trail(two: Two) -> None:
    a, b = two
    assert (await said(a, b, message(1)))[1]["outcome"] == "taken"
    assert (await said(a, b, message(1)))[1]["outcome"] == "taken"
    other = orjson.dumps({"body": {}, "kind": "withheld"})
    status, told = await said(a, b, message(1), other)
    assert (status, told["error"]["code"]) == (409, "replayed")
    assert ("partner-replayed", "site:hospital-a") in await b.actions("refused")
    assert len(await b.rows("SELECT * FROM partner_received")) == 1


async def test_a_number_that_is_not_the_next_one_waits_for_those_before(two: Two) -> None:
    a, b = two
    status, told = await said(a, b, message(3))
    assert (status, told["expects"]) == (412, 1)


@pytest.mark.parametrize(
    "path",
    [
        f"{PATH}/{LIFE}/payments/1",
        f"{PATH}/{LIFE}/referral/0",
        f"{PATH}/short/referral/1",
        "/",
        "/api/snapshot",
    ],
)
async def test_what_is_no_message_is_not_found(two: Two, path: str) -> None:
    a, b = two
    async with await a.line(b) as line:
        try:
            status, _ = await line.post(path, EMPTY)
        except PartnerSilent:
            return  # no JSON: aiohttp's own 404
        assert status == 404


async def test_too_large_a_message_is_not_read(two: Two) -> None:
    a, b = two
    status, told = await said(a, b, message(1), b" " * (LARGEST + 1))
    assert (status, told["error"]["code"]) == (413, "too-large")


async def test_a_partner_that_asks_too_often_is_slowed_down_alone(two: Two) -> None:
    a, b = two
    async with await a.line(b) as line:
        statuses = [200]
        while statuses[-1] == 200 and len(statuses) < 3000:
            statuses.append((await line.post(f"{PATH}/hello", b"{}"))[0])
    assert statuses[-1] == 429


async def test_a_message_that_can_never_be_taken_stops_nothing_behind_it(two: Two) -> None:
    a, b = two
    bad = orjson.dumps({"kind": "referral", "body": {"number": 7}})
    _, told = await said(a, b, message(1), bad)
    assert told["outcome"] == "refused"
    assert (await said(a, b, message(2)))[1]["outcome"] == "taken"
    assert ("partner-message", "site:hospital-a") in await b.actions("refused")
