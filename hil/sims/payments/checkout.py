"""The sandbox's own pages, on which people pay: the form for the card's number stays with the provider.

checkout = Checkout("http://localhost:8091", back="http://localhost:8080/my")
checkout.page_of(movement)                  # {"page": …} while somebody is to pay there
checkout.fill(ledger, movement, "4000…1")   # "settled", "slow", or why not
"""

import hashlib
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from hil.sims.payments.cards import CARDS
from hil.sims.payments.ledger import Ledger, Movement

_SAID = {
    "settled": ("Paid.", "已支付。"),
    "slow": ("Your bank is working on it. You may close this page.", "银行正在处理，您可以关闭本页。"),
    "cancelled": ("There is nothing to pay here any more.", "这里不再需要付款。"),
    "card-unknown": ("This card is not known. Nothing was taken.", "未知的卡。未扣款。"),
    "card-expired": ("This card has expired. Nothing was taken.", "卡已过期。未扣款。"),
    "insufficient-funds": (
        "The bank refuses: not enough money. Nothing was taken.",
        "银行拒绝：余额不足。未扣款。",
    ),
}
_PAGE = Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
_FORM = """<form method="post"><label for="card">Number of your card 卡号</label>
<input id="card" name="card" required inputmode="numeric" autocomplete="cc-number" pattern="[0-9 ]{12,23}">
<button>Pay 支付</button></form>"""


@dataclass
class Checkout:
    """`url`: where people reach it; `back`: the hospital's page, to which they go back."""

    url: str
    back: str
    working: set[str] = field(default_factory=set[str])
    """Keys that the bank works on: there is nothing more to do for anybody."""

    def page_of(self, movement: Movement) -> dict[str, str]:
        """Where it is paid; nothing: nowhere."""
        if movement.status != "pending" or movement.key in self.working:
            return {}
        return {"page": f"{self.url}/pay/{_name(movement)}"}

    def movement(self, ledger: Ledger, name: str) -> Movement | None:
        """What is paid on a page; None: there is no such page."""
        return next((one for one in ledger.movements.values() if _name(one) == name), None)

    def fill(self, ledger: Ledger, movement: Movement, card: str) -> str:
        """Somebody types a card's number, once or twice: it is paid once. Refused, it may be another card."""
        if movement.status != "pending" or movement.key in self.working:
            return movement.status if movement.status != "pending" else "slow"
        end = card.replace(" ", "")[-4:]
        if end not in CARDS:
            return "card-unknown"
        if why := CARDS[end].refused or CARDS[end].declined:
            return why
        asked = {**movement.shown(), "card": ledger.token(end)}
        if CARDS[end].slow:
            movement.card = asked["card"]
            self.working.add(movement.key)
            return "slow"
        return ledger.pay(movement.key, asked).status

    def form(self, movement: Movement, said: str = "") -> web.Response:
        """The page, with what is `said` of what was done on it."""
        state = "slow" if movement.key in self.working and movement.status == "pending" else movement.status
        shown = said or ("" if state == "pending" else state)
        words = " ".join(_SAID.get(shown, (shown, "")))
        middle = f'<p class="said" role="alert">{escape(words)}</p>' if shown else ""
        middle += _FORM if state == "pending" else ""
        whole, rest = divmod(movement.amount_minor, 100)
        amount = f"{whole}.{rest:02} {escape(movement.currency)}"
        text = _PAGE.substitute(amount=amount, middle=middle, back=escape(self.back))
        return web.Response(text=text, content_type="text/html")


def _name(movement: Movement) -> str:
    """Of its page: nobody guesses it."""
    return hashlib.sha256(movement.reference.encode()).hexdigest()[:32]
