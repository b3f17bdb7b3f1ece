"""What is negotiated, and in which form an image is then sent."""

import pytest
from pydicom.uid import ExplicitVRBigEndian, JPEGBaseline8Bit, JPEGLosslessSV1, RLELossless

from controller.imaging.dicom.part10 import DEFLATED, EXPLICIT, IMPLICIT
from controller.imaging.dimse.contexts import (
    MOST_CONTEXTS,
    STORABLE,
    STORAGE,
    moved_contexts,
    supported_contexts,
)
from controller.imaging.dimse.sending import CannotSend, form
from controller.imaging.dimse.service import ANY_SYNTAX, Reference
from controller.imaging.dimse.settings import May

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"


def reference(sop_class: str, syntax: str) -> Reference:
    return Reference("1.2", "1.3", "1.4", sop_class, syntax)


@pytest.mark.parametrize(
    ("stored", "accepted", "expected"),
    [
        (JPEGBaseline8Bit, [EXPLICIT, JPEGBaseline8Bit], (ANY_SYNTAX, False)),
        (EXPLICIT, [IMPLICIT, EXPLICIT], (EXPLICIT, False)),
        (IMPLICIT, [IMPLICIT], (IMPLICIT, False)),
        (EXPLICIT, [IMPLICIT], (EXPLICIT, True)),
        (DEFLATED, [EXPLICIT], (EXPLICIT, False)),
        (JPEGBaseline8Bit, [EXPLICIT], (EXPLICIT, False)),
        (JPEGBaseline8Bit, [IMPLICIT], (EXPLICIT, True)),
        (EXPLICIT, [JPEGLosslessSV1], (JPEGLosslessSV1, False)),
        (EXPLICIT, [JPEGBaseline8Bit, RLELossless], (RLELossless, False)),
        ("", [EXPLICIT, JPEGBaseline8Bit], (EXPLICIT, False)),
    ],
)
def test_it_is_sent_as_it_is_stored_or_in_a_form_that_loses_nothing(
    stored: str, accepted: list[str], expected: tuple[str, bool]
) -> None:
    assert form(stored, accepted) == expected


@pytest.mark.parametrize("accepted", [[], [JPEGBaseline8Bit]])
def test_it_is_never_made_lossy(accepted: list[str]) -> None:
    with pytest.raises(CannotSend):
        form(EXPLICIT, accepted)


def test_each_stored_syntax_is_offered_separately() -> None:
    offered = moved_contexts(
        [reference(CT, EXPLICIT), reference(CT, JPEGLosslessSV1), reference(MR, IMPLICIT)]
    )
    assert [(one.abstract_syntax, one.transfer_syntax) for one in offered] == [
        (CT, [EXPLICIT, IMPLICIT]),
        (MR, [EXPLICIT, IMPLICIT]),
        (CT, [JPEGLosslessSV1]),
    ]


def test_no_more_is_offered_than_there_are_identifiers() -> None:
    many = [reference(f"1.2.{number}", RLELossless) for number in range(100)]
    assert len(moved_contexts(many)) == MOST_CONTEXTS


def test_every_encoding_of_files_is_taken_but_big_endian() -> None:
    assert ExplicitVRBigEndian not in STORABLE
    assert {EXPLICIT, IMPLICIT, DEFLATED, JPEGBaseline8Bit, RLELossless} <= set(STORABLE)


def test_who_may_nothing_can_echo() -> None:
    (one,) = supported_contexts(frozenset())
    assert one.abstract_syntax == "1.2.840.10008.1.1"


def test_images_are_taken_of_who_may_store_and_given_to_who_may_retrieve() -> None:
    for may, roles in ((May.STORE, (True, False)), (May.RETRIEVE, (False, True))):
        found = [one for one in supported_contexts(frozenset({may})) if one.abstract_syntax in STORAGE]
        assert len(found) == len(STORAGE) > 100
        assert {(one.scu_role, one.scp_role) for one in found} == {roles}
