"""Errands as text, and back."""

import json
from dataclasses import fields

from controller.robots.errand import Errand
from controller.robots.vehicles import Action
from devices.codecs.vda5050.messages import decode, encode
from devices.codecs.vda5050.order import Order
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version

_MORE = tuple(one.name for one in fields(Errand) if one.name != "order")


def errand_texts(errand: Errand, version: str) -> tuple[str, str]:
    """Its order, and the rest of it."""
    order = encode(errand.order, Version.of(version)).decode()
    return order, json.dumps({name: getattr(errand, name) for name in _MORE})


def errand_of(order: str, more: str, version: str) -> Errand:
    """The errand of these texts."""
    message, rest = decode(Topic.ORDER, order.encode(), Version.of(version)), json.loads(more)
    assert isinstance(message, Order)
    return Errand(order=message, **{**rest, "action": Action(rest["action"])})
