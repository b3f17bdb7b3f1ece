"""The rows of the route table for badges and PINs."""

from controller.api import badges
from controller.api import badges_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

_OWN, _PEOPLE = Permission.LOGGED_IN, Permission.MANAGE_PEOPLE
_PIN, _BADGE, _OTHERS = "/api/account/pin", "/api/account/badge", "/api/people/{person}/badge"
_THEIR_PIN = "/api/people/{person}/pin"
_PROVED = (400, 401, 409, 429, 503)

# fmt: off
BADGES_ROUTES: tuple[Route, ...] = (
    Route("GET", _BADGE, "own-badge", badges.own, _OWN, "Whether one has a PIN and a badge,"
          " since when, and when they were last used",
          answer=schemas.BadgeHeld, refusals=(503,)),
    Route("PUT", _PIN, "set-pin", badges.set_pin, _OWN, "Choose a PIN for drawers", body=schemas.PinBody,
          refusals=_PROVED),
    Route("DELETE", _PIN, "forget-pin", badges.forget_pin, _OWN, "Have none", refusals=(503,)),
    Route("PUT", _BADGE, "enrol-own-badge", badges.enrol_own, _OWN, "Enrol one's badge",
          body=schemas.OwnBadgeBody, refusals=_PROVED),
    Route("DELETE", _BADGE, "forget-own-badge", badges.forget_own, _OWN, "It is lost", refusals=(503,)),
    Route("PUT", _OTHERS, "enrol-badge", badges.enrol, _PEOPLE, "Enrol a person's badge",
          body=schemas.BadgeBody, refusals=(400, 404, 409, 503)),
    Route("DELETE", _OTHERS, "forget-badge", badges.forget, _PEOPLE, "It is lost", refusals=(404, 503)),
    Route("DELETE", _THEIR_PIN, "forget-pin-of", badges.forget_pin_of, _PEOPLE, "Somebody else knows it",
          refusals=(404, 503)),
)
# fmt: on
