"""Somebody of the demo's story at a screen of their own: logs in, asks, changes, signs, over the HTTP API.

anna = Person("anna", Role.PHYSICIAN, At(http, where))
await anna.log_in(once)                             # chooses a password of her own
await anna.make_key()                               # to sign with, wrapped by a passphrase
await anna.get("/api/prescriptions", patient="DEMO-0001")
await anna.send("PUT", "/api/prescriptions/RX00000001/signature", 1, signature=await anna.sign(document))
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import aiohttp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from controller.security.permissions import Role
from controller.signing import jws
from controller.signing.canonical import canonical
from controller.signing.model import FEWEST_ITERATIONS, Unlock
from controller.signing.proof import jwk_of
from hil.errors import NotReady, Refused

_AGAIN_S, _PATIENCE_S = 0.5, 60.0
_TIMEOUT = aiohttp.ClientTimeout(20.0)
_DIGITS = "0123456789"
_AWAY, _LOCKED = 503, 423
"""Status of a controller that is starting or ending; of a screen that nobody has touched for some minutes."""

Json = dict[str, Any]


class Answer(NamedTuple):
    """What came: the body, and the revision that its ETag says (0: none)."""

    body: bytes
    revision: int

    def json(self) -> Any:
        """Read; None: there is no body."""
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class At:
    """Where people ask: `where` tells the controller's address, which may be another after a restart."""

    http: aiohttp.ClientSession
    where: Callable[[], str]


class Screen:
    """A browser of somebody's. Calls raise Refused: the controller's words; NotReady: it does not answer."""

    def __init__(self, name: str, at: At) -> None:
        self.name = name
        self._at = at
        self._cookies: dict[str, str] = {}

    async def get(self, path: str, **query: str) -> Any:
        """The answer to GET `path`."""
        return (await self.look(path, **query)).json()

    async def look(self, path: str, **query: str) -> Answer:
        """The same with its revision. It changes nothing: it is asked again while the controller starts."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_S
        while True:
            try:
                return await self._ask("GET", path, params=query)
            except NotReady:
                if loop.time() > until:
                    raise
            await asyncio.sleep(_AGAIN_S)

    async def send(self, method: str, path: str, revision: int | None = None, /, **body: Any) -> Any:
        """Change something; `revision`: of what is known of it. Once: a lost answer may have been a yes."""
        headers = {} if revision is None else {"If-Match": f'"{revision}"'}
        return (await self._ask(method, path, json=body, headers=headers)).json()

    @asynccontextmanager
    async def listen(self, path: str, **query: str) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
        """What server-sent events at `path` tell: kinds and data. Raises NotReady, Refused."""
        address = self._at.where()
        forever = aiohttp.ClientTimeout(total=None)
        try:
            async with self._at.http.get(
                address + path, params=query, cookies=self._cookies, timeout=forever
            ) as answer:
                if answer.status != 200:
                    raise Refused(f"{self.name} was refused {path}: {_words(await answer.read())}")
                yield _events(answer.content)
        except aiohttp.ClientError as error:
            raise NotReady(f"{address} does not answer {self.name} ({path}): {error}") from error

    async def _ask(self, method: str, path: str, headers: Json | None = None, **more: Any) -> Answer:
        address = self._at.where()
        told = {"Origin": address, **(headers or {})}
        try:
            async with self._at.http.request(
                method, address + path, headers=told, cookies=self._cookies, timeout=_TIMEOUT, **more
            ) as answer:
                body, status = await answer.read(), answer.status
                self._cookies |= {one.key: one.value for one in answer.cookies.values()}
                revision = answer.headers.get("ETag", "").strip('"')
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotReady(f"{address} does not answer {self.name} ({method} {path}): {error}") from error
        if status == _LOCKED and await self._unlocked():
            return await self._ask(method, path, headers, **more)
        if status == _AWAY:
            raise NotReady(f"{address} is not ready for {self.name} ({method} {path}): {_words(body)}")
        if status >= 300:
            raise Refused(f"{self.name} was refused ({method} {path}, {status}): {_words(body)}")
        return Answer(body, int(revision) if revision.isdecimal() else 0)

    async def _unlocked(self) -> bool:
        """Whether the screen, which is locked, opens again."""
        return False


class Person(Screen):
    """Of the staff: with a login, a PIN, and, who signs, a key, made and opened as controller/web/signing/
    does it."""

    def __init__(self, name: str, role: Role, at: At) -> None:
        super().__init__(name, at)
        self.role = role
        self.password = secrets.token_urlsafe(12)
        self.pin = "".join(secrets.SystemRandom().sample(_DIGITS, 6))
        self._phrase = secrets.token_urlsafe(12)

    @property
    def shown(self) -> dict[str, str]:
        """What they type where somebody else is logged in: name and PIN."""
        return {"person": self.name, "pin": self.pin}

    async def log_in(self, once: str) -> None:
        """By the password for one login, in whose place comes one of their own; and a PIN for drawers."""
        await self.send("POST", "/api/login", user=self.name, password=once)
        await self.send("PUT", "/api/account/password", password=once, new=self.password)
        await self.send("PUT", "/api/account/pin", pin=self.pin, password=self.password)

    async def _unlocked(self) -> bool:
        await self.send("POST", "/api/unlock", password=self.password)
        return True

    async def make_key(self) -> None:
        """Another, in place of the one there is: it leaves this process wrapped by the passphrase only."""
        key = ec.generate_private_key(ec.SECP256R1())
        jwk = jwk_of(key.public_key())
        challenge = (await self.send("POST", "/api/signing/challenge"))["challenge"]
        header = {"typ": jws.PROOF, "sub": self.name, "jwk": jwk}
        proof = jws.signed(header, canonical({"challenge": challenge, "person": self.name}), key)
        plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        salt, iv = secrets.token_bytes(32), secrets.token_bytes(12)
        wrap = {
            "kind": Unlock.PASSPHRASE.value,
            "credential": None,
            "salt": jws.encoded(salt),
            "iterations": FEWEST_ITERATIONS,
            "iv": jws.encoded(iv),
            "wrapped": jws.encoded(self._cipher(salt, FEWEST_ITERATIONS).encrypt(iv, plain, _whose(jwk))),
        }
        body = {"challenge": challenge, "proof": proof, "wraps": [wrap], "password": self.password}
        await self.send("POST", "/api/signing/keys", **body)

    async def sign(self, document: bytes) -> str:
        """The signature over what is shown, by the key that the passphrase opens for this once."""
        held = await self.get("/api/signing/unlock")
        header = {"typ": jws.SIGNED, "sub": self.name, "iat": held["utc_s"], "x5c": held["x5c"]}
        return jws.signed(header, canonical(json.loads(document)), self._unwrapped(held))

    def _unwrapped(self, held: Json) -> ec.EllipticCurvePrivateKey:
        wrap = next(one for one in held["wraps"] if one["kind"] == Unlock.PASSPHRASE)
        salt, iv, data = (jws.decoded(wrap[name]) for name in ("salt", "iv", "wrapped"))
        plain = self._cipher(salt, wrap["iterations"]).decrypt(iv, data, _whose(held["jwk"]))
        key = load_der_private_key(plain, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    def _cipher(self, salt: bytes, iterations: int) -> AESGCM:
        return AESGCM(PBKDF2HMAC(hashes.SHA256(), 32, salt, iterations).derive(self._phrase.encode()))


def _whose(jwk: Json) -> bytes:
    """The wrapped key opens for this public key only."""
    return f"{jwk['x']}.{jwk['y']}".encode()


async def _events(lines: aiohttp.StreamReader) -> AsyncIterator[tuple[str, Any]]:
    kind = ""
    async for line in lines:
        name, _, text = line.decode().strip().partition(": ")
        if name == "event":
            kind = text
        elif name == "data":
            yield kind, json.loads(text)


def _words(body: bytes) -> str:
    """Why, as the controller says it."""
    try:
        return json.loads(body)["error"]["message"]
    except (ValueError, LookupError, TypeError):
        return body[:200].decode(errors="replace") or "it does not say why"
