"""Which waveform of each patient goes first where the link does not carry all: the one that matters.

It is that of the sensor that alarms; otherwise the ECG, in the lead that monitors show first; otherwise the
first there is of pressure, pleth, breathing and CO2. Nothing is dropped: the others follow.

    choice.is_narrow = True
    gather.second = choice.is_second           a record that waits for the first ones: in blocks of its own
    choice.heard(who, alert)
"""

from dataclasses import dataclass, field

from devices.model.alarm_limits import CONDITIONS
from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, Instant, Waveform
from devices.wire.records import AnyRecord

Who = tuple[DeviceId | None, LocationId | None]
Wave = tuple[DeviceId | None, str]
"""Device and metric."""

FORGOTTEN_NS = 10_000_000_000
"""A waveform that has not come for so long is none to choose."""
_ECG = (
    "ecg_ii",
    "ecg_i",
    "ecg_iii",
    "ecg_avf",
    "ecg_avl",
    "ecg_avr",
    *(f"ecg_v{n}" for n in range(1, 7)),
    "ecg_raw",
)
_PRESSURE = ("abp_wave", "ibp_wave")
_BREATH = ("co2_wave", "resp_wave", "resp_raw", "flow_wave", "paw_wave")
_ORDER = (*_ECG, *_PRESSURE, "pleth", *_BREATH)
_OF_METRIC = {
    "spo2": ("pleth",),
    "pr_spo2": ("pleth", *_ECG),
    "hr": _ECG,
    "qrs_rate": _ECG,
    "qrs_gap": _ECG,
    "etco2": ("co2_wave",),
    "fico2": ("co2_wave",),
    **dict.fromkeys(("rr", "rr_co2", "rr_imped", "rr_acoustic", "rr_pleth"), _BREATH),
    **dict.fromkeys(("abp_sys", "abp_dia", "abp_map", "ibp_sys", "ibp_dia", "ibp_map", "pr_ibp"), _PRESSURE),
}
"""By what a condition speaks of, the waveforms that show it, the best first."""


@dataclass(slots=True)
class _Patient:
    waves: dict[Wave, Instant] = field(default_factory=dict[Wave, Instant])
    alarms: dict[str, int] = field(default_factory=dict[str, int])
    """Active alarms by code: the larger number is the more urgent one."""

    def first(self, now: Instant) -> Wave | None:
        """The one that matters."""
        self.waves = {wave: at for wave, at in self.waves.items() if now - at < FORGOTTEN_NS}
        urgent = sorted(self.alarms, key=lambda code: -self.alarms[code])
        shown = (
            wave
            for code in urgent
            for metric in CONDITIONS[code].metrics
            for wave in _OF_METRIC.get(metric, ())
        )
        order = dict.fromkeys((*shown, *_ORDER))
        wanted = (wave for metric in order for wave in self.waves if wave[1] == metric)
        return next(wanted, next(iter(self.waves), None))


@dataclass(slots=True)
class WaveChoice:
    """For all patients of a gateway; a device at no bed is a patient by itself."""

    is_narrow: bool = False
    _patients: dict[str | None, _Patient] = field(default_factory=dict[str | None, _Patient])
    _first: dict[str | None, Wave | None] = field(default_factory=dict[str | None, Wave | None])

    def is_second(self, who: Who, record: AnyRecord) -> bool:
        """Whether the record may wait for others of its lane."""
        if not isinstance(record, Waveform):
            return False
        wave, key = (who[0], record.metric), who[1] or who[0]
        patient = self._patients.setdefault(key, _Patient())
        patient.waves[wave] = record.at
        if not self.is_narrow:
            return False
        self._first[key] = patient.first(record.at)
        return self._first[key] != wave

    def heard(self, who: Who, alert: Alert) -> None:
        """An alert: a sensor alarms, or does no longer."""
        if alert.code not in CONDITIONS:
            return
        alarms = self._patients.setdefault(who[1] or who[0], _Patient()).alarms
        if alert.active:
            alarms[alert.code] = int(alert.priority)
        else:
            alarms.pop(alert.code, None)

    def holds_second(self, waves: frozenset[Wave]) -> bool:
        """Whether a block with these waveforms is one of second choice."""
        return self.is_narrow and bool(waves) and waves.isdisjoint(self._first.values())

    @property
    def first(self) -> tuple[Wave, ...]:
        """The waveforms that go before others now; empty: all go alike."""
        return (
            tuple(sorted({wave for wave in self._first.values() if wave}, key=str)) if self.is_narrow else ()
        )
