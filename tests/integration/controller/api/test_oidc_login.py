"""Logging in by an identity provider: the right way opens, each lie and each trick is refused beside it."""

import hmac
import logging
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OctKey

from controller.api.context import CONTEXT
from controller.api.oidc_login import STATE_COOKIE
from controller.sections import LoginSection, OidcSection
from controller.security.accounts import By
from controller.security.cookie import COOKIE
from controller.security.oidc import provider as provider_module
from controller.security.oidc.pending import LIFE_S
from controller.security.oidc.provider import KEPT_US
from controller.security.permissions import Role
from tests.support.controller import RunningController, running
from tests.support.http import client, get, refusal, status
from tests.support.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    IdentityProvider,
    new_key,
    provider_running,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
WARDS = {"ward-a": ["a-people"]}
ROLES = {Role.NURSE: ["ward-staff"], Role.ENGINEER: ["technicians", "a-people"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_provider() -> AsyncIterator[IdentityProvider]:
    async with provider_running() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_controller(
    tmp_path_factory: pytest.TempPathFactory, one_provider: IdentityProvider
) -> AsyncIterator[RunningController]:
    folder = tmp_path_factory.mktemp("oidc")
    async with running(folder, viewer=Role.VIEWER) as started:
        await started.add_bed("bed-1", "Bed 1", ["ox-1"])
        secret = folder / "secret"
        secret.write_text(CLIENT_SECRET)
        secret.chmod(0o600)
        started.oidc = OidcSection(
            issuer=one_provider.issuer, client_id=CLIENT_ID, secret_file=secret, roles=ROLES, wards=WARDS
        )
        await configured(started)
        yield started


@pytest.fixture
def provider(one_provider: IdentityProvider) -> IdentityProvider:
    """One for all tests, each of which finds it honest."""
    one_provider.tell_the_truth()
    return one_provider


@pytest.fixture
def controller(one_controller: RunningController, provider: IdentityProvider) -> RunningController:
    """One for all tests. So much later each time, that it has forgotten what the provider said."""
    one_controller.clock.let_pass(KEPT_US / 1_000_000 + 1)
    return one_controller


async def configured(controller: RunningController, **changed: Any) -> None:
    """Start again, with another [oidc]."""
    assert controller.oidc is not None
    controller.oidc = controller.oidc.model_copy(update=changed)
    controller.login = LoginSection(address=controller.address)
    await controller.stop()
    await controller.start()


async def to_provider(browser: aiohttp.ClientSession) -> str:
    """The address at the provider that a login is led to."""
    async with browser.get("/oidc/login", allow_redirects=False) as response:
        assert response.status == 302
        return response.headers["Location"]


async def at_provider(address: str) -> str:
    """The address that the provider sends the browser back to."""
    async with aiohttp.ClientSession() as there, there.get(address, allow_redirects=False) as response:
        return response.headers["Location"]


async def back(browser: aiohttp.ClientSession, address: str) -> str:
    """ "in", or the code of the refusal."""
    async with browser.get(address, allow_redirects=False) as response:
        if response.status == 200:
            assert COOKIE in response.cookies
            return "in"
        assert response.status == 302
        assert COOKIE not in response.cookies
        return response.headers["Location"].removeprefix("/login?refused=")


async def log_in(browser: aiohttp.ClientSession) -> str:
    started = await to_provider(browser)
    return started if started.startswith("/login") else await back(browser, await at_provider(started))


async def test_the_provider_s_person_is_in_with_the_roles_and_wards_of_their_groups(
    controller: RunningController, provider: IdentityProvider
) -> None:
    provider.people["anna"] = {"groups": ["a-people", "ward-staff", "choir"]}
    async with client(controller) as browser:
        assert await log_in(browser) == "in"
        me = await get(browser, "/api/me")
    assert (me["user"], me["roles"], me["wards"]) == ("anna", ["engineer", "nurse"], ["ward-a"])
    assert not me["password"]


def unsigned(provider: IdentityProvider) -> None:
    def sign(claims: Claims) -> str:
        header, payload, _ = provider.signed(claims).split(".")
        assert header
        return f"eyJhbGciOiJub25lIn0.{payload}."  # {"alg":"none"}

    provider.sign = sign


def hs256(secret: Callable[[IdentityProvider], bytes]) -> Callable[[IdentityProvider], None]:
    """Made by hand: the library does not sign with a secret that is a public key."""

    def set_up(provider: IdentityProvider) -> None:
        def sign(claims: Claims) -> str:
            body = ".".join(
                base64url(orjson.dumps(part)) for part in ({"alg": "HS256", "kid": "first"}, claims)
            )
            return f"{body}.{base64url(hmac.digest(secret(provider), body.encode(), 'sha256'))}"

        provider.sign = sign

    return set_up


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def signed_by_another(provider: IdentityProvider) -> None:
    other = new_key("first")
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, other)


def brings_its_own_key(provider: IdentityProvider) -> None:
    other = new_key("first")
    header = {"alg": "RS256", "kid": "first", "jwk": other.as_dict(private=False)}
    provider.sign = lambda claims: jwt.encode(header, claims, other)


def publishes_a_shared_secret(provider: IdentityProvider) -> None:
    shared = OctKey.generate_key(256, {"kid": "shared"})
    provider.published.append(shared.as_dict(private=True))
    provider.sign = lambda claims: jwt.encode({"alg": "HS256", "kid": "shared"}, claims, shared, ["HS256"])


def unpublished(provider: IdentityProvider) -> None:
    other = new_key("unheard-of")
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "unheard-of"}, claims, other)


def signs_rs384(provider: IdentityProvider) -> None:
    header = {"alg": "RS384", "kid": "first"}
    provider.sign = lambda claims: jwt.encode(header, claims, provider.key, ["RS384"])


def says(**claims: object) -> Callable[[IdentityProvider], None]:
    """Claims that it changes; None: leaves out."""

    def set_up(provider: IdentityProvider) -> None:
        provider.lie = lambda told: told | claims

    return set_up


def shifts(**seconds: int) -> Callable[[IdentityProvider], None]:
    def set_up(provider: IdentityProvider) -> None:
        provider.lie = lambda told: told | {name: told[name] + by for name, by in seconds.items()}

    return set_up


def adds_a_slash(provider: IdentityProvider) -> None:
    provider.lie = lambda told: told | {"iss": told["iss"] + "/"}


def lists_the_nonce(provider: IdentityProvider) -> None:
    provider.lie = lambda told: told | {"nonce": [told["nonce"], "another"]}


LIES: dict[str, tuple[str, Callable[[IdentityProvider], None]]] = {
    "alg none": ("signature", unsigned),
    "HS256 with the public key as PEM": ("signature", hs256(lambda p: p.key.as_pem(private=False))),
    "HS256 with the client secret": ("signature", hs256(lambda _: CLIENT_SECRET.encode())),
    "HS256 with a published secret": ("signature", publishes_a_shared_secret),
    "an algorithm that is not on the list": ("signature", signs_rs384),
    "another key": ("signature", signed_by_another),
    "its own key in the header": ("signature", brings_its_own_key),
    "a key that nobody published": ("key", unpublished),
    "another issuer": ("iss", says(iss="https://elsewhere.example")),
    "the issuer with a slash more": ("iss", adds_a_slash),
    "another audience": ("aud", says(aud="another client")),
    "several audiences, made for nobody": ("azp", says(aud=[CLIENT_ID, "another client"])),
    "made for another": ("azp", says(azp="another client")),
    "expired": ("claims", shifts(exp=-400, iat=-400)),
    "made in the future": ("claims", shifts(iat=3600, exp=3600)),
    "made long ago and valid for years": ("claims", shifts(iat=-90_000, exp=10**8)),
    "no expiry": ("claims", says(exp=None)),
    "an expiry that is no number": ("claims", says(exp="2099-01-01")),
    "another login's nonce": ("nonce", says(nonce="a" * 43)),
    "no nonce": ("claims", says(nonce=None)),
    "several nonces": ("nonce", lists_the_nonce),
    "no subject": ("claims", says(sub=None)),
    "an endless subject": ("sub", says(sub="a" * 256)),
    "no name": ("name", says(preferred_username=None)),
    "a name like a token's": ("name", says(preferred_username="token:ehr")),
}


@pytest.mark.parametrize("lie", LIES)
async def test_an_id_token_that_does_not_hold_is_refused_and_a_right_one_beside_it_is_not(
    controller: RunningController, provider: IdentityProvider, lie: str
) -> None:
    code, set_up = LIES[lie]
    set_up(provider)
    async with client(controller) as browser:
        assert await log_in(browser) == code
        assert await status(browser, "GET", "/api/me") == 401
        provider.tell_the_truth()
        assert await log_in(browser) == "in"


def answers(**options: Any) -> Callable[[IdentityProvider], None]:
    def set_up(provider: IdentityProvider) -> None:
        provider.token_answer = lambda _: web.Response(**options)

    return set_up


def redirects(provider: IdentityProvider) -> None:
    elsewhere = {"Location": f"{provider.issuer}/keys"}
    provider.token_answer = lambda _: web.Response(status=307, headers=elsewhere)


def zips(provider: IdentityProvider) -> None:
    def answer(told: Claims) -> web.StreamResponse:
        response = web.json_response(told)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    provider.token_answer = answer


def tells(**told: Any) -> Callable[[IdentityProvider], None]:
    def set_up(provider: IdentityProvider) -> None:
        provider.discovery = told

    return set_up


BROKEN: dict[str, Callable[[IdentityProvider], None]] = {
    "an error": answers(status=500, text="{}"),
    "no JSON": answers(text="<html>"),
    "a list": answers(text="[]"),
    "no ID token": answers(text='{"access_token": "a"}'),
    "a flood": answers(text='{"id_token": "' + "a" * (provider_module.LARGEST + 1) + '"}'),
    "zipped": zips,
    "a redirect": redirects,
    "slow answers": lambda provider: provider.slow.add("/token"),
    "slow keys": lambda provider: provider.slow.add("/keys"),
    "no keys": lambda provider: provider.published.clear(),
    "keys that are none": lambda provider: provider.published.__setitem__(0, {"kty": "RSA", "n": 3}),
    "another issuer's document": tells(issuer="https://elsewhere.example"),
    "an endpoint without TLS": tells(token_endpoint="http://login.example/token"),
    "an endpoint that is no web address": tells(jwks_uri="file:///etc/passwd"),
    "no endpoint": tells(token_endpoint=None),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_provider_that_does_not_answer_as_it_should_lets_nobody_in_and_is_given_up_soon(
    controller: RunningController, provider: IdentityProvider, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_module, "TIMEOUT_S", 0.3)
    BROKEN[fault](provider)
    async with client(controller) as browser:
        assert (await log_in(browser)).endswith("provider-down")
        assert await status(browser, "GET", "/api/me") == 401
        provider.tell_the_truth()
        controller.clock.let_pass(KEPT_US / 1_000_000 + 1)
        assert await log_in(browser) == "in"


async def test_a_callback_opens_once(controller: RunningController) -> None:
    async with client(controller) as browser, client(controller) as thief:
        callback = await at_provider(await to_provider(browser))
        state = cookie_of(browser)
        assert await back(browser, callback) == "in"
        thief.cookie_jar.update_cookies({STATE_COOKIE: state}, browser._base_url)  # type: ignore[arg-type]
        assert await back(thief, callback) == "state"


def cookie_of(browser: aiohttp.ClientSession) -> str:
    return next(cookie.value for cookie in browser.cookie_jar if cookie.key == STATE_COOKIE)


async def test_a_callback_opens_only_the_browser_that_began_it(controller: RunningController) -> None:
    """Else a page could log its reader in as somebody else."""
    async with client(controller) as attacker, client(controller) as victim, client(controller) as other:
        callback = await at_provider(await to_provider(attacker))
        assert await back(victim, callback) == "state"  # begun nowhere
        await to_provider(other)
        assert await back(other, callback) == "state"  # begun there, but another one
        assert await back(attacker, callback) == "in"


@pytest.mark.parametrize("query", ["", "?code=a", "?state=", "?code=a&state=made-up", "?state=%ff"])
async def test_a_callback_that_nobody_asked_for_is_refused(controller: RunningController, query: str) -> None:
    async with client(controller) as browser:
        assert await back(browser, f"/oidc/callback{query}") == "state"


async def test_a_callback_with_a_parameter_twice_is_refused(controller: RunningController) -> None:
    async with client(controller) as browser:
        callback = await at_provider(await to_provider(browser))
        assert await back(browser, callback + "&code=another") == "callback"


async def test_a_login_that_takes_too_long_is_refused(controller: RunningController) -> None:
    async with client(controller) as browser:
        in_time = await at_provider(await to_provider(browser))
        controller.clock.let_pass(LIFE_S - 5)
        assert await back(browser, in_time) == "in"
        late = await at_provider(await to_provider(browser))
        controller.clock.let_pass(LIFE_S)
        assert await back(browser, late) == "state"


async def test_the_answer_of_another_provider_is_not_taken_to_this_one(
    controller: RunningController, provider: IdentityProvider
) -> None:
    """RFC 9207: the mix-up attack."""
    async with client(controller) as browser:
        provider.callback = {"iss": "https://elsewhere.example"}
        assert await log_in(browser) == "iss"
        provider.callback = {"iss": provider.issuer}
        assert await log_in(browser) == "in"
        provider.discovery = {"authorization_response_iss_parameter_supported": True}
        await configured(controller)
        assert await log_in(browser) == "in"
        provider.callback = {}
        assert await log_in(browser) == "iss"


async def test_a_person_whom_the_provider_refuses_is_told_so(
    controller: RunningController, provider: IdentityProvider
) -> None:
    provider.callback = {"error": "access_denied"}
    async with client(controller) as browser:
        assert await log_in(browser) == "provider"


async def test_another_key_of_the_provider_is_fetched_once(
    controller: RunningController, provider: IdentityProvider
) -> None:
    async with client(controller) as browser:
        assert await log_in(browser) == "in"
        before = provider.asked["/keys"]
        controller.clock.let_pass(10)
        provider.rotate("second")
        assert await log_in(browser) == "in"
        assert provider.asked["/keys"] == before + 1
        unpublished(provider)
        assert [await log_in(browser) for _ in range(3)] == ["key"] * 3
        assert provider.asked["/keys"] == before + 1  # fetched a moment ago
        controller.clock.let_pass(10)
        assert await log_in(browser) == "key"
        assert provider.asked["/keys"] == before + 2


async def test_a_code_is_of_use_only_to_the_login_that_asked_for_it(controller: RunningController) -> None:
    """PKCE: a stolen code, brought into another login of the thief's own."""
    async with client(controller) as victim, client(controller) as thief:
        stolen = (await at_provider(await to_provider(victim))).partition("code=")[2].partition("&")[0]
        own = await at_provider(await to_provider(thief))
        mixed = own.replace(own.partition("code=")[2].partition("&")[0], stolen)
        assert await back(thief, mixed) == "provider-down"


async def test_who_leaves_a_group_loses_its_role_and_whoever_has_none_is_refused(
    controller: RunningController, provider: IdentityProvider
) -> None:
    async with client(controller) as browser:
        provider.people["anna"] = {"groups": ["technicians", "ward-staff"]}
        assert await log_in(browser) == "in"
        provider.people["anna"] = {"groups": ["technicians"]}
        assert await log_in(browser) == "in"
        assert (await get(browser, "/api/me"))["roles"] == ["engineer"]
        provider.people["anna"] = {"groups": []}
        assert await log_in(browser) == "unknown"
        assert await status(browser, "GET", "/api/ledger") == 401  # nor does the old session help


async def test_a_stranger_is_refused_or_gets_an_account_without_a_role(
    controller: RunningController, provider: IdentityProvider
) -> None:
    provider.people["bert"], provider.who = {}, "bert"
    async with client(controller) as browser:
        assert await log_in(browser) == "unknown"
        await configured(controller, unknown="create")
        assert await log_in(browser) == "no-role"
        accounts = controller.app[CONTEXT].accounts
        await accounts.change("bert", [Role.NURSE], ["ward-a"], By("boss"))
        assert await log_in(browser) == "in"
        assert (await get(browser, "/api/me"))["roles"] == ["nurse"]  # an administrator's word stays
        await configured(controller, unknown="refuse")


async def test_the_name_of_an_account_here_does_not_open_it(
    controller: RunningController, provider: IdentityProvider
) -> None:
    provider.people["viewer"], provider.who = {"groups": ["ward-staff"]}, "viewer"
    async with client(controller) as browser:
        assert await log_in(browser) == "taken"


async def test_a_person_who_is_renamed_at_the_provider_is_the_same_here(
    controller: RunningController, provider: IdentityProvider
) -> None:
    async with client(controller) as browser:
        assert await log_in(browser) == "in"
        provider.people["anna"]["preferred_username"] = "anna.married"
        assert await log_in(browser) == "in"
        assert (await get(browser, "/api/me"))["user"] == "anna"


async def test_a_disabled_account_is_not_opened_by_the_provider(
    controller: RunningController, provider: IdentityProvider
) -> None:
    provider.people["carl"], provider.who = {"groups": ["ward-staff"]}, "carl"
    async with client(controller) as browser:
        assert await log_in(browser) == "in"
        await controller.app[CONTEXT].accounts.set_disabled("carl", By("boss"), disabled=True)
        assert await log_in(browser) == "disabled"


async def test_a_login_ends_the_session_that_the_screen_had(controller: RunningController) -> None:
    async with client(controller, "viewer") as browser, client(controller) as other:
        old = next(cookie.value for cookie in browser.cookie_jar if cookie.key == COOKIE)
        assert await log_in(browser) == "in"
        assert (await get(browser, "/api/me"))["user"] == "anna"
        assert await status(other, "GET", "/api/me", cookies={COOKIE: old}) == 401


async def test_a_logout_ends_the_session_and_leads_to_the_provider_s_logout(
    controller: RunningController, provider: IdentityProvider
) -> None:
    async with client(controller) as browser:
        assert await log_in(browser) == "in"
        async with browser.post("/api/oidc/logout") as response:
            go = (await response.json())["go"]
        assert go.startswith(f"{provider.issuer}/logout?client_id=wardlink+test&post_logout_redirect_uri=")
        assert await status(browser, "GET", "/api/me") == 401


async def test_the_state_s_cookie_is_out_of_reach_of_scripts_and_bound_to_the_host(
    controller: RunningController,
) -> None:
    async with client(controller) as browser, browser.get("/oidc/login", allow_redirects=False) as response:
        cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie


async def test_many_logins_from_one_address_are_slowed(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_us = controller.clock.now_us()
    async with client(controller) as browser:
        monkeypatch.setattr(controller.clock, "now_us", lambda: now_us)
        codes = [await status(browser, "GET", "/oidc/login") for _ in range(61)]
        assert codes == [302] * 60 + [429]
        monkeypatch.setattr(controller.clock, "now_us", lambda: now_us + 1_000_000)
        assert await status(browser, "GET", "/oidc/login") == 302


async def test_without_a_provider_there_is_no_such_way(controller: RunningController, tmp_path: Path) -> None:
    async with client(controller) as browser:
        assert (await get(browser, "/api/login/ways"))["oidc"] == "Hospital login"
    async with running(tmp_path) as without, client(without) as browser:
        assert (await get(browser, "/api/login/ways"))["oidc"] is None
        assert await refusal(browser, "GET", "/oidc/login") == (404, "not-found")


async def test_logins_and_refusals_are_in_the_audit_trail_and_no_secret_is_anywhere(
    controller: RunningController, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = [CLIENT_SECRET]
    provider.sign = lambda claims: seen.append(token := provider.signed(claims)) or token
    async with client(controller) as browser:
        callback = await at_provider(await to_provider(browser))
        seen.append(cookie_of(browser))
        assert await back(browser, callback) == "in"
        says(aud="another client")(provider)
        assert await log_in(browser) == "aud"
    await controller.stop()
    await controller.start()
    rows = await controller.store.read("SELECT entry FROM audit ORDER BY number")
    trail = "\n".join(row["entry"] for row in rows)
    assert '"action":"login","actor":"anna"' in trail
    assert '"detail":{"code":"aud","how":"oidc"}' in trail
    files = [path for path in controller.store.folder.rglob("*") if path.is_file()]
    files = [path for path in files if path.name != "secret"]
    said = "\n".join(record.getMessage() for record in caplog.records if record.name != "aiohttp.access")
    for text in seen:
        assert text not in said  # the controller keeps no access log
        assert all(text.encode() not in path.read_bytes() for path in files)
