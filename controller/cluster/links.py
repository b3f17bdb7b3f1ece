"""The controller's connections: one to each broker, to its other parts as one.

    links = Links(broker, session, clock, arrived, lost, also=(topic,))
    links.send(topic, payload); links.retain(topic, payload)

It listens at every broker, for a gateway's lanes may be at any. What goes down to a gateway goes to where
its alert lane was heard last, for there it listens; if that is not known, or gone, to all.
"""

import asyncio
from collections.abc import Callable, Sequence, Set

from controller.brokers import AnyBroker, each
from controller.clock import Clock
from controller.cluster.access import IN_FORCE
from controller.cluster.member import Member
from controller.ingest import Arrived
from controller.mqtt import KEEPALIVE_S, MqttLink
from devices.wire import topics

_KEEPALIVE_S = 5
"""With several: 1.5 times that after it lost the controller a broker says so, and gateways go elsewhere."""
_BY_ALERT_LANE = ("birth", "alert")
"""What a gateway says where it listens. Its state may be a will, of a connection that it left."""


class Links:
    """See the module. `lost` is told the place in the list of the broker whose connection is gone."""

    def __init__(
        self,
        broker: AnyBroker,
        session: bytes,
        clock: Clock,
        arrived: Callable[[Arrived], None],
        lost: Callable[[int], None],
        *,
        also: Sequence[str] = (),
        shared: bool = False,
    ) -> None:
        """`shared`: with other controllers (MqttLink)."""
        self.connected = asyncio.Event()
        """Set while there is a connection to any."""
        self._deliver, self._lost = arrived, lost
        self._at: dict[str, int] = {}
        """By gateway: the broker where it was heard last."""
        brokers = each(broker)
        keepalive_s = KEEPALIVE_S if len(brokers) == 1 else _KEEPALIVE_S
        self._links: list[MqttLink] = []
        for index, one in enumerate(brokers):
            heard, gone = self._told_by(index, one)
            wanted = (*also, IN_FORCE) if isinstance(one, Member) else also
            link = MqttLink(one, session, clock, heard, gone, also=wanted, shared=shared)
            link.keepalive_s, link.came = keepalive_s, self.connected.set
            if isinstance(one, Member):
                one.retain, one.is_connected = link.retain, link.connected.is_set
            self._links.append(link)

    def states(self) -> list[tuple[bool, int]]:
        """Of each broker: whether there is a connection, and how many messages wait to be published."""
        return [(link.connected.is_set(), link.waiting) for link in self._links]

    def _told_by(self, index: int, broker: AnyBroker) -> tuple[Callable[[Arrived], None], Callable[[], None]]:
        def heard(arrived: Arrived) -> None:
            if isinstance(broker, Member) and arrived.topic == IN_FORCE:
                broker.heard(arrived.payload)
                return
            self._note(arrived, index)
            self._deliver(arrived._replace(broker=index))

        def gone() -> None:
            if not any(link.connected.is_set() for link in self._links):
                self.connected.clear()
            self._lost(index)

        return heard, gone

    def send(self, topic: str, payload: bytes) -> None:
        """Publish soon, at most once, where it is heard."""
        for link in self._where(topic):
            link.send(topic, payload)

    def retain(self, topic: str, payload: bytes) -> None:
        """Publish soon, at every broker, and again whenever one is another."""
        for link in self._links:
            link.retain(topic, payload)

    def forget(self, topic: str) -> None:
        """See MqttLink."""
        for link in self._links:
            link.forget(topic)

    def listen(self, gateways: Set[str]) -> None:
        """To exactly these, at every broker (MqttLink)."""
        for link in self._links:
            link.listen(gateways)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        async with asyncio.TaskGroup() as group:
            for link in self._links:
                group.create_task(link.run())

    def _note(self, arrived: Arrived, index: int) -> None:
        from_ = topics.parse_up(arrived.topic)
        if from_ is not None and from_[1] in _BY_ALERT_LANE:
            self._at[from_[0]] = index

    def _where(self, topic: str) -> Sequence[MqttLink]:
        at = self._at.get(topic.split("/")[2])
        if at is None or not self._links[at].connected.is_set():
            return self._links
        return self._links[at : at + 1]
