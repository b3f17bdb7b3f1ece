"""The rows of the route table for nodes' firmware."""

from controller.api import firmware
from controller.api import firmware_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

_FIRMWARE = "/api/inventory/devices/{device}/firmware"

# fmt: off
FIRMWARE_ROUTES: tuple[Route, ...] = (
    Route("GET", _FIRMWARE, "inventory-firmware", firmware.firmware, Permission.READ_INVENTORY,
          "What a node runs, what is newer, and what became of its last update",
          answer=schemas.NodeFirmware, refusals=(404, 503)),
    Route("POST", _FIRMWARE, "inventory-update", firmware.update, Permission.MANAGE_DEVICES,
          "Have a node run another version, once it measures no patient",
          body=schemas.UpdateBody, answer=schemas.IssuedUpdate, refusals=(400, 404, 409, 503)),
)
# fmt: on
