"""Findings as a Comprehensive SR: valid to dcmtk, of the same patient and study, unverified."""

import io
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from controller.imaging.plugins.model import REVIEW, Code, Finding, Measure
from controller.imaging.plugins.report import make_report
from hil.sims.imaging.ecg import twelve_leads
from hil.sims.imaging.objects import Examination, Patient

AT_US = 1_795_000_000_000_000
AT = datetime(2026, 11, 26)  # noqa: DTZ001 — modalities write local time
ECG = twelve_leads(Examination(Patient("4711", "Müster^Anna", "19610412", "F"), AT, "A1"))
RATE = Measure(Code("8867-4", "LN", "Heart rate"), 112.0, "/min")
FOUND = Finding(
    Code("164889003", "SCT", "Electrocardiographic atrial fibrillation"),
    "no order",
    "m",
    "1",
    0.54,
    1,
    (RATE,),
)


@pytest.fixture
def report() -> Dataset:
    return dcmread(io.BytesIO(make_report(ECG, [FOUND], AT_US)))


def test_dcmtk_reads_it_as_a_comprehensive_sr(tmp_path: Path) -> None:
    """dsrdump checks relations and types against the IOD's table (PS3.3, A.35.3-2)."""
    path = tmp_path / "report.dcm"
    path.write_bytes(make_report(ECG, [FOUND], AT_US))
    done = subprocess.run(["dsrdump", str(path)], capture_output=True, text=True, check=True, timeout=30)
    assert "Comprehensive SR Document" in done.stdout
    assert "Electrocardiographic atrial fibrillation" in done.stdout
    assert "<inferred from WAVEFORM" in done.stdout
    assert "E:" not in done.stderr


def test_it_belongs_to_the_patient_and_study_of_what_was_looked_at(report: Dataset) -> None:
    source = dcmread(io.BytesIO(ECG))
    for name in ("PatientID", "PatientName", "StudyInstanceUID", "AccessionNumber", "StudyDate"):
        assert getattr(report, name) == getattr(source, name)
    assert report.SeriesInstanceUID != source.SeriesInstanceUID


def test_it_says_that_a_physician_is_to_look_and_that_nobody_has(report: Dataset) -> None:
    assert report.VerificationFlag == "UNVERIFIED"
    assert report.CompletionFlag == "PARTIAL"
    assert report.PreliminaryFlag == "PRELIMINARY"
    assert REVIEW in [item.TextValue for item in report.ContentSequence if item.ValueType == "TEXT"]


def test_a_finding_names_its_program_its_confidence_and_what_it_was_inferred_from(report: Dataset) -> None:
    [finding] = [
        item for item in report.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == "121071"
    ]
    told = {item.ConceptNameCodeSequence[0].CodeValue: item for item in finding.ContentSequence}
    assert (told["111001"].TextValue, told["111003"].TextValue) == ("m", "1")
    assert told["111012"].MeasuredValueSequence[0].NumericValue == 54
    assert told["8867-4"].MeasuredValueSequence[0].NumericValue == 112
    reference = told["121112"].ReferencedSOPSequence[0]
    assert reference.ReferencedSOPInstanceUID == dcmread(io.BytesIO(ECG)).SOPInstanceUID


def test_made_twice_it_is_the_same_file() -> None:
    assert make_report(ECG, [FOUND], AT_US) == make_report(ECG, [FOUND], AT_US)


def test_a_rule_has_no_confidence() -> None:
    rule = Finding(FOUND.code, "w", "m", "1", None, 1)
    report = dcmread(io.BytesIO(make_report(ECG, [rule], AT_US)))
    codes = [
        below.ConceptNameCodeSequence[0].CodeValue
        for item in report.ContentSequence
        for below in item.get("ContentSequence", ())
    ]
    assert "111012" not in codes


def test_another_version_is_another_instance() -> None:
    other = Finding(FOUND.code, "w", "m", "2", None, 1)
    one, two = (dcmread(io.BytesIO(make_report(ECG, [each], AT_US))) for each in (FOUND, other))
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.SeriesInstanceUID != two.SeriesInstanceUID
