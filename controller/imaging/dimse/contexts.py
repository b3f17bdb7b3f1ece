"""What is negotiated: SOP classes and transfer syntaxes, by what a peer may do (PS3.7, D.3; PS3.8, 7.1.1.13).

supported_contexts(frozenset({May.STORE}))       # of an association that the peer requests
moved_contexts(references)                       # of one that we request, to send those
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

from pydicom.uid import UID, AllTransferSyntaxes, ExplicitVRBigEndian
from pynetdicom import AllStoragePresentationContexts, build_context
from pynetdicom.presentation import PresentationContext

from controller.imaging.dicom.part10 import DEFLATED, EXPLICIT, IMPLICIT
from controller.imaging.dimse.service import Reference
from controller.imaging.dimse.settings import May

NATIVE: Final[tuple[str | UID, ...]] = (EXPLICIT, IMPLICIT)
"""What is offered when nothing is known of the pixel data."""
CONVERTIBLE: Final = frozenset((EXPLICIT, IMPLICIT, DEFLATED))
"""One can be written as another without touching a value."""
STORABLE: Final = tuple(
    syntax
    for syntax in AllTransferSyntaxes
    if syntax != ExplicitVRBigEndian and not any(word in syntax.name for word in ("JPIP", "SMPTE"))
)
"""What is taken: all of PS3.6, table A-1, but big endian (retired), and pixel data that are on another server
or a live stream."""
MOST_CONTEXTS: Final = 128
"""Identifiers of presentation contexts are odd numbers up to 255 (PS3.8, table 9-13)."""

VERIFICATION: Final = "1.2.840.10008.1.1"
COMMITMENT: Final = "1.2.840.10008.1.20.1"
"""Storage Commitment Push Model."""
WORKLIST: Final = "1.2.840.10008.5.1.4.31"
"""Modality Worklist Information Model - FIND."""
_QUERY_RETRIEVE: Final = "1.2.840.10008.5.1.4.1.2"
_PATIENT, _STUDY = f"{_QUERY_RETRIEVE}.1", f"{_QUERY_RETRIEVE}.2"
_FIND: Final = (f"{_PATIENT}.1", f"{_STUDY}.1")
_RETRIEVE: Final = (f"{_PATIENT}.2", f"{_PATIENT}.3", f"{_STUDY}.2", f"{_STUDY}.3")
"""C-MOVE and C-GET of both models."""
PATIENT_ROOT: Final = frozenset((f"{_PATIENT}.1", f"{_PATIENT}.2", f"{_PATIENT}.3"))
STORAGE: Final = tuple(str(context.abstract_syntax) for context in AllStoragePresentationContexts)
"""The storage SOP classes of PS3.4, table B.5-1, as pynetdicom lists them."""


@cache
def supported_contexts(may: frozenset[May]) -> tuple[PresentationContext, ...]:
    """Nothing more is accepted than what the peer may do; and a storage class for C-GET only in the role of
    its receiver."""
    contexts = [build_context(VERIFICATION, list(NATIVE))]
    if May.FIND in may:
        contexts += [build_context(model, list(NATIVE)) for model in _FIND]
    if May.WORKLIST in may:
        contexts.append(build_context(WORKLIST, list(NATIVE)))
    if May.RETRIEVE in may:
        contexts += [build_context(model, list(NATIVE)) for model in _RETRIEVE]
    if May.COMMIT in may:
        contexts.append(build_context(COMMITMENT, list(NATIVE)))
    if may & {May.STORE, May.RETRIEVE}:
        for sop_class in STORAGE:
            context = build_context(sop_class, list(STORABLE))
            context.scu_role = May.STORE in may
            context.scp_role = May.RETRIEVE in may
            contexts.append(context)
    return tuple(contexts)


def moved_contexts(references: Iterable[Reference]) -> list[PresentationContext]:
    """For each class: uncompressed, and each syntax in which one of it is stored, separately, so that the
    peer accepts or refuses each. What is beyond MOST_CONTEXTS is not sent, and counted as failed."""
    stored: dict[str, set[str]] = {}
    for reference in references:
        stored.setdefault(reference.sop_class, set()).add(reference.syntax)
    pairs: list[tuple[str, list[str | UID]]] = [(sop_class, list(NATIVE)) for sop_class in sorted(stored)]
    for sop_class in sorted(stored):
        pairs += [(sop_class, [syntax]) for syntax in sorted(stored[sop_class] - {"", *NATIVE})]
    return [build_context(sop_class, syntaxes) for sop_class, syntaxes in pairs[:MOST_CONTEXTS]]
