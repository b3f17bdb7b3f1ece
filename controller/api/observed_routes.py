"""The routes by which the controller is observed."""

from controller.api import observed, traced
from controller.api.observed_schemas import PaintsBody, ReadinessReport
from controller.api.route import Route
from controller.security.permissions import Permission

# fmt: off
OBSERVED_ROUTES: tuple[Route, ...] = (
    Route("GET", "/metrics", "metrics", observed.metrics, Permission.READ_OPERATIONS,
          "What is counted and measured of the whole site, for Prometheus", media="text/plain",
          other_media=("application/openmetrics-text",)),
    Route("GET", "/healthz", "healthz", observed.alive, Permission.PUBLIC,
          "The process is alive", media="text/plain"),
    Route("GET", "/readyz", "readyz", observed.ready, Permission.PUBLIC,
          "Whether it can do its work", media="text/plain", refusals=(503,)),
    Route("GET", "/api/readiness", "readiness", observed.readiness, Permission.READ_OPERATIONS,
          "What it needs for its work, and what is wrong", answer=ReadinessReport),
    Route("POST", "/api/paints", "paints", traced.painted, Permission.WATCH,
          "When a screen showed what is traced", body=PaintsBody, refusals=(400,)),
)
# fmt: on
