"""A robot (VDA 5050) at the ward's MQTT broker: it is heard, and told what the controller asks of it.

    INTERFACE/v2/MANUFACTURER/SERIAL/connection, state, visualization, factsheet     heard
    …/order, …/instantActions                                                        by signed command only

Nothing is published but by `order`, byte for byte. It goes with QoS 0, as the standard has it: a broker keeps
what is of QoS 1 for a robot that is away, and an order that comes late is worse than one that does not come;
whether it came, the robot's next state tells. An order that cannot be written at once ends the connection,
so that it is not written later.

`why` of DISCONNECTED: `offline`, `hibernating` (it said so), `link-broken` (its last will), `silent` (no
state for longer than the standard allows), and those of `gateway.links.mqtt`.
"""

import asyncio

from devices.codecs.vda5050.bridge import HEARD, Bridge, Presence, address_of, outgoing
from devices.codecs.vda5050.errors import Vda5050Error
from devices.codecs.vda5050.topics import Topic
from devices.model.observation import Instant
from devices.profiles import Profile, VehicleLink
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import LinkError, OrderRefused, Unreachable
from gateway.links import Outlet, presence
from gateway.links.backoff import Backoff
from gateway.links.conversation import Inbox
from gateway.links.mqtt import at_broker, until_one_ends
from gateway.mqtt import Connection

_WRITE_S = 3.0
_GONE = {
    Presence.OFFLINE: "it said that it goes: switch it on",
    Presence.HIBERNATING: "it said that it sleeps: wake it",
    Presence.LINK_BROKEN: "the broker lost it: is it on, and in reach of its network?",
    Presence.SILENT: "no state for longer than the standard allows: is it on, and `address` right?",
}


class RobotLink:
    """The link of one robot. CONNECTED comes with its first state."""

    def __init__(
        self,
        device: DeviceConfig,
        profile: Profile,
        clock: Clock,
        outlet: Outlet,
        *,
        backoff: Backoff | None = None,
    ) -> None:
        if not (device.broker and device.address and device.credentials):
            raise ValueError(f"{device.id}: a robot's link needs broker, address and credentials")
        if not isinstance(profile.link, VehicleLink):
            raise ValueError(f"{device.id}: {profile.name} is no robot with VDA 5050")
        self._url, self._credentials, self._codec = device.broker, device.credentials, profile.link.codec
        self._address, self._id = address_of(device.address), device.id
        self._topics = {self._address.topic(one): one for one in HEARD}
        self._clock = clock
        self._outlet = outlet
        self._backoff = backoff or Backoff(0.5, 10.0)
        self._presence = presence.Presence(clock, outlet)
        self._connection: Connection | None = None
        self._bridge: Bridge | None = None
        self._broken = asyncio.Event()

    async def run(self) -> None:
        """See `Link`."""
        await self._presence.attend(self._attend, lambda _: self._backoff.failed())

    async def order(self, topic: str, text: str) -> None:
        """Publish this message to the robot. Raises OrderRefused; LinkError: it did not go.

        An order is for a robot that is there; instant actions (stop, cancel) are tried as long as there is a
        broker.
        """
        try:
            where, payload = outgoing(self._address, topic, text)
        except Vda5050Error as error:
            raise OrderRefused("not-for-robot", f"{self._id} is not told that: {error}") from error
        there = self._bridge is not None and self._bridge.presence is Presence.THERE
        if self._connection is None or (topic == Topic.ORDER and not there):
            raise LinkError("not-connected", f"{self._id} is not there: it is not told to drive")
        try:
            async with asyncio.timeout(_WRITE_S):
                await self._connection.publish(where, payload, qos=0)
        except (TimeoutError, Unreachable) as error:
            self._broken.set()
            raise LinkError("unreachable", f"{self._url} did not take an order for {self._id}") from error

    async def _attend(self) -> None:
        """One connection to the broker, until it breaks. Raises LinkError."""
        async with at_broker(self._url, self._credentials) as connection:
            inbox, self._bridge, self._connection = Inbox(self._clock), self._codec(), connection
            self._broken.clear()
            try:
                await connection.subscribe(*self._topics)
                parts = self._read(connection, inbox), self._listen(self._bridge, inbox), self._break()
                await until_one_ends(*parts, connection.watch())
            finally:
                self._connection = self._bridge = None

    async def _read(self, connection: Connection, inbox: Inbox) -> None:
        async for topic, payload in connection.messages():
            if topic in self._topics:
                inbox.put(self._topics[topic], payload)

    async def _listen(self, bridge: Bridge, inbox: Inbox) -> None:
        bridge.expect(self._clock.now())
        while True:
            arrival = await inbox.get(self._seconds_until(bridge.next_timer()))
            now = self._clock.now()
            if arrival:
                said = bridge.receive_message(arrival.source, arrival.data, arrival.at)
            else:
                said = bridge.handle_timer(now)
            self._attest(bridge.presence, arrival.at if arrival else now)
            self._outlet(said)

    async def _break(self) -> None:
        await self._broken.wait()
        raise Unreachable("an order could not be written: the connection begins anew")

    def _seconds_until(self, due: Instant | None) -> float | None:
        return None if due is None else max(0.0, (due - self._clock.now()) / 1_000_000_000)

    def _attest(self, is_there: Presence, at: Instant) -> None:
        match is_there:
            case Presence.UNKNOWN:
                pass
            case Presence.THERE:
                self._backoff.reset()
                self._presence.connected(at)
            case _:
                message = f"{self._id}: {_GONE[is_there]}"
                self._presence.disconnected(LinkError(is_there.value, message))
