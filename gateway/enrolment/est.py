"""The client of the controller's registration authority: Enrolment over Secure Transport, RFC 7030."""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gateway.enrolment import messages, tls
from gateway.enrolment.certificates import PrivateKey
from gateway.errors import EnrolmentError, Unreachable


@dataclass(frozen=True, slots=True)
class Est:
    """The authority at `address`, https://HOST:PORT. Every call raises EnrolmentError or Unreachable."""

    address: str
    timeout_s: float = 20.0
    """Of each call, from the connection to the last byte."""

    async def authorities(self, trusted: ssl.SSLContext) -> list[x509.Certificate]:
        """`cacerts`: the root, and what it signed, in any order."""
        return await self._call(trusted, "GET", "cacerts")

    async def pinned(self, fingerprint: str) -> tuple[x509.Certificate, list[x509.Certificate]]:
        """The root whose SHA-256 (DER, hexadecimal) is `fingerprint`, and the rest of `cacerts`.

        Whoever answers is told nothing, and of what it says only the root is proved.
        """
        try:
            found = await self.authorities(tls.unpinned())
        except EnrolmentError as error:
            raise EnrolmentError("untrusted", f"{error}: it was told nothing") from error
        for one in found:
            if one.fingerprint(hashes.SHA256()).hex() == fingerprint:
                return one, found
        raise EnrolmentError(
            "untrusted",
            f"{self.address} does not have the root certificate of the claim: it was told nothing. Is it the "
            "right controller? If its root was replaced, ask for a new claim",
        )

    async def enrol(
        self, trusted: ssl.SSLContext, gateway: str, token: str, key: PrivateKey
    ) -> list[x509.Certificate]:
        """`simpleenroll`: the certificate of `key`, and perhaps those above it, in any order."""
        wanted = messages.signing_request(key, messages.subject(gateway))
        shown = messages.as_gateway(gateway, token)
        return await self._call(trusted, "POST", "simpleenroll", wanted, shown)

    async def renew(self, known: ssl.SSLContext, name: x509.Name, key: PrivateKey) -> list[x509.Certificate]:
        """`simplereenroll`: `known` shows the old certificate, whose subject is `name` (RFC 7030, 4.2.2)."""
        return await self._call(known, "POST", "simplereenroll", messages.signing_request(key, name))

    async def _call(
        self,
        context: ssl.SSLContext,
        method: str,
        operation: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> list[x509.Certificate]:
        parts = urlsplit(self.address)
        said = messages.request(method, parts.netloc, operation, body, headers)
        try:
            async with asyncio.timeout(self.timeout_s):
                heard = await _exchange(parts.hostname or "", parts.port or 443, context, said)
        except ssl.SSLCertVerificationError as error:
            raise EnrolmentError(
                "untrusted",
                f"{self.address}: expected a server of the pinned root, got: {error.verify_message}: it was "
                "told nothing. Is the address right, and this box's clock?",
            ) from error
        except TimeoutError as error:
            raise Unreachable(f"{self.address} did not answer within {self.timeout_s:g} s") from error
        except OSError as error:  # ssl.SSLError is one: also an alert by which it refuses our certificate
            raise Unreachable(f"{self.address}: {error}") from error
        return messages.certificates(messages.judged(messages.answer(heard), self.address))


async def _exchange(host: str, port: int, context: ssl.SSLContext, said: bytes) -> bytes:
    """All that the server sends until it closes. Raises OSError; EnrolmentError when it never ends."""
    reader, writer = await asyncio.open_connection(
        host, port, ssl=context, server_hostname=host, limit=messages.LARGEST
    )
    try:
        writer.write(said)
        heard = bytearray()
        while data := await reader.read(messages.LARGEST):
            heard += data
            if len(heard) > messages.LARGEST:
                raise EnrolmentError("bad-answer", f"expected at most {messages.LARGEST} bytes, got more")
        return bytes(heard)
    finally:
        writer.transport.abort()
