"""The identity provider over HTTP: what it says of itself, its keys, and an ID token for a code.

It is asked for little, waited for shortly, and read to a limit: a provider that hangs or floods harms nobody
but those who log in with it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from controller.clock import Clock
from controller.errors import ProviderError
from controller.sections import OidcSection

TIMEOUT_S = 10
LARGEST = 256 * 1024
"""Bytes of an answer."""
KEPT_US = 3600 * 1_000_000
"""How long what it said of itself, and its keys, are used."""
KEYS_AGAIN_US = 5 * 1_000_000
"""An unknown key lets the keys be fetched again, but not more often."""
_WELL_KNOWN = "/.well-known/openid-configuration"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Metadata(BaseModel):
    """What we use of OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False


class Provider:
    """The provider that is configured."""

    def __init__(self, section: OidcSection, secret: str, clock: Clock) -> None:
        self._section = section
        self._secret = secret
        self._clock = clock
        self._metadata: Metadata | None = None
        self._keys: KeySet | None = None
        self._metadata_us = self._keys_us = 0

    async def metadata(self) -> Metadata:
        """Its discovery document. Raises ProviderError: also when it speaks for another issuer."""
        if self._metadata is None or self._clock.now_us() - self._metadata_us > KEPT_US:
            issuer = self._section.issuer
            told = await self._ask("GET", issuer.rstrip("/") + _WELL_KNOWN)
            self._metadata, self._metadata_us = _metadata(told, issuer), self._clock.now_us()
        return self._metadata

    async def keys(self) -> KeySet:
        """Its keys. Raises ProviderError."""
        if self._keys is None or self._clock.now_us() - self._keys_us > KEPT_US:
            await self._fetch_keys()
            assert self._keys is not None
        return self._keys

    async def newer_keys(self) -> KeySet | None:
        """Its keys fetched again, for it may have changed them; None when that was just done."""
        if self._clock.now_us() - self._keys_us < KEYS_AGAIN_US:
            return None
        await self._fetch_keys()
        return self._keys

    async def exchange(self, code: str, verifier: str, redirect: str) -> str:
        """The ID token for `code` (OIDC Core 1.0, section 3.1.3). Raises ProviderError."""
        endpoint = (await self.metadata()).token_endpoint
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        # RFC 6749, section 2.3.1: both are form-encoded before they are joined.
        account = aiohttp.encode_basic_auth(quote(self._section.client_id, ""), quote(self._secret, ""))
        told = await self._ask("POST", endpoint, {"Authorization": account}, form)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise ProviderError(f"{endpoint}: expected an id_token, got {sorted(told)}: is openid allowed?")
        return token

    async def _fetch_keys(self) -> None:
        address = (await self.metadata()).jwks_uri
        told = await self._ask("GET", address)
        try:
            keys = KeySet.import_key_set({"keys": [key for key in told["keys"] if _is_public(key)]})
        except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProviderError(f"{address}: expected a set of keys (RFC 7517), got {error!r}") from error
        self._keys, self._keys_us = keys, self._clock.now_us()

    async def _ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        _check_address(address)
        told = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=told, auto_decompress=False) as session,
                session.request(method, address, allow_redirects=False, data=form) as response,
            ):
                body = await _body(response, address)
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            why = error or "too slow"
            raise ProviderError(f"{address}: no answer ({why}): is the provider up?") from error
        return _object(body, status, address)


async def _body(response: aiohttp.ClientResponse, address: str) -> bytes:
    body = b""
    async for part in response.content.iter_chunked(65_536):
        body += part
        if len(body) > LARGEST:
            raise ProviderError(f"{address}: the answer has more than {LARGEST} bytes: it is not read on")
    return body


def _object(body: bytes, status: int, address: str) -> Mapping[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = None
    if status != 200 or not isinstance(told, dict):
        why = told.get("error") if isinstance(told, dict) else "no JSON object"
        raise ProviderError(f"{address}: expected 200 and a JSON object, got {status}, {why!r:.100}")
    return told


def _metadata(told: Mapping[str, Any], issuer: str) -> Metadata:
    try:
        metadata = Metadata.model_validate(told, strict=True)
    except ValidationError as error:
        names = sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]})
        raise ProviderError(f"{issuer}: its discovery document is not usable: see {names}") from None
    if metadata.issuer != issuer:
        raise ProviderError(
            f"expected the issuer {issuer!r}, the document there is of {metadata.issuer!r:.200}: "
            "write [oidc] issuer exactly as the provider does"
        )
    for address in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
        _check_address(address)
    return metadata


def _is_public(key: Any) -> bool:
    """Keys for signatures with a public half; a shared secret has no place in a published set."""
    return isinstance(key, dict) and key.get("kty") in ("RSA", "EC") and key.get("use", "sig") == "sig"


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ProviderError(f"expected an https address, got {address!r:.200}: the provider must use TLS")
