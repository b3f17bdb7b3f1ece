"""Sending stored images to a peer, from files, as they are stored where the peer takes that.

pynetdicom counts the sub-operations of C-GET and C-MOVE by the data sets that a handler yields, and encodes
each again. Here a handler yields a `Sending`, which is only a name; what is sent in its place is fetched when
its turn has come.

sends_files(association, courier)                 # replaces its `send_c_store`
yield 0xFF00, Sending(reference)
"""

import logging
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydicom import Dataset, dcmread
from pydicom.uid import RLELossless

from controller.imaging.dicom.part10 import EXPLICIT
from controller.imaging.dimse.contexts import CONVERTIBLE
from controller.imaging.dimse.service import ANY_SYNTAX, Reference, Service
from controller.imaging.errors import ImagingError
from controller.imaging.speaker import Speaker

_LOSSLESS: Final = ("1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.80", RLELossless)
"""In which it is made when the peer takes nothing uncompressed, in this order. Never a lossy one."""

log = logging.getLogger(__name__)


class CannotSend(ImagingError):
    """The peer takes the image in no form in which it can be given."""


class Sending(Dataset):
    """Stands for an image of the archive that is to be sent."""

    def __init__(self, reference: Reference) -> None:
        super().__init__()
        self.SOPInstanceUID = reference.instance
        self.reference = reference


@dataclass(frozen=True, slots=True)
class Courier:
    """Fetches images for one request."""

    service: Service
    speaker: Speaker

    def send(self, association: Any, original: Callable[..., Any], sending: Sending, **how: Any) -> Any:
        """`send_c_store`, of a file. Raises CannotSend, ServiceRefused, ServiceSilent, OSError."""
        reference = sending.reference
        asked, converts = form(reference.syntax, _accepted(association, reference.sop_class))
        with tempfile.NamedTemporaryFile(suffix=".out") as file:
            path = Path(file.name)
            self.service.fetch(self.speaker, reference, asked, path)
            if not converts:
                return original(path, **how)
            return original(dcmread(path), **how)


def sends_files(association: Any, courier: Courier) -> None:
    """From now on `association` sends what a Sending stands for."""
    original = association.send_c_store

    def send_c_store(sending: Sending, **how: Any) -> Any:
        return courier.send(association, original, sending, **how)

    association.send_c_store = send_c_store


def form(stored: str, accepted: Collection[str]) -> tuple[str, bool]:
    """In which syntax to ask for it (ANY_SYNTAX: as it is stored), and whether the elements' encoding is then
    still to be changed. Raises CannotSend."""
    if stored and stored in accepted:
        return ANY_SYNTAX if stored not in CONVERTIBLE else stored, False
    native = CONVERTIBLE.intersection(accepted)
    if native:
        return (EXPLICIT, EXPLICIT not in accepted)
    for syntax in _LOSSLESS:
        if syntax in accepted:
            return str(syntax), False
    raise CannotSend("the peer takes no transfer syntax in which this image can be given")


def _accepted(association: Any, sop_class: str) -> frozenset[str]:
    return frozenset(
        str(context.transfer_syntax[0])
        for context in association.accepted_contexts
        if context.abstract_syntax == sop_class and context.as_scu
    )
