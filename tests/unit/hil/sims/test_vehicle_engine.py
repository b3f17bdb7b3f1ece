"""The simulated ELM327 and its codec hold a conversation: every value of the profile arrives."""

from devices.codecs import Said
from devices.codecs.elm327.codec import Elm327
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.profiles import profile
from hil.sims.models.vehicle_engine import Adapter
from hil.sims.patient import Patient
from hil.sims.simulated import Measured


class Talk:
    """An adapter and its codec, by turns as on a port."""

    def __init__(self) -> None:
        self.sim, self.codec = Adapter(Patient(3)), Elm327()
        self.said: list[Said] = []
        self.sent: list[Measured] = []
        self._tenth = 1000

    def run(self, seconds: int) -> None:
        for _ in range(seconds * 10):
            now = Instant(self._tenth * 100_000_000)
            due = self.codec.next_timer()
            if due is not None and due <= now:
                self.said += self.codec.handle_timer(now)
            for one in self.sim.heard(self.codec.data_to_send(), self._tenth / 10):
                self.sent.append(one)
                self.said += self.codec.receive_data(one.payload, now)
            self._tenth += 1

    def heard(self, metric: str) -> list[float | None]:
        found = [one for one in self.said if isinstance(one, Reading) and one.metric == metric]
        return [None if one.value is None else float(one.value) for one in found]

    def events(self, kind: EventKind) -> list[dict[str, str | int]]:
        return [dict(one.detail) for one in self.said if isinstance(one, DeviceEvent) and one.kind == kind]


def test_every_value_of_the_profile_arrives_as_it_was_sent() -> None:
    talk = Talk()
    talk.run(30)
    for metric in profile("obd-elm327").metrics:
        sent = [one.values[metric] for one in talk.sent if metric in one.values]
        assert talk.heard(metric) == sent
        assert len(sent) >= 2
        assert None not in sent


def test_speed_and_engine_speed_come_every_second() -> None:
    talk = Talk()
    talk.run(30)
    assert len(talk.heard("vehicle_speed")) >= 24
    assert len(talk.heard("engine_speed")) >= 24


def test_the_vehicle_says_who_it_is_and_what_troubles_it() -> None:
    talk = Talk()
    talk.run(20)
    identity = {key: value for one in talk.events(EventKind.IDENTITY) for key, value in one.items()}
    assert identity == {"adapter": "ELM327 v1.5", "protocol": "A6", "vin": "WDB9061331N000001"}
    assert [one["code"] for one in talk.events(EventKind.DEVICE_ALARM)] == ["P0133"]
    assert talk.events(EventKind.STATUS) == [{"malfunction-indicator": 1}]
    assert talk.events(EventKind.REFUSED) == talk.events(EventKind.BAD_BYTES) == []


def test_with_the_ignition_off_there_are_no_values() -> None:
    talk = Talk()
    talk.run(10)
    talk.sim.on_patient = False
    talk.said.clear()
    talk.run(10)
    assert set(talk.heard("vehicle_speed")) == {None}
    assert set(talk.heard("engine_speed")) == {None}


def test_it_says_nothing_unasked() -> None:
    assert Adapter(Patient(3)).tick(1.0) == []
