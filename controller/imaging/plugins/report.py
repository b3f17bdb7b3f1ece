"""Findings as a DICOM Comprehensive SR (PS3.3, A.35.3) beside what they were found in: partial, unverified.

The same findings of the same instance at the same time make the same bytes: what is stored twice is once.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID, uuid5

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ComprehensiveSRStorage, ExplicitVRLittleEndian

from controller.clock import utc_text
from controller.imaging.plugins.model import REVIEW, Code, Finding, Measure

IMPLEMENTATION: Final = "2.25.301736447183650216347259412807113"
SERIES_NUMBER: Final = 9100
_NAMES: Final = UUID("6d1b0a0e-58f1-4b55-9d0a-2f3c7c1ed6a4")
_OF_STUDY: Final = (
    *("StudyInstanceUID", "StudyDate", "StudyTime", "AccessionNumber", "StudyID", "ReferringPhysicianName"),
    *("StudyDescription", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex"),
)
_MAY_LACK: Final = frozenset({"StudyDescription", "IssuerOfPatientID"})
"""The others are of type 2 (PS3.5, 7.4.3): empty when unknown."""
_TITLE: Final = Code("28010-7", "LN", "ECG Report")
_FINDING: Final = Code("121071", "DCM", "Finding")
_COMMENT: Final = Code("121106", "DCM", "Comment")
_CERTAINTY: Final = Code("111012", "DCM", "Certainty of Finding")
_ALGORITHM, _VERSION = Code("111001", "DCM", "Algorithm Name"), Code("111003", "DCM", "Algorithm Version")
_OBSERVER_TYPE, _DEVICE = Code("121005", "DCM", "Observer Type"), Code("121007", "DCM", "Device")
_DEVICE_UID, _DEVICE_NAME = (
    Code("121012", "DCM", "Device Observer UID"),
    Code("121013", "DCM", "Device Observer Name"),
)
_SOURCE: Final = Code("121112", "DCM", "Source of Measurement")


def make_report(content: bytes, findings: Sequence[Finding], utc_us: int) -> bytes:
    """`content`: the file in which they were found; `findings`: at least one, of one model and version."""
    source = dcmread(io.BytesIO(content), stop_before_pixels=True)
    model, version = findings[0].model, findings[0].version
    data = _of_the_study(source)
    data.SOPClassUID = ComprehensiveSRStorage
    data.SOPInstanceUID = _uid("instance", source.SOPInstanceUID, model, version)
    _series(data, model, version, utc_us)
    _document(data, source)
    data.ValueType, data.ContinuityOfContent = "CONTAINER", "SEPARATE"
    data.ConceptNameCodeSequence = Items([_code(_TITLE)])
    data.ContentSequence = Items([*_observer(model), _text(_COMMENT, REVIEW, "CONTAINS")])
    data.ContentSequence.extend(_found(one, source) for one in findings)
    return _file(data)


def _of_the_study(source: Dataset) -> Dataset:
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    for name in _OF_STUDY:
        if name in source:
            element = source[name]
            data.add_new(element.tag, element.VR, element.value)
        elif name not in _MAY_LACK:
            setattr(data, name, "")
    return data


def _series(data: Dataset, model: str, version: str, utc_us: int) -> None:
    at = utc_text(utc_us)
    data.Modality, data.SeriesNumber, data.InstanceNumber = "SR", SERIES_NUMBER, 1
    data.SeriesInstanceUID = _uid("series", data.StudyInstanceUID, model, version)
    data.SeriesDescription = "Wardlink: found by a program"
    data.ReferencedPerformedProcedureStepSequence = Items([])
    data.Manufacturer, data.ManufacturerModelName, data.SoftwareVersions = "Wardlink", model, version
    data.SeriesDate = data.ContentDate = at[:10].replace("-", "")
    data.SeriesTime = data.ContentTime = at[11:26].replace(":", "")
    data.TimezoneOffsetFromUTC = "+0000"


def _document(data: Dataset, source: Dataset) -> None:
    data.CompletionFlag, data.CompletionFlagDescription = "PARTIAL", REVIEW
    data.VerificationFlag, data.PreliminaryFlag = "UNVERIFIED", "PRELIMINARY"
    data.PerformedProcedureCodeSequence = Items([])
    series, study = Dataset(), Dataset()
    series.SeriesInstanceUID, series.ReferencedSOPSequence = source.SeriesInstanceUID, Items([_sop(source)])
    study.StudyInstanceUID, study.ReferencedSeriesSequence = source.StudyInstanceUID, Items([series])
    data.CurrentRequestedProcedureEvidenceSequence = Items([study])


def _observer(model: str) -> Iterable[Dataset]:
    """Who has observed: a device (PS3.16, TID 1002, 1004)."""
    kind = _item("CODE", _OBSERVER_TYPE, "HAS OBS CONTEXT")
    kind.ConceptCodeSequence = Items([_code(_DEVICE)])
    identity = _item("UIDREF", _DEVICE_UID, "HAS OBS CONTEXT")
    identity.UID = _uid("device", model)
    return kind, identity, _text(_DEVICE_NAME, model, "HAS OBS CONTEXT")


def _found(finding: Finding, source: Dataset) -> Dataset:
    """A code, what is known of it (PS3.16, TID 4019 for the algorithm), and what it was inferred from."""
    item = _item("CODE", _FINDING, "CONTAINS")
    item.ConceptCodeSequence = Items([_code(finding.code)])
    below = [
        _text(_ALGORITHM, finding.model, "HAS PROPERTIES"),
        _text(_VERSION, finding.version, "HAS PROPERTIES"),
        _text(_COMMENT, f"{finding.what}. {REVIEW}", "HAS PROPERTIES"),
    ]
    if finding.confidence is not None:
        below.append(_number(Measure(_CERTAINTY, round(100 * finding.confidence), "%"), "HAS PROPERTIES"))
    below.extend(_number(one, "INFERRED FROM") for one in finding.evidence)
    reference = _item("WAVEFORM", _SOURCE, "INFERRED FROM")
    reference.ReferencedSOPSequence = Items([_sop(source)])
    item.ContentSequence = Items([*below, reference])
    return item


def _item(kind: str, concept: Code, relation: str) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, kind
    item.ConceptNameCodeSequence = Items([_code(concept)])
    return item


def _text(concept: Code, text: str, relation: str) -> Dataset:
    item = _item("TEXT", concept, relation)
    item.TextValue = text
    return item


def _number(measure: Measure, relation: str) -> Dataset:
    item, value = _item("NUM", measure.what, relation), Dataset()
    value.NumericValue = f"{measure.value:.10g}"
    value.MeasurementUnitsCodeSequence = Items([_code(Code(measure.unit, "UCUM", measure.unit))])
    item.MeasuredValueSequence = Items([value])
    return item


def _code(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.system, code.meaning
    return item


def _sop(source: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    return item


def _uid(*of: str) -> UID:
    """ "2.25." and a UUID over what it is of (PS3.5, B.2)."""
    return UID(f"2.25.{uuid5(_NAMES, '|'.join(of)).int}")


def _file(data: Dataset) -> bytes:
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.ImplementationClassUID = UID(IMPLEMENTATION)
    out = io.BytesIO()
    dcmwrite(out, data, enforce_file_format=True)
    return out.getvalue()
