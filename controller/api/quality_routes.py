"""The row of the route table for what a mobile network's operator tells."""

from controller.api import quality
from controller.api.route import Query, Route
from controller.security.permissions import Permission

_TOKEN = Query(
    "Authorization",
    "the access token that a gateway gave with its session, as Bearer",
    {"type": "string", "pattern": "^Bearer [0-9a-f]{64}$"},
)

# fmt: off
QUALITY_ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/quality/notifications", "quality-notification", quality.notified, Permission.PUBLIC,
          "The mobile network's operator says that the state of a session changed (CAMARA, CloudEvents)",
          takes=quality.MEDIA, headers=(_TOKEN,), by_servers=True, refusals=(400, 401, 403, 409, 429, 503)),
)
# fmt: on
