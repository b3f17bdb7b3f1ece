"""A vehicle of VDA 5050 without its wheels: messages and time in, messages out. It does no input or output.

    vehicle = Vehicle(identity, base, factsheet)
    vehicle.receive(Topic.ORDER, data, now_us); vehicle.tick(now_us)     # ten times a second or so
    for topic, data in vehicle.take(): …                                 # publish

It takes orders and updates, drives what is released through a `Base`, runs actions by their blocking types
and does the instant actions of `instant.py`. It does not: pause running actions, ask for zones and corridors,
or send the topic visualization.
Source: VDA 5050 2.1.0, 6.6 to 6.12; 3.0.0, 6.1 to 6.6.
"""

from dataclasses import dataclass, replace

from devices.codecs.vda5050.action import InstantActions
from devices.codecs.vda5050.base import Base
from devices.codecs.vda5050.errors import Vda5050Error
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.geometry import in_range
from devices.codecs.vda5050.header import Header, next_header_id, timestamp_of
from devices.codecs.vda5050.instant import Instants
from devices.codecs.vda5050.journey import Journey
from devices.codecs.vda5050.messages import Message, decode, encode, topic_of
from devices.codecs.vda5050.order import Order
from devices.codecs.vda5050.presence import Connection
from devices.codecs.vda5050.problems import ErrorType, Problem
from devices.codecs.vda5050.rules import beyond
from devices.codecs.vda5050.state import AgvPosition, Error, State
from devices.codecs.vda5050.stitching import Verdict, judge
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ConnectionState, OperatingMode

_AT_LEAST_S = 30.0
"""A state is sent at least so often (6.6)."""
_TAKES_ORDERS = {OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC, OperatingMode.INTERVENED}
_REJECTIONS = 10
"""So many are told of at most."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a vehicle is, and which version it speaks."""

    manufacturer: str
    serial_number: str
    version: Version


class Vehicle:
    """The core. `near_m` is how near a node counts as there, where an order does not say; `at_least_s`: how
    often a state is sent at which nothing changes."""

    def __init__(
        self,
        identity: Identity,
        base: Base,
        factsheet: Factsheet,
        near_m: float = 0.3,
        at_least_s: float = _AT_LEAST_S,
    ) -> None:
        self._identity = identity
        self._base = base
        self._factsheet = factsheet
        self._near_m = near_m
        self._at_least_us = round(at_least_s * 1_000_000)
        self._journey = Journey(base)
        self._instants = Instants(base, self._journey, factsheet)
        self._rejections: list[Problem] = []
        self._counted: dict[Topic, int] = {}
        self._told: State | None = None
        self._told_us = 0
        self._outgoing: list[tuple[Topic, bytes]] = []
        self.operating_mode = OperatingMode.AUTOMATIC
        self.own_errors: tuple[Error, ...] = ()
        """What is wrong with the vehicle itself, told beside the orders that it refused."""

    def connection(self, state: ConnectionState, now_us: int) -> bytes:
        """The message of topic connection: to be published first, and CONNECTIONBROKEN as last will."""
        header = self._header(Topic.CONNECTION, now_us)
        return encode(Connection(header=header, connection_state=state), self._identity.version)

    def factsheet(self, now_us: int) -> bytes:
        """The message of topic factsheet, which 3.0 has published, retained, at each connection."""
        return encode(self._sheet(now_us), self._identity.version)

    def receive(self, topic: Topic, data: bytes, now_us: int) -> None:
        """Something has come. What is not understood is told as an error of the state."""
        message = self._understood(topic, data)
        if isinstance(message, Order):
            self._order(message)
        elif isinstance(message, InstantActions):
            wrong = [self._instants.take(action) for action in message.actions]
            self._reject([problem for problem in wrong if problem])
        self.tick(now_us)

    def _understood(self, topic: Topic, data: bytes) -> Message | None:
        try:
            return decode(topic, data, self._identity.version)
        except Vda5050Error as refused:
            self._reject([Problem(ErrorType.MALFORMED, str(refused), {"topic": topic.value})])
            return None

    def tick(self, now_us: int) -> None:
        """Time has passed: drive and act further, and tell what has changed."""
        self._journey.step(self._instants.paused)
        self._instants.step()
        if "factsheet" in self._instants.asked:
            self._send(self._sheet(now_us))
        self._tell(now_us)
        self._instants.asked.clear()

    def take(self) -> list[tuple[Topic, bytes]]:
        """What is to be published."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    def _order(self, order: Order) -> None:
        verdict, problems = judge(order, self._journey.held(), self._identity.version)
        if verdict is Verdict.SAME:
            return
        problems = problems or [*self._unfit(order, verdict)]
        if problems:
            self._reject(problems)
            return
        self._rejections.clear()
        if verdict is Verdict.NEW:
            self._journey.begin(order)
        else:
            self._journey.extend(order)

    def _unfit(self, order: Order, verdict: Verdict) -> list[Problem]:
        """Why this vehicle cannot take a good order now."""
        about = {"orderId": order.order_id, "orderUpdateId": str(order.order_update_id)}
        if self.operating_mode not in _TAKES_ORDERS:
            why = f"expected the operating mode AUTOMATIC, it is {self.operating_mode}"
            return [Problem(ErrorType.NOT_AVAILABLE, why, about)]
        place, pose = order.nodes[0].node_position, self._base.pose()
        here = place is None or (pose is not None and in_range(pose, place, self._near_m))
        if verdict is Verdict.NEW and not here:
            why = f"expected to stand at the node {order.nodes[0].node_id}, got {pose or 'no position'}"
            return [Problem(ErrorType.START, why, about, "Begin the order where the vehicle is.")]
        return beyond(order, self._factsheet)

    def _reject(self, problems: list[Problem]) -> None:
        fresh = [problem for problem in problems if problem not in self._rejections]
        self._rejections = [*self._rejections, *fresh][-_REJECTIONS:]

    def _tell(self, now_us: int) -> None:
        """Send the state where something has changed that the standard names, or it was long ago."""
        late = now_us - self._told_us >= self._at_least_us
        state = self._state(self._header(Topic.STATE, now_us, count=False))
        same = self._told is not None and _essence(state) == _essence(self._told)
        if same and not late and "state" not in self._instants.asked:
            return
        self._told, self._told_us = state, now_us
        self._send(replace(state, header=self._header(Topic.STATE, now_us)))

    def _state(self, header: Header) -> State:
        held, journey, old = self._journey.held(), self._journey, self._identity.version.major == 2
        instants = self._instants.states()
        return State(
            header=header,
            order_id=held.order.order_id if held else "",
            order_update_id=held.order.order_update_id if held else 0,
            last_node_id=journey.last_node_id,
            last_node_sequence_id=journey.last_node_sequence_id,
            driving=self._base.driving(),
            paused=self._instants.paused,
            new_base_request=journey.wants_base(),
            operating_mode=self.operating_mode,
            node_states=journey.node_states(),
            edge_states=journey.edge_states(),
            agv_position=self._position(),
            velocity=self._base.velocity(),
            loads=self._base.loads(),
            action_states=(*journey.actions.states(), *(instants if old else ())),
            instant_action_states=() if old else instants,
            battery_state=self._base.battery(),
            errors=(*self.own_errors, *(one.error(self._identity.version) for one in self._rejections)),
            safety_state=self._base.safety(),
        )

    def _sheet(self, now_us: int) -> Factsheet:
        return replace(self._factsheet, header=self._header(Topic.FACTSHEET, now_us))

    def _position(self) -> AgvPosition:
        pose = self._base.pose()
        if pose is None:
            return AgvPosition(x=0, y=0, theta=0, map_id="", position_initialized=False)
        return AgvPosition(
            x=pose.x, y=pose.y, theta=pose.theta, map_id=pose.map_id, position_initialized=True
        )

    def _header(self, topic: Topic, now_us: int, count: bool = True) -> Header:
        number = self._counted.get(topic, 0)
        if count:
            self._counted[topic] = next_header_id(number)
        return Header(
            header_id=number,
            timestamp=timestamp_of(now_us),
            version=self._identity.version.value,
            manufacturer=self._identity.manufacturer,
            serial_number=self._identity.serial_number,
        )

    def _send(self, message: Message) -> None:
        self._outgoing.append((topic_of(message), encode(message, self._identity.version)))


def _essence(state: State) -> State:
    """What of a state is told at once when it changes: not the time, the place, the speed and the charge."""
    battery = replace(
        state.battery_state, battery_charge=0, battery_voltage=None, battery_current=None, reach=None
    )
    header = replace(state.header, header_id=0, timestamp="")
    return replace(state, header=header, agv_position=None, velocity=None, battery_state=battery)
