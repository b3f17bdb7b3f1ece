"""The simulated HealthyPi boards send what their codec reads."""

import pytest

from devices.codecs.healthypi import HealthyPi
from devices.codecs.healthypi_packet import HEALTHYPI_3, HEALTHYPI_4, HEALTHYPI_5, Layout
from devices.model.observation import Instant, NoValue, Reading, Waveform
from devices.profiles import profile
from hil.sims.models.healthypi import HealthyPiBoard
from hil.sims.patient import Patient

LAYOUTS = {"healthypi-3": HEALTHYPI_3, "healthypi-4": HEALTHYPI_4, "healthypi-5": HEALTHYPI_5}
ALL = pytest.mark.parametrize(("name", "layout"), LAYOUTS.items(), ids=LAYOUTS)


def said(board: HealthyPiBoard, layout: Layout, seconds: float = 2.0) -> list[Reading | Waveform]:
    codec, found = HealthyPi(layout), list[Reading | Waveform]()
    for step in range(int(seconds / board.period_s)):
        time_s = 1000 + step * board.period_s
        for measured in board.tick(time_s):
            told = codec.receive_data(measured.payload, Instant(round(time_s * 1e9)))
            found += [one for one in told if isinstance(one, Reading | Waveform)]
    return found


@ALL
def test_every_metric_of_the_profile_arrives_as_it_was_sent(name: str, layout: Layout) -> None:
    board = HealthyPiBoard(Patient(3), layout)
    found = said(board, layout)
    assert {one.metric for one in found} == set(profile(name).metrics)
    (sent,) = board.tick(1001.0)
    assert sent.values["hr"] in {
        one.value for one in found if isinstance(one, Reading) and one.metric == "hr"
    }
    assert len(sent.payload) == 8 * (layout.size + 7)


@ALL
def test_off_the_patient_there_are_no_numbers(name: str, layout: Layout) -> None:
    board = HealthyPiBoard(Patient(3), layout)
    board.on_patient = False
    readings = [one for one in said(board, layout) if isinstance(one, Reading)]
    reason = NoValue.SENSOR_OFF if layout.tells_leads else NoValue.NOT_AVAILABLE
    assert {one.reason for one in readings if one.metric == "hr"} == {reason}
    assert {one.value for one in readings} == {None}
    assert board.heard(b"?", 1.0) == []
    assert name in LAYOUTS
