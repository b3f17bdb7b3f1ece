"""The ways in for the quick viewer, beside those of PS3.18."""

from controller.imaging.annotate import handlers
from controller.imaging.routes import Way
from controller.security.permissions import Permission

_STUDY = "/quick/studies/{study}"
_READ, _ADD = Permission.READ_IMAGES, Permission.ADD_IMAGES
QUICK: tuple[Way, ...] = (
    Way("GET", "/quick/patients/{patient}/studies", "images-of-patient", handlers.studies, _READ),
    Way("GET", f"{_STUDY}/series/{{series}}", "images-of-series", handlers.images, _READ),
    Way("GET", f"{_STUDY}/states", "images-drawn-on", handlers.states, _READ),
    Way(
        "POST",
        f"{_STUDY}/series/{{series}}/instances/{{instance}}/states",
        "images-annotate",
        handlers.save,
        _ADD,
    ),
)
