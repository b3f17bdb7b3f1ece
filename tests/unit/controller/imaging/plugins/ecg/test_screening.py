"""The ECG plug-in on DICOM waveforms and on monitors' strips."""

import base64
import io
import json
from datetime import datetime

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file

from controller.imaging.plugins.ecg.screening import FAST, FIBRILLATION, SLOW, EcgScreening, judged
from controller.imaging.plugins.ecg.strip import read_strip
from controller.imaging.plugins.ecg.waveform import read_recording
from controller.imaging.plugins.model import Finding, Given
from controller.imaging.plugins.plugin import BadGiven
from hil.bench.ecg.made import fibrillating
from hil.sims.imaging.ecg import twelve_leads
from hil.sims.imaging.objects import Examination, Patient

TWELVE = "1.2.840.10008.5.1.4.1.1.9.1.1"
ANNA = Patient("4711", "Muster^Anna", "19610412", "F")
EXAMINATION = Examination(ANNA, datetime(2026, 11, 26, 9, 0))  # noqa: DTZ001 — modalities write local time


def found_in(content: bytes, kind: str = TWELVE) -> list[Finding]:
    return EcgScreening().run(Given(kind, content))


def strip(signal: np.ndarray, rate: float, gap_s: float = 0) -> bytes:
    """Two runs of one lead, the second `gap_s` later than it ought to be."""
    half = signal.size // 2
    runs = [
        {
            "at_s": start / rate + (gap_s if start else 0),
            "scale": 0.005,
            "offset": 0.0,
            "samples": base64.b64encode(np.round(part / 0.005).astype("<i2").tobytes()).decode(),
        }
        for start, part in ((0, signal[:half]), (half, signal[half:]))
    ]
    return json.dumps({"metric": "ecg_ii", "rate_hz": rate, "runs": runs}).encode()


def test_twelve_leads_are_read_in_millivolts() -> None:
    recording = read_recording(twelve_leads(EXAMINATION))
    assert list(recording.leads)[:3] == ["I", "II", "III"]
    assert recording.rate_hz == 500
    assert recording.seconds == 10
    assert 0.9 < float(recording.leads["II"].max()) < 1.4


def test_a_real_machines_recording_has_its_leads_and_a_rate_of_a_heart() -> None:
    """pydicom's waveform_ecg.dcm: twelve leads of 10 s at 1 kHz, and a median beat beside them."""
    path = get_testdata_file("waveform_ecg.dcm")
    assert isinstance(path, str)
    with open(path, "rb") as file:  # noqa: PTH123
        recording = read_recording(file.read())
    assert len(recording.leads) == 12
    assert recording.seconds == 10
    rhythm = judged(recording)
    assert rhythm
    assert 40 < rhythm.rate_per_min < 130


def test_an_ordinary_heart_gives_no_finding() -> None:
    assert found_in(twelve_leads(EXAMINATION, 72)) == []


@pytest.mark.parametrize(("per_min", "code", "urgency"), [(150, FAST, 2), (36, SLOW, 2), (200, FAST, 3)])
def test_a_fast_and_a_slow_heart_are_told_with_their_rate(per_min: int, code: object, urgency: int) -> None:
    [finding] = found_in(twelve_leads(EXAMINATION, per_min))
    assert finding.code == code
    assert finding.urgency == urgency
    assert abs(finding.evidence[0].value - per_min) < 0.1 * per_min
    assert finding.confidence is None


def test_fibrillation_on_a_monitor_is_told_with_how_often_that_is_right() -> None:
    one = fibrillating(np.random.default_rng(2), 40)
    [finding] = found_in(strip(one.signal, one.rate), "ecg_ii")
    assert finding.code == FIBRILLATION
    assert finding.confidence == 0.54
    assert finding.model == "wardlink-ecg-rhythm"
    assert {measure.what.value for measure in finding.evidence} == {"8867-4", "cosen", "rr-change"}


def test_what_a_monitor_did_not_send_is_missing_not_zero() -> None:
    signal = np.ones(1000)
    recording = read_strip(strip(signal, 250, gap_s=1))
    assert np.isnan(recording.leads["II"][500:750]).all()
    assert recording.leads["II"][750:1250] == pytest.approx(1)


@pytest.mark.parametrize(
    "content", [b"", b"not dicom", twelve_leads(EXAMINATION)[:5000], b"\0" * 128 + b"DICM"]
)
def test_what_is_no_waveform_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(BadGiven):
        found_in(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda group: setattr(group, "NumberOfWaveformSamples", 999_999_999),
        lambda group: setattr(group, "SamplingFrequency", 0),
        lambda group: setattr(group, "WaveformData", b"\0\0"),
        lambda group: delattr(group, "ChannelDefinitionSequence"),
    ],
)
def test_a_waveform_that_contradicts_itself_is_not_looked_at(change: object) -> None:
    data = dcmread(io.BytesIO(twelve_leads(EXAMINATION)))
    change(data.WaveformSequence[0])  # pyright: ignore[reportCallIssue]
    out = io.BytesIO()
    data.save_as(out)
    with pytest.raises(BadGiven):
        found_in(out.getvalue())


@pytest.mark.parametrize(
    "content",
    [b"{}", b"[1]", b'{"metric": "ecg_ii", "rate_hz": 0, "runs": []}', b"\xff", strip(np.ones(9), 1e-9)],
)
def test_a_strip_that_is_none_is_not_looked_at(content: bytes) -> None:
    with pytest.raises(BadGiven):
        found_in(content, "ecg_ii")


def test_it_looks_at_ecgs_alone() -> None:
    plugin = EcgScreening()
    assert plugin.takes(TWELVE)
    assert plugin.takes("ecg_v5")
    assert not plugin.takes("1.2.840.10008.5.1.4.1.1.2")
    assert not plugin.takes("1.2.840.10008.5.1.4.1.1.88.33")
    assert not plugin.takes("lab-result")
