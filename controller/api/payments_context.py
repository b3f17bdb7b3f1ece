"""Payments inside the application: there if `[payments]` is configured, and then kept settled."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from controller.api.logins import read_secret
from controller.api.payments_withdrawn import Withdrawn
from controller.clock import Clock
from controller.errors import NotFound
from controller.kept import kept
from controller.payments.books import Books
from controller.payments.http_provider import HttpProvider
from controller.payments.service import Payments
from controller.payments.settling import Settler
from controller.payments.signed import Account
from controller.sections import PaymentsSection
from controller.security.buckets import Buckets
from controller.shards.duty import only
from controller.store import Store

PER_S, AT_ONCE = 20, 200
"""Calls of one address."""


@dataclass(frozen=True, slots=True)
class Paying:
    """What the handlers work with."""

    payments: Payments
    account: Account
    section: PaymentsSection
    calls: Buckets

    @property
    def host(self) -> str:
        """Of the provider."""
        return urlsplit(self.section.url).netloc


PAYING = web.AppKey("paying", Paying)


def add_payments(app: web.Application, section: PaymentsSection | None, store: Store, clock: Clock) -> None:
    """As configured; None: there are no payments. Raises ConfigError: the secret cannot be used."""
    if section is None:
        return
    account = Account(section.merchant, read_secret(section.secret_file))
    provider = HttpProvider(section.url, account, clock, pages=section.pages or "")
    payments = Payments(Books(store, clock), provider, section.currency)
    app[PAYING] = Paying(payments, account, section, Buckets(clock, PER_S, AT_ONCE))
    app.cleanup_ctx.append(_settled)


def paying(request: web.Request) -> Paying:
    """The application's. Raises NotFound: there is none."""
    held = request.config_dict.get(PAYING)
    if held is None:
        raise NotFound("there are no payments here: see [payments] in the configuration")
    return held


async def _settled(app: web.Application) -> AsyncIterator[None]:
    payments = app[PAYING].payments
    settled, withdrawn = only(app, Settler(payments).run), only(app, Withdrawn(payments).run)
    async with kept("payments", settled), kept("payments not due", withdrawn):
        yield
    await payments.provider.close()
