"""One login by the provider: out with the browser, back with a code, and then who it is."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from joserfc.jwk import KeySet

from controller.clock import Clock
from controller.errors import LoginRefused, ProviderError
from controller.sections import OidcSection
from controller.security.oidc.id_token import Claims, Expected, UnknownKey, check_id_token
from controller.security.oidc.logout_token import LogoutToken, check_logout_token
from controller.security.oidc.mapping import Identity, identity
from controller.security.oidc.pending import Pending, PendingLogins
from controller.security.oidc.provider import Metadata, Provider

T = TypeVar("T")


class OidcLogin:
    """The authorization code flow with PKCE (OIDC Core 1.0, section 3.1; RFC 7636; RFC 9207)."""

    def __init__(self, section: OidcSection, provider: Provider, clock: Clock) -> None:
        self.section = section
        self._provider = provider
        self._clock = clock
        self._pending = PendingLogins(clock)

    async def begin(self, address: str, redirect: str, replaces: str | None = None) -> tuple[str, str]:
        """Where the browser at `address` has to go, and the state for its cookie. Raises ProviderError.

        `replaces` is the token of its present session, if it has one.
        """
        endpoint = (await self._provider.metadata()).authorization_endpoint
        pending = self._pending.begin(address, replaces)
        asked = {
            "response_type": "code",
            "client_id": self.section.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(self.section.scopes),
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": pending.challenge,
            "code_challenge_method": "S256",
        }
        return _with(endpoint, asked), pending.state

    async def finish(
        self, came: Mapping[str, str], cookie: str, redirect: str
    ) -> tuple[Identity, str | None]:
        """Who logged in, and which session ends by it. `came` is the query of the callback.

        Raises LoginRefused, ProviderError.
        """
        pending = self._pending.take(came.get("state", ""), cookie)
        _check_issuer(came, await self._provider.metadata())
        if "error" in came or not came.get("code"):
            why = came.get("error", "no code")
            raise LoginRefused("provider", f"the identity provider let nobody in ({why!r:.100})")
        token = await self._provider.exchange(came["code"], pending.verifier, redirect)
        return identity(await self._checked(token, pending), self.section), pending.replaces

    async def farewell(self, back: str) -> str | None:
        """Where the browser ends its session at the provider (OIDC RP-Initiated Logout 1.0), if it can."""
        try:
            endpoint = (await self._provider.metadata()).end_session_endpoint
        except ProviderError:
            return None  # it cannot be asked: the session here has ended all the same
        if endpoint is None:
            return None
        return _with(endpoint, {"client_id": self.section.client_id, "post_logout_redirect_uri": back})

    async def logged_out(self, token: str) -> LogoutToken:
        """Whose sessions the provider ends. Raises LoginRefused, ProviderError."""
        section, now_s = self.section, self._clock.utc_us() // 1_000_000
        return await self._held_to(
            lambda keys: check_logout_token(token, keys, section.issuer, section.client_id, now_s)
        )

    async def _checked(self, token: str, pending: Pending) -> Claims:
        expected = Expected(self.section.issuer, self.section.client_id, pending.nonce)
        now_s = self._clock.utc_us() // 1_000_000
        return await self._held_to(lambda keys: check_id_token(token, keys, expected, now_s))

    async def _held_to(self, check: Callable[[KeySet], T]) -> T:
        """What `check` finds with the provider's keys, which it may have changed just now."""
        try:
            return check(await self._provider.keys())
        except UnknownKey:
            keys = await self._provider.newer_keys()
            if keys is None:
                raise
            return check(keys)


def _check_issuer(came: Mapping[str, str], metadata: Metadata) -> None:
    """RFC 9207, section 2.4: an answer of another provider is not taken to this one."""
    issuer = came.get("iss")
    if issuer is None and not metadata.authorization_response_iss_parameter_supported:
        return
    if issuer != metadata.issuer:
        raise LoginRefused("iss", f"expected an answer of {metadata.issuer!r}, got one of {issuer!r:.200}")


def _with(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"
