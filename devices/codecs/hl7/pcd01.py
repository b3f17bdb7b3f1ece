"""A bedside monitor, or its gateway, in HL7: IHE PCD-01 (DEC) and what vendors send alike, for one bed.

    OBX|4|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.6.1.1|98|262688^MDC_DIM_PERCENT^MDC|||||R|||20260101020304

ORU^R01 and ORU^W01 give readings and waveforms; ORU^R40, R04 and R41 (and groups of OBX about an alarm) give
DEVICE_ALARM events only (`alerts`). No value: an empty OBX-5, OBX-11 of X, N, D or W, OBX-8 of INV or NAV,
the numbers -100, -999 and -99.9, -1 where no patient's is negative, and what is below zero and impossible.
OBX-8 DEMO or TEST and MSH-11 T are test data. A setting (OBX-17 ASET, MSET, RSET) is no measurement. Of a
metric that one message tells from several channels (OBX-4) the first is taken; the others are UNMAPPED.
A value is placed by how much its OBX-14 is before MSH-7; from two minutes on it is STORED. One from before
the message is told once: monitors repeat the last cuff pressure in each message.
A device serves the bed (PV1-3) that its first message names, or, without one, the patient (PID-3). What
a message that names another says is UNMAPPED, with the STATUS `other-bed`. IDENTITY tells who the bed's is.
Source: IHE PCD TF-2 (DEC) and its OBX-4, OBX-8, OBX-11, OBX-17; messages of Mindray, GE, Philips, Comen, Edan
and XH80X monitors in public repositories.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import groupby

from devices.codecs import Said
from devices.codecs.health import Conditions
from devices.codecs.hl7.alerts import Alerts, is_alert, is_listed
from devices.codecs.hl7.bed import Bed
from devices.codecs.hl7.laboratory import patient_of, value_of
from devices.codecs.hl7.message import Message, Segment
from devices.codecs.hl7.observation import Clock, Observation, read
from devices.codecs.hl7.receiver import Receiver, Unsupported
from devices.codecs.hl7.waveforms import is_waveform, waveforms
from devices.codecs.lab_result import unmapped
from devices.model.observation import DeviceEvent, EventKind, Instant, later

NUMERICS = (
    "hr",
    "pr_spo2",
    "spo2",
    "pi",
    "rr_imped",
    "rr_co2",
    "etco2",
    "fico2",
    "fio2",
    "nibp_sys",
    "nibp_dia",
    "nibp_map",
    "pr_nibp",
    "abp_sys",
    "abp_dia",
    "abp_map",
    "cvp",
    "pap_sys",
    "pap_dia",
    "pap_map",
    "icp",
    "temp",
    "temp_core",
    "temp_skin",
    "st_ii",
    "pvc_rate",
    "co",
)
WAVEFORMS = ("ecg_i", "ecg_ii", "pleth", "abp_wave", "co2_wave")
METRICS = NUMERICS + WAVEFORMS
"""What bedside monitors usually tell. Any other metric with an IEEE term is read as well."""

_REMEMBERED = 500
"""Unmapped observations of which the last value is known, so that only a change is told."""


def of_one_bed() -> Callable[[], "Pcd01"]:
    """Makes the codecs of one device, which all serve the same bed."""
    bed = Bed()
    return lambda: Pcd01(bed)


class Pcd01(Receiver):
    """Gives readings, waveforms, DEVICE_CLOCK, DEVICE_ALARM, IDENTITY, UNMAPPED and `other-bed`."""

    OTHER_BED_S = 60.0

    def __init__(self, bed: Bed | None = None) -> None:
        super().__init__()
        self._bed = bed or Bed()
        self._conditions = Conditions()
        self._other_bed_until: Instant | None = None
        self._identity: dict[str, str | int] = {}
        self._alerts = Alerts()
        self._told: dict[str, tuple[Decimal | None, str]] = {}
        self._unmapped: dict[tuple[str, ...], str] = {}

    def next_timer(self) -> Instant | None:
        """When a message ends, a condition or an alarm ends, or counted bytes are to be told."""
        times = [super().next_timer(), self._other_bed_until, self._alerts.due()]
        return min((one for one in times if one is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """End what silence ends."""
        said = super().handle_timer(now)
        if self._other_bed_until is not None and now >= self._other_bed_until:
            self._other_bed_until = None
            said += self._conditions.become([], now)
        return [*said, *self._alerts.expired(now)]

    def _read(self, message: Message, now: Instant) -> list[Said]:
        if message.type != "ORU":
            raise Unsupported(f"expected ORU, got {message.type}^{message.trigger}")
        said: list[Said] = []
        for pid, segments in _by_patient(message):
            said += self._of_patient(message, pid, segments, now)
        return said

    def _of_patient(
        self, message: Message, pid: Segment, segments: list[Segment], now: Instant
    ) -> list[Said]:
        pv1 = next((one for one in segments if one.name == "PV1"), Segment(("PV1",), pid.marks))
        who = pv1.text(3).strip("^& "), patient_of(pid)
        if not self._bed.is_of(*who, now):
            return self._of_another_bed(segments, who, now)
        said: list[Said] = self._introduced(message.header, who, now)
        seen: set[str] = set()
        for group in _by_order(segments):
            if is_alert(message, group):
                said += self._alerts.read(group, now)
            else:
                said += self._observed(message, group, seen, now)
        return said

    def _of_another_bed(self, segments: list[Segment], who: tuple[str, str], now: Instant) -> list[Said]:
        self._other_bed_until = later(now, self.OTHER_BED_S)
        said: list[Said] = [*self._conditions.become(["other-bed"], now)]
        for obx in segments:
            if obx.name == "OBX" and obx.raw(5):
                said += self._unknown(obx, now, bed=who[0], patient=who[1])
        return said

    def _introduced(self, header: Segment, who: tuple[str, str], now: Instant) -> list[Said]:
        names = {
            "manufacturer": header.first(4),
            "model": header.first(3),
            "device-id": header.component(3, 2),
        }
        told = {**names, "location": who[0], "patient": who[1]}
        identity: dict[str, str | int] = {name: text for name, text in told.items() if text}
        if identity == self._identity:
            return []
        self._identity = identity
        return [DeviceEvent(EventKind.IDENTITY, now, identity)] if identity else []

    def _observed(self, message: Message, group: list[Segment], seen: set[str], now: Instant) -> list[Said]:
        """What a group's observations say; `seen` are the message's metrics so far."""
        clock = Clock(message.header, group[0], now)
        waves, rest = waveforms(group, now)
        said: list[Said] = [*waves]
        clocks: dict[Instant, DeviceEvent] = {}
        for obx in rest:
            if is_listed(obx):
                continue
            if is_waveform(obx):
                said += self._unknown(obx, now, value=f"{len(obx.components(5))} samples")
                continue
            found = read(obx, message.header, clock)
            if found is None or found.reading.metric in seen:
                said += self._unknown(obx, now)
                continue
            seen.add(found.reading.metric)
            if not self._is_repeat(found):
                if found.clock:
                    clocks[found.clock.at] = found.clock
                said.append(found.reading)
        alarms = self._alerts.listed(group, now)
        return [*clocks.values(), *said, *alarms]

    def _is_repeat(self, found: Observation) -> bool:
        """Whether a value with a time of its own, in the past, was told already."""
        reading = found.reading
        before, told = self._told.get(reading.metric), (reading.value, found.time)
        self._told[reading.metric] = told
        return found.is_past and before == told

    def _unknown(self, obx: Segment, now: Instant, **others: str) -> list[Said]:
        """An observation that is no reading of this bed, when it changes."""
        value = others.pop("value", "") or value_of(obx)
        if not value:
            return []
        code = next((part for part in obx.components(3) if part), "")
        key = (obx.raw(3), obx.raw(4), *others.values())
        if self._unmapped.get(key) == value:
            return []
        if len(self._unmapped) >= _REMEMBERED:
            self._unmapped.pop(next(iter(self._unmapped)))
        self._unmapped[key] = value
        unit = obx.component(6, 2) or obx.component(6, 1)
        system, text, channel = obx.component(3, 3), obx.component(3, 2), obx.component(4, 1)
        return [unmapped(now, code, system, value=value, unit=unit, text=text, channel=channel, **others)]


def _by_patient(message: Message) -> list[tuple[Segment, list[Segment]]]:
    """The segments of each patient of a message, with its PID (an empty one if it has none)."""
    groups: list[tuple[Segment, list[Segment]]] = []
    for segment in message.segments[1:]:
        if segment.name == "PID" or not groups:
            pid = segment if segment.name == "PID" else Segment(("PID",), segment.marks)
            groups.append((pid, []))
        groups[-1][1].append(segment)
    return groups


def _by_order(segments: list[Segment]) -> list[list[Segment]]:
    """The OBX of each OBR, behind it; an empty OBR stands before those that have none."""
    groups: list[list[Segment]] = []
    for is_order, group in groupby(
        (one for one in segments if one.name in ("OBR", "OBX")), lambda one: one.name == "OBR"
    ):
        found = list(group)
        if is_order:
            groups += [[order] for order in found]
        elif groups:
            groups[-1] += found
        else:
            groups.append([Segment(("OBR",), found[0].marks), *found])
    return groups
