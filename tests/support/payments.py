"""The sandbox payment provider as a process of its own, and payments that are asked of it.

with SandboxProcess(folder) as sandbox:
    sandbox.movements, sandbox.outbox
    sandbox.order(callback="http://127.0.0.1:8080/api/payments/callback")
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from controller.clock import Clock
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE
from controller.payments.books import Books
from controller.payments.http_provider import HttpProvider
from controller.payments.model import CardNumber, Item, Known, Payment, Purchase
from controller.payments.service import Payments
from controller.payments.signed import Account
from controller.sections import PaymentsSection
from controller.store import Store

ROOT = Path(__file__).parents[2]
SECRET = "a secret that both know"
ACCOUNT = Account("wardlink", SECRET)
ANNA = By("anna", "10.0.0.7")
ITEMS = (Item("04012345000016", "Amoxicillin 500 mg", 2), Item("salt:499", "Salt", 1))
"""Cost 2999: of which an eligible card's insurance pays 2399."""
DUE_MINOR = 600


def card(end: str) -> CardNumber:
    """One that the sandbox knows by its end."""
    return CardNumber(f"A9876543{end}")


class SandboxProcess:
    """hil/sims/payments/. Its files are in `folder`."""

    def __init__(self, folder: Path, slow_s: float = 30, back: str = "") -> None:
        """`back`: people pay on its own pages, and go back there."""
        folder.mkdir(parents=True, exist_ok=True)
        self.secret_file = folder / "payments-secret"
        self.secret_file.write_text(f"{SECRET}\n", encoding="utf-8")
        self.secret_file.chmod(0o600)
        self._log, self._slow_s, self._back, self.port = folder / "payments.log", slow_s, back, 0
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def section(self) -> PaymentsSection:
        """`[payments]` of a controller that is its customer."""
        return PaymentsSection(
            url=self.url, merchant="wardlink", secret_file=self.secret_file, currency="EUR"
        )

    @property
    def movements(self) -> list[dict[str, Any]]:
        """Its own ledger."""
        return self._told()["movements"]

    @property
    def outbox(self) -> list[dict[str, Any]]:
        """What it said, or would say, by itself."""
        return self._told()["outbox"]

    @property
    def asked(self) -> list[str]:
        """What it was asked."""
        return self._told()["asked"]

    def order(self, **orders: Any) -> None:
        """See hil/sims/payments/server.py."""
        self._call(json.dumps(orders).encode())

    def _told(self) -> Any:
        return self._call(None)

    def _call(self, data: bytes | None) -> Any:
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/orders", data, kind)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def __enter__(self) -> Self:
        told = ["--secret-file", str(self.secret_file), "--slow-s", str(self._slow_s), "--back", self._back]
        command = [sys.executable, "-m", "hil.sims.payments", *told]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        assert self._process.stdout
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def payments_of(store: Store, clock: Clock, sandbox: SandboxProcess, timeout_s: float = 10) -> Payments:
    """Close its provider."""
    provider = HttpProvider(sandbox.url, ACCOUNT, clock, timeout_s)
    return Payments(Books(store, clock), provider, "EUR")


async def checked(
    payments: Payments, end: str, subject: str = "RX00000001/1", items: Sequence[Item] = ITEMS
) -> Payment:
    """Priced, and its insurance asked."""
    made = await payments.price(Purchase(subject, "4711", "Muster, Anna"), items, ANNA)
    return await payments.check_coverage(known(made), card(end), ANNA)


async def paid(payments: Payments, end: str, subject: str = "RX00000001/1") -> Payment:
    """The same, and asked to pay."""
    made = await checked(payments, end, subject)
    return await payments.pay(known(made), made.due, ANNA)


def known(payment: Payment) -> Known:
    """By whoever sees everybody."""
    return Known(payment.number, WHOLE)
