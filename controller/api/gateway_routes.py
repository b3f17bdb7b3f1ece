"""The rows of the route table for letting gateways in and out, for places to put them, and for the page."""

from controller.api import gateway_schemas as schemas
from controller.api import gateways, pages
from controller.api.route import Route
from controller.security.permissions import Permission

_READ, _MANAGE = Permission.READ_GATEWAYS, Permission.MANAGE_GATEWAYS
_GATEWAY = "/api/provisioning/{gateway}"
_PAGES, _HTML = pages.load("gateways"), "text/html"

# fmt: off
GATEWAY_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/provisioning", "provisioning", gateways.provisioning, _READ,
          "All gateways and how far they are; boxes that wait in the local network",
          answer=schemas.Provisioned, refusals=(503,)),
    Route("GET", _GATEWAY + "/certificates", "provisioning-certificates", gateways.certificates, _READ,
          "The certificates that a gateway was given",
          answer=schemas.GivenCertificates, refusals=(404, 503)),
    Route("POST", _GATEWAY + "/claim", "provisioning-claim", gateways.claim, _MANAGE,
          "Record a gateway, or change its record, and make its claim in place of an earlier unused one",
          body=schemas.GatewayRecordBody, answer=schemas.MadeClaim, refusals=(400, 404, 409, 503)),
    Route("POST", _GATEWAY + "/revocation", "provisioning-revocation", gateways.revoke, _MANAGE,
          "Take one certificate of a gateway back, or all: its session ends",
          body=schemas.RevocationBody, answer=schemas.Revoked, refusals=(400, 404, 503)),
    Route("POST", _GATEWAY + "/decommissioning", "provisioning-decommissioning",
          gateways.decommission, _MANAGE, "End everything that lets a gateway in",
          body=schemas.EndingBody, answer=schemas.Decommissioned, refusals=(400, 404, 409, 503)),
    Route("PUT", "/api/wards/{ward}", "ward-add", gateways.add_ward, _MANAGE,
          "Add a ward", body=schemas.PlaceBody, refusals=(400, 409, 503)),
    Route("PUT", "/api/beds/{bed}", "bed-add", gateways.add_bed, _MANAGE,
          "Add a bed or a vehicle to a ward", body=schemas.BedPlaceBody, refusals=(400, 404, 409, 503)),

    Route("GET", "/gateways", "page-gateways", pages.serve(_PAGES, "gateways.html"), _READ,
          "Gateways for engineers", media=_HTML),
    Route("GET", "/gateways/{path:.+}", "files-gateways", pages.serve(_PAGES), _READ, "Files", media=_HTML),
)
# fmt: on
