"""The routes of what is asked beyond PS3.18; for `make_inside_app(parts, more=MANAGE)` alone."""

from controller.imaging.manage import objects, settling, worklist
from controller.imaging.routes import Way
from controller.security.permissions import Permission

_READ, _ADD, _MANAGE = Permission.READ_IMAGES, Permission.ADD_IMAGES, Permission.MANAGE_IMAGES
_STUDY, _DOUBT, _QUARANTINE = "/manage/studies/{study}", "/manage/doubts/{study}", "/manage/quarantine"

MANAGE: tuple[Way, ...] = (
    Way("GET", "/manage/studies", "imaging-studies", worklist.worklist, _READ),
    Way("PUT", f"{_STUDY}/urgency", "imaging-urgency", settling.set_urgency, _ADD),
    Way("PUT", f"{_STUDY}/patient", "imaging-move", settling.move, _MANAGE),
    Way("GET", _QUARANTINE, "imaging-quarantine", settling.list_quarantine, _MANAGE),
    Way("PUT", f"{_QUARANTINE}/{{id}}", "imaging-settle", settling.settle, _MANAGE),
    Way("GET", "/manage/doubts", "imaging-doubts", settling.list_doubts, _MANAGE),
    Way("GET", "/manage/objects", "imaging-objects", objects.counted, _MANAGE),
    Way("PUT", f"{_DOUBT}/confirmed", "imaging-confirm", settling.confirm, _MANAGE),
)
