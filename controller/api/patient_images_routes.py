"""The rows of the route table for a patient's images."""

from controller.api import pages
from controller.api import patient_images as handlers
from controller.api import patient_images_schemas as schemas
from controller.api.route import Query, Route
from controller.imaging.annotate.marks import Drawing
from controller.security.permissions import Permission

_READ, _ADD = Permission.READ_IMAGES, Permission.ADD_IMAGES
_STUDIES = "/api/patients/{patient}/imaging/studies"
_STUDY = _STUDIES + "/{study}"
_SERIES = _STUDY + "/series/{series}"
_INSTANCE = _SERIES + "/instances/{instance}"
_FRAME = _INSTANCE + "/frames/{frame}"
_REFUSED = (400, 404, 503)
_PICTURE = (*_REFUSED, 406, 422)
_FILES = pages.load("images")

_VIEWPORT = Query("viewport", "largest width and height, pixels", {"type": "string"}, required=False)
_WINDOW = Query("window", "centre, width, function (PS3.18, 8.3.5.1.4)", {"type": "string"}, required=False)
_QUALITY = Query("quality", "of the JPEG", {"type": "integer", "minimum": 1, "maximum": 100}, required=False)

# fmt: off
PATIENT_IMAGES_ROUTES: tuple[Route, ...] = (
    Route("GET", _STUDIES, "patient-studies", handlers.studies, _READ,
          "A patient's studies, the newest first; none for one who may not be seen",
          answer=schemas.PatientStudies, refusals=_REFUSED),
    Route("GET", _SERIES, "patient-images", handlers.images, _READ,
          "The images of a series, and how long things in them are",
          answer=schemas.SeriesImages, refusals=_REFUSED),
    Route("GET", _STUDY + "/states", "patient-states", handlers.states, _READ,
          "What was drawn on a study's images",
          answer=schemas.StudyStates, refusals=_REFUSED),
    Route("POST", _INSTANCE + "/states", "patient-annotate", handlers.save, _ADD,
          "Keep what was drawn on an image, as a presentation state of its study",
          body=Drawing, answer=schemas.StateTold, refusals=_REFUSED),
    Route("GET", _FRAME + "/rendered", "patient-picture", handlers.rendered, _READ,
          "A picture of a frame", media=handlers.JPEG,
          query=(_VIEWPORT, _WINDOW, _QUALITY), refusals=_PICTURE),
    Route("GET", _FRAME + "/thumbnail", "patient-thumbnail", handlers.thumbnail, _READ,
          "A small picture of a frame", media=handlers.JPEG,
          query=(_VIEWPORT,), refusals=_PICTURE),
    Route("GET", "/images/{path:.+}", "files-images", pages.serve(_FILES), Permission.OWN_ACCOUNT,
          "Files of the quick viewer", media="text/html"),
)
# fmt: on
