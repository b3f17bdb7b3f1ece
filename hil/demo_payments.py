"""The demo's payment provider: the sandbox, which moves no money, and `[payments]` of the demo's controller.

payments = DemoPayments(folder, port)
payments.command(8080)      # of its process, for a controller at this port
payments.section            # TOML
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from controller.files import write_private
from hil.ward import Folder

CARDS = "A98765430001 (insured for 80 %), A98765430002 (not insured), 4000 0000 0000 0001 (pays)"
"""A few that it knows: hil/sims/payments/cards.py."""


@dataclass(frozen=True, slots=True)
class DemoPayments:
    """Its files are in `folder`; it listens at `port`."""

    folder: Folder
    port: int

    @property
    def section(self) -> str:
        """`[payments]`."""
        url, secret = f"http://127.0.0.1:{self.port}", self._secret
        known = f'merchant = "wardlink"\nsecret_file = "{secret}"\ncurrency = "EUR"\nsandbox = true\n'
        return f'[payments]\nurl = "{url}"\n{known}'

    def write(self) -> None:
        """The secret that both know; kept once it is there."""
        if not self._secret.exists():
            write_private(self._secret, secrets.token_urlsafe(24) + "\n")

    def command(self, http: int) -> tuple[str, ...]:
        """Its module and arguments."""
        ours, root = f"http://localhost:{http}", self.folder.root / "payments"
        back = ("--callback", f"{ours}/api/payments/callback", "--back", f"{ours}/my")
        kept = ("--secret-file", str(self._secret), "--ledger", str(root / "ledger.json"))
        return ("hil.sims.payments", *kept, "--port", str(self.port), *back)

    @property
    def _secret(self) -> Path:
        return self.folder.root / "payments" / "secret"
