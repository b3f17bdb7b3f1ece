"""The rows of the route table for medicines that must stay cold."""

from controller.api import cold
from controller.api.alarm_routes import SeenBody
from controller.api.cold_schemas import BoxList
from controller.api.prescriptions_schemas import DeliveryView
from controller.api.replaced import REPLACED
from controller.api.route import Route
from controller.security.permissions import Permission

_READ, _DISPENSE, _DELIVER = Permission.READ_RX, Permission.DISPENSE, Permission.DELIVER_RX
_BOXES, _WAY = "/api/pharmacy/boxes", "/api/deliveries/{delivery}"
_CHANGES = (400, 404, 409, 412, 428, 503)

# fmt: off
COLD_ROUTES: tuple[Route, ...] = (
    Route("GET", _BOXES, "cooled-boxes", cold.boxes, _READ,
          "Cooled boxes, and how many deliveries are in each", answer=BoxList, refusals=(503,)),
    Route("PUT", _BOXES + "/{place}", "cooled-box", cold.use_box, _DISPENSE,
          "Say that a place is a cooled box, or that nothing more is put into it", body=cold.BoxBody,
          refusals=(400, 404, 409, 503)),
    Route("PUT", _WAY + "/box", "delivery-box", cold.pack, _DISPENSE,
          "Put it into a cooled box: from now on its temperature is on record", body=cold.PackedBody,
          answer=DeliveryView, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _WAY + "/verdict", "delivery-verdict", cold.judge, _DISPENSE,
          "Say with a reason whether what was not kept cold, or nobody knows, may be used",
          body=cold.VerdictBody, answer=DeliveryView, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _WAY + "/alarms/seen", "delivery-alarm-seen", cold.seen, _DELIVER,
          "Tell the gateway of its cooled box that somebody has seen an alarm", body=SeenBody,
          refusals=(400, 404, 409, 503)),
)
# fmt: on
