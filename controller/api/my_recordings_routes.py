"""The rows of the route table for recordings on a patient's own page."""

from controller.api import my_recordings
from controller.api.my_cookie import PATH
from controller.api.my_recordings_schemas import MyRecordings
from controller.api.route import Route
from controller.security.permissions import Permission

# fmt: off
MY_RECORDINGS_ROUTES: tuple[Route, ...] = (
    Route("GET", PATH + "/recordings", "my-recordings", my_recordings.recordings, Permission.MY_OWN,
          "Recordings of oneself: which there are, until when, and who watched", answer=MyRecordings,
          refusals=(503,)),
    Route("POST", PATH + "/recordings/{recording}/erasure", "my-recording-erase", my_recordings.erase,
          Permission.MY_OWN, "Have one erased: at once, or once it is answered where it has to be kept",
          answer=MyRecordings, refusals=(404, 409, 503)),
)
# fmt: on
