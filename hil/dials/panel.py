"""Which dials the beds of a ward have, and what turning one makes of them. Pure.

panel = Panel(ward, rhythms={"a103l": "CinC Challenge 2015 …"})
dials = panel.turned(dials, Turn(bed="bed-1", dial="spo2", value=82), boot_s())
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from devices.model.metrics import METRICS
from devices.profiles import BleLink, SerialLink, profile
from hil.dials.turns import Turn, said
from hil.dials.ward import CUFF
from hil.errors import BadDial
from hil.sims.dials import OWN, RANGES, STANDSTILL, BedDials, Dials, Faults
from hil.ward import Ward, WardDevice

MEASURED: Mapping[str, tuple[str, ...]] = {
    "heart_rate": ("hr", "pr_spo2"),
    "spo2": ("spo2",),
    "respiration": ("rr", "rr_co2", "rr_acoustic"),
    "temperature": ("temp_body", "temp_core"),
    "systolic": ("nibp_sys", "abp_sys"),
    "diastolic": ("nibp_dia", "abp_dia"),
}
"""By a patient's dial: the metrics that show what it is turned to."""
_HEART = frozenset({"heart_rate", "rhythm"})


def can(device: WardDevice) -> Iterator[str]:
    """The faults that a device can have."""
    found = profile(device.profile)
    if isinstance(found.link, SerialLink):
        yield "cut"
    if isinstance(found.link, BleLink):
        yield "away"
    yield from ("sensor_off", "frozen")
    if any(METRICS[metric].is_waveform for metric in found.metrics):
        yield "motion"
    if device.profile == CUFF:
        yield "leak"
    if isinstance(found.link, BleLink):
        yield "battery"


class Panel:
    """Of a ward. `rhythms`: what was prepared, by name, with its source."""

    def __init__(self, ward: Ward, rhythms: Mapping[str, str]) -> None:
        self._ward = ward
        self.rhythms = rhythms
        self._devices = {one.id: one for one in ward.devices}

    def about(self) -> dict[str, Any]:
        """What a page has to know to draw it."""
        return {
            "ranges": {name: one._asdict() for name, one in RANGES.items()},
            "rhythms": {OWN: "", STANDSTILL: "", **self.rhythms},
            "measured": MEASURED,
            "beds": [self._bed(bed.id, bed.name, bed.patient_name) for bed in self._ward.beds],
        }

    def _bed(self, bed: str, name: str, patient: str) -> dict[str, Any]:
        devices = [one for one in self._ward.devices if one.bed == bed]
        measured = {metric for one in devices for metric in profile(one.profile).metrics}
        return {
            "id": bed,
            "name": name,
            "patient": patient,
            "dials": [dial for dial, metrics in MEASURED.items() if measured.intersection(metrics)],
            "devices": [
                {
                    "id": one.id,
                    "model": f"{profile(one.profile).manufacturer} {profile(one.profile).model}",
                    "faults": list(can(one)),
                    "waves": [name for name in profile(one.profile).metrics if METRICS[name].is_waveform],
                }
                for one in devices
            ],
        }

    def turned(self, dials: BedDials, turn: Turn, now_s: float) -> BedDials:
        """`dials` of the bed of `turn`, with it turned at `now_s`. Raises BadDial."""
        if turn.bed not in {bed.id for bed in self._ward.beds}:
            raise BadDial(
                f"there is no bed {turn.bed!r}; there are: {', '.join(b.id for b in self._ward.beds)}"
            )
        try:
            return (
                self._patients(dials, turn, now_s) if turn.device is None else self._devices_of(dials, turn)
            )
        except ValidationError as error:
            raise BadDial(said(error)) from None

    def _patients(self, dials: BedDials, turn: Turn, now_s: float) -> BedDials:
        if turn.dial not in Dials.model_fields:
            raise BadDial(f"there is no dial {turn.dial!r}; there are: {', '.join(Dials.model_fields)}")
        value = OWN if turn.dial == "rhythm" and turn.value is None else turn.value
        patient = Dials.model_validate({**dials.patient.model_dump(), turn.dial: value}, strict=True)
        self._check(patient, turn)
        heart_s = now_s if turn.dial in _HEART else dials.heart_s
        return dials.model_copy(update={"patient": patient, "heart_s": heart_s})

    def _check(self, patient: Dials, turn: Turn) -> None:
        known = (OWN, STANDSTILL, *self.rhythms)
        if patient.rhythm not in known:
            raise BadDial(f"there is no rhythm {patient.rhythm!r}; there are: {', '.join(known)}")
        if turn.dial == "heart_rate" and turn.value is not None and patient.rhythm != OWN:
            raise BadDial(f"heart_rate: the rhythm {patient.rhythm} has its own; choose {OWN} first")
        upper, lower = patient.systolic, patient.diastolic
        if upper is not None and lower is not None and upper <= lower:
            raise BadDial(
                f"{turn.dial}: expected the systolic above the diastolic, got {upper:g}/{lower:g} mmHg"
            )

    def _devices_of(self, dials: BedDials, turn: Turn) -> BedDials:
        device = self._devices.get(turn.device or "")
        if device is None or device.bed != turn.bed:
            raise BadDial(f"{turn.bed} has no device {turn.device!r}")
        faults = list(can(device))
        if turn.dial not in faults:
            raise BadDial(f"{device.id} has no dial {turn.dial!r}; it has: {', '.join(faults)}")
        before = dials.devices.get(device.id, Faults())
        after = Faults.model_validate({**before.model_dump(), turn.dial: turn.value}, strict=True)
        return dials.model_copy(update={"devices": {**dials.devices, device.id: after}})
