"""C-STORE: one image in (PS3.4, B; PS3.7, 9.1.1).

pynetdicom has written the data set to a file as it came. If it is the instance that the peer announced, the
imaging service is handed the file, judges and keeps it. The answer is given when it is on the disk and can be
found.
"""

import logging
import mmap
from pathlib import Path
from typing import Any

from pynetdicom import evt

from controller.imaging.archive.attributes import SOP_CLASS, SOP_INSTANCE
from controller.imaging.archive.verdicts import CODES
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.dimse.known import allowed
from controller.imaging.dimse.service import Service
from controller.imaging.dimse.settings import DimseSettings, May
from controller.imaging.errors import BadDicom, ServiceRefused, ServiceSilent
from controller.imaging.speaker import Speaker

NOT_AUTHORISED, OUT_OF_RESOURCES, PROCESSING_FAILURE = 0x0124, 0xA700, 0x0110
"""PS3.7, annex C; PS3.4, table B.2-1."""
_LATER = frozenset({503, 507})
"""Of the archive: it cannot keep anything now, or has no room. A modality keeps what is answered A700."""

log = logging.getLogger(__name__)


def store(event: evt.Event, settings: DimseSettings, service: Service) -> int:
    """Handler of EVT_C_STORE. The file is gone when it returns."""
    who = allowed(event, settings, May.STORE)
    file = event.dataset_path
    try:
        status = NOT_AUTHORISED if who is None else _kept(event, service, who[1], file)
    finally:
        file.unlink(missing_ok=True)
    if status:
        log.warning("%s: an image was answered by %04X", event.assoc.requestor.ae_title, status)
    return status


def _kept(event: evt.Event, service: Service, speaker: Speaker, file: Path) -> int:
    try:
        return mismatch(file, event.request) or service.store(speaker, file)
    except ServiceRefused as error:
        log.warning("%s: an image was not kept: %s", speaker.actor, error)
        return OUT_OF_RESOURCES if error.status in _LATER else PROCESSING_FAILURE
    except (ServiceSilent, OSError) as error:
        log.warning("%s: an image was not kept: %s", speaker.actor, error)
        return OUT_OF_RESOURCES


def mismatch(file: Path, request: Any) -> int:
    """The status if the data set is of another class or instance than the command said (PS3.4, B.2.3); 0: it
    is the one, or no DICOM at all, which the archive says better. Raises OSError."""
    with file.open("rb") as content, mmap.mmap(content.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        try:
            instance = read_instance(mapped)
        except BadDicom:
            return 0
        if instance.text(SOP_CLASS) != request.AffectedSOPClassUID:
            return CODES["other-class"]
        return 0 if instance.text(SOP_INSTANCE) == request.AffectedSOPInstanceUID else CODES["other-instance"]
