"""The sandbox's own books: what it took and gave back, once for each key. Amounts in minor units."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hil.sims.payments.cards import CARDS, Behaviour

PRICE_MINOR = 1250
"""Of a pack whose code says nothing else."""


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


@dataclass
class Movement:
    """What became of one key."""

    key: str
    kind: str
    """"payment" or "refund"."""
    status: str
    amount_minor: int
    currency: str
    card: str
    of: str = ""
    """Of a refund: the payment's key."""
    reason: str = ""
    reference: str = field(default_factory=lambda: secrets.token_hex(8))

    def shown(self) -> dict[str, Any]:
        """As the protocol has it."""
        names = ("key", "status", "amount_minor", "currency", "reference", "reason")
        return {name: getattr(self, name) for name in names}


@dataclass
class Ledger:
    """Everything it knows."""

    tokens: dict[str, str] = field(default_factory=dict[str, str])
    """The last four digits, by token."""
    movements: dict[str, Movement] = field(default_factory=dict[str, Movement])

    def save(self, path: Path) -> None:
        """For the next start."""
        held = {"tokens": self.tokens, "movements": [asdict(one) for one in self.movements.values()]}
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(held), encoding="utf-8")
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Ledger":
        """As it was saved; an empty one, if there is none."""
        if not path.exists():
            return cls()
        held = json.loads(path.read_text(encoding="utf-8"))
        return cls(held["tokens"], {one["key"]: Movement(**one) for one in held["movements"]})

    def price(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A code that ends in ":N" costs N; "none" has no price."""
        nets = [_net(one) for one in asked["items"]]
        return {"currency": asked["currency"], "net_minor": nets, "source": "Sandbox price list"}

    def eligibility(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What the insurance pays, rounded down."""
        end = asked["card"][-4:]
        if end not in CARDS:
            raise Refusal(422, "card-unknown")
        if CARDS[end].refused:
            raise Refusal(422, CARDS[end].refused)
        token = self.token(end)
        percent = CARDS[end].insured_percent
        insured = sum(one["net_minor"] for one in asked["items"]) * percent // 100
        told = {"insured_minor": insured, "currency": asked["currency"], "card": token}
        coverage = "eligible" if percent else "not-eligible"
        return {**told, "coverage": coverage, "insurer": "Sandbox insurance"}

    def token(self, end: str) -> str:
        """Another one for the card that ends so."""
        token = f"tok_{secrets.token_hex(12)}"
        self.tokens[token] = end
        return token

    def behaviour(self, token: str) -> Behaviour:
        """Of the card that `token` is for."""
        if token not in self.tokens:
            raise Refusal(422, "card-unknown")
        return CARDS[self.tokens[token]]

    def pay(self, key: str, asked: dict[str, Any]) -> Movement:
        """Once for each key, whatever is asked later. Without a card there is nobody to take it from."""
        if "card" not in asked and asked["amount_minor"]:
            asked = {**asked, "card": self.token("0004")}
        asked = {"card": "", **asked}
        if key not in self.movements or self.movements[key].status == "pending":
            does = self.behaviour(asked["card"]) if asked["card"] else Behaviour()
            amount = asked["amount_minor"] + does.wrong_by
            status = "declined" if does.declined else "settled"
            known = Movement(key, "payment", status, amount, asked["currency"], asked["card"])
            known.reason = does.declined
            self._put(known)
        return self.movements[key]

    def begin(self, key: str, asked: dict[str, Any]) -> None:
        """It takes a while."""
        amount, card = asked["amount_minor"], asked.get("card", "")
        pending = Movement(key, "payment", "pending", amount, asked["currency"], card)
        self.movements.setdefault(key, pending)

    def cancel(self, key: str) -> Movement:
        """Nothing is taken under `key` from now on."""
        if key not in self.movements or self.movements[key].status == "pending":
            self._put(Movement(key, "payment", "cancelled", 0, "XXX", ""))
        return self.movements[key]

    def refund(self, of: str, key: str, asked: dict[str, Any]) -> Movement:
        """Once for each key, and never more than was taken."""
        paid = self.movements.get(of)
        if paid is None or paid.status != "settled":
            raise Refusal(422, "nothing-taken")
        if key not in self.movements:
            amount = asked["amount_minor"]
            made = Movement(key, "refund", "settled", amount, asked["currency"], paid.card, of)
            if self.returned(of) + amount > paid.amount_minor or asked["currency"] != paid.currency:
                made.status, made.reason = "declined", "more-than-taken"
            elif (why := self.behaviour(paid.card).refund_declined) and not self._refunds(of):
                made.status, made.reason = "declined", why
            self.movements[key] = made
        return self.movements[key]

    def returned(self, of: str) -> int:
        """What was given back of the payment `of`."""
        return sum(one.amount_minor for one in self._refunds(of) if one.status == "settled")

    def _put(self, movement: Movement) -> None:
        """What is known of it by now, under the reference that it had."""
        before = self.movements.get(movement.key)
        movement.reference = before.reference if before else movement.reference
        self.movements[movement.key] = movement

    def _refunds(self, of: str) -> list[Movement]:
        return [one for one in self.movements.values() if one.of == of]


def _net(item: dict[str, Any]) -> int:
    code, _, price = item["code"].rpartition(":")
    if item["code"] == "none":
        raise Refusal(422, "no-price")
    return item["quantity"] * (int(price) if code and price.isdecimal() else PRICE_MINOR)
