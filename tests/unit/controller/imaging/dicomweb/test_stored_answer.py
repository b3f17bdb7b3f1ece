"""The answer of STOW-RS says of each instance what became of it (PS3.18, annex I)."""

from pydicom import Dataset

from controller.imaging.archive.verdicts import Outcome, Verdict
from controller.imaging.dicomweb.stored_answer import IN_DOUBT, answer_of, status_of

BASE = "https://host/dicom-web"


def verdict(outcome: Outcome, instance: str = "1.2.3.4", **more: object) -> Verdict:
    known = ("1.2.840.10008.5.1.4.1.1.2", instance, "1.2", "1.2.3", "4711")
    return Verdict(outcome, *known, **more)  # pyright: ignore[reportArgumentType]


STORED, ALREADY, HELD = (
    verdict(Outcome.STORED),
    verdict(Outcome.ALREADY),
    verdict(Outcome.HELD, message="Who?"),
)
REFUSED = verdict(Outcome.REFUSED, code=0xA900, message="another class")
UNREADABLE = Verdict(Outcome.QUARANTINED, "", "", "", "", "", 0xC000, "not-dicom", "no DICM")


def read(*verdicts: Verdict) -> Dataset:
    """As another's reader of DICOM JSON has it."""
    return Dataset.from_json(answer_of(verdicts, BASE))  # pyright: ignore[reportArgumentType]


def test_the_status_says_whether_all_some_or_none_were_stored() -> None:
    assert status_of([STORED, ALREADY]) == 200
    assert status_of([STORED, HELD]) == 202
    assert status_of([STORED, REFUSED]) == 202
    assert status_of([REFUSED, UNREADABLE]) == 409


def test_what_is_stored_is_named_with_its_address() -> None:
    item = read(STORED).ReferencedSOPSequence[0]
    assert item.ReferencedSOPInstanceUID == "1.2.3.4"
    assert item.RetrieveURL == f"{BASE}/studies/1.2/series/1.2.3/instances/1.2.3.4"
    assert read(STORED).RetrieveURL == f"{BASE}/studies/1.2"


def test_the_same_again_is_a_success_like_the_first_time() -> None:
    assert read(ALREADY) == read(STORED)


def test_a_patient_in_doubt_is_a_warning() -> None:
    assert read(HELD).ReferencedSOPSequence[0].WarningReason == IN_DOUBT


def test_a_failure_has_its_reason_and_words_for_people() -> None:
    item = read(REFUSED).FailedSOPSequence[0]
    assert item.FailureReason == 0xA900
    assert item.ErrorComment == "another class"


def test_what_cannot_be_named_is_another_failure() -> None:
    answer = read(UNREADABLE)
    assert "FailedSOPSequence" not in answer
    assert answer.OtherFailuresSequence[0].FailureReason == 0xC000


def test_words_are_no_longer_than_their_attribute_allows() -> None:
    long = verdict(Outcome.REFUSED, code=0xC000, message="x\\" * 100)
    comment = read(long).FailedSOPSequence[0].ErrorComment
    assert len(comment) == 64 and "\\" not in comment


def test_several_studies_have_no_address_in_common() -> None:
    other = Verdict(Outcome.STORED, "1.2.840.10008.5.1.4.1.1.2", "9.9", "9", "9.1", "4711")
    assert "RetrieveURL" not in read(STORED, other)
