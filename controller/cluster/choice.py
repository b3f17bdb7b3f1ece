"""Which brokers the controller has, as the configuration says."""

from pathlib import Path

from controller.broker import Broker
from controller.brokers import AnyBroker, Brokers
from controller.clock import Clock
from controller.cluster.member import Member
from controller.cluster.section import MqttSection
from controller.external_broker import ExternalBroker, Told
from devices.model.observation import Priority


def chosen(mqtt: MqttSection, data: Path, ca: Path, clock: Clock, told: Told) -> AnyBroker:
    """One broker, or several as one. `told` takes what is wrong with any of them."""
    if not mqtt.elsewhere:
        return Broker(data / "broker", ca, mqtt.host, mqtt.port)
    kind, said = ExternalBroker if mqtt.url else Member, _Complaints(told)
    brokers = [kind(url, ca, clock, said.of(url)) for url in mqtt.elsewhere]
    return Brokers(brokers) if len(brokers) > 1 else brokers[0]


class _Complaints:
    """What is wrong with each of several, told as one."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._of: dict[str, tuple[str, Priority]] = {}

    def of(self, url: str) -> Told:
        """For the broker at `url`."""

        def told(why: str, priority: Priority) -> None:
            self._of[url] = why, priority
            wrong = [one for one in self._of.values() if one[0]]
            most = max((priority for _, priority in wrong), default=Priority.LOW)
            self._told("; ".join(why for why, _ in wrong), most)

        return told
