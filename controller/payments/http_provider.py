"""The provider over HTTP: a small protocol of JSON, signed both ways (docs/payments.md).

provider = HttpProvider("https://pay.example/api", Account("hospital", secret), clock)

A page on which patients pay is the provider's own, of the origin `pages`, or it is none.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp

from controller.clock import Clock
from controller.errors import PaymentRefused, PaymentSilent
from controller.payments import wire
from controller.payments.model import CardNumber, Covered, Item, Money, Payment, Priced, Verdict
from controller.payments.signed import Account, request_headers

TIMEOUT_S = 10.0
LARGEST = 64 * 1024
"""Bytes of an answer."""
_REFUSED, _UNKNOWN = 422, 404
_NOTHING = Money(0, "XXX")
"""ISO 4217 has XXX for no currency."""


class HttpProvider:
    """See Provider. An answer that is late, cut, too long or not as documented is none: PaymentSilent."""

    def __init__(
        self, url: str, account: Account, clock: Clock, timeout_s: float = TIMEOUT_S, *, pages: str = ""
    ) -> None:
        self._url = url.rstrip("/")
        self._pages = origin_of(pages or url)
        self._prefix = urlsplit(self._url).path
        self._account = account
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def price(self, items: Sequence[Item], currency: str) -> Priced:
        """See Provider."""
        body = await self._ask("POST", "/v1/price", wire.price_request(items, currency))
        return wire.read_price(body, items, currency)

    async def eligibility(self, person: str, card: CardNumber, payment: Payment) -> Covered:
        """See Provider."""
        asked = wire.eligibility_request(person, card, payment)
        return wire.read_eligibility(await self._ask("POST", "/v1/eligibility", asked), card, payment)

    async def pay(self, payment: Payment) -> Verdict:
        """See Provider."""
        asked = wire.payment_request(payment)
        return await self._verdict("POST", "/v1/payments", payment.key, asked)

    async def cancel(self, payment: Payment) -> Verdict:
        """See Provider."""
        return await self._verdict("POST", f"/v1/payments/{payment.key}/cancel", payment.key, b"{}")

    async def refund(self, payment: Payment) -> Verdict:
        """See Provider."""
        asked = wire.refund_request(payment)
        return await self._verdict("POST", f"/v1/payments/{payment.key}/refund", payment.refund_key, asked)

    async def status(self, key: str) -> Verdict:
        """See Provider."""
        status, body = await self._call("GET", f"/v1/status/{key}", b"")
        if status == _UNKNOWN and wire.read_refusal(body) == "unknown-key":
            return Verdict(key, "unknown", _NOTHING)
        return self._with_own_page(wire.read_verdict(_good(status, body), key))

    async def close(self) -> None:
        """See Provider."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _verdict(self, method: str, path: str, key: str, body: bytes) -> Verdict:
        status, answer = await self._call(method, path, body, key)
        return self._with_own_page(wire.read_verdict(_good(status, answer), key))

    def _with_own_page(self, verdict: Verdict) -> Verdict:
        if verdict.page and origin_of(verdict.page) != self._pages:
            raise PaymentSilent(f"expected a page of {self._pages} to pay on, got another's: see [payments]")
        return verdict

    async def _ask(self, method: str, path: str, body: bytes) -> bytes:
        status, answer = await self._call(method, path, body)
        if status == _REFUSED:
            reason = wire.read_refusal(answer)
            raise PaymentRefused(f"the payment provider refuses: {reason}: correct it, or take another card")
        return _good(status, answer)

    async def _call(self, method: str, path: str, body: bytes, key: str = "") -> tuple[int, bytes]:
        utc_s, whole = self._clock.utc_us() // 1_000_000, self._prefix + path
        headers = request_headers(self._account, method, whole, body, utc_s, key=key)
        told = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        try:
            async with self._opened().request(
                method, self._url + path, data=body or None, headers=told, allow_redirects=False
            ) as response:
                return response.status, await _read(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            why = type(error).__name__
            raise PaymentSilent(f"the payment provider does not answer ({why}): try again later") from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            plain = {"Accept-Encoding": "identity"}
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=plain, auto_decompress=False)
        return self._session


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host, port (RFC 6454)."""
    parts = urlsplit(url)
    ports = {"https": 443, "http": 80}
    return parts.scheme, parts.hostname or "", parts.port or ports.get(parts.scheme)


def _good(status: int, body: bytes) -> bytes:
    if status != 200:
        raise PaymentSilent(f"expected 200 from the payment provider, got {status}: ask who runs it")
    return body


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_chunked(16_384):
        body += part
        if len(body) > LARGEST:
            raise PaymentSilent(f"the payment provider sends more than {LARGEST} bytes: it is not read on")
    return bytes(body)
