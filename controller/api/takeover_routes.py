"""The rows of the route table for taking patients over from vehicles."""

from controller.api import schemas, takeover, trends
from controller.api import takeover_schemas as own
from controller.api.route import Query, Route
from controller.security.permissions import Permission

_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": trends.MOST_METRICS}
_POINTS = {"type": "integer", "minimum": 1, "maximum": trends.MOST_POINTS, "default": trends.POINTS}
_RIDE = (
    Query("metric", "names of metrics: repeat it", _NAMES),
    Query("points", "at most so many steps over the whole ride", _POINTS, required=False),
)

# fmt: off
TAKEOVER_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/offers", "offers", takeover.offered, Permission.WATCH_ARRIVALS,
          "Patients whom crews hand over, and free beds of one's own wards",
          answer=own.PatientOffers, refusals=(503,)),
    Route("POST", "/api/vehicles/{vehicle}/handover", "take-over", takeover.take_over, Permission.ASSIGN,
          "A patient whom a crew offers lies on a bed now: one episode, and the crew is told",
          body=own.TakeOverBody, refusals=(400, 404, 409, 503)),
    Route("GET", "/api/beds/{bed}/ride", "ride", takeover.the_ride, Permission.READ_WARD,
          "How the bed's present patient came here, if that was by a vehicle within the last day",
          answer=own.RideView, refusals=(404, 503)),
    Route("GET", "/api/beds/{bed}/ride/trends", "ride-trends", takeover.ride_trends, Permission.READ_WARD,
          "Metrics of that ride, while the patient was on board",
          answer=schemas.Trends, query=_RIDE, refusals=(400, 404, 503)),
)
# fmt: on
