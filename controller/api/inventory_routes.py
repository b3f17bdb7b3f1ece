"""The rows of the route table for the inventory of devices and its page."""

from controller.api import inventory, pages
from controller.api import inventory_schemas as schemas
from controller.api.route import Query, Route
from controller.security.permissions import Permission

_READ, _WRITE = Permission.READ_INVENTORY, Permission.MANAGE_DEVICES
_DEVICE = "/api/inventory/devices/{device}"
_DRY = Query("dry_run", "1: change nothing", {"type": "integer", "enum": [0, 1]}, required=False)
_PAGES, _HTML = pages.load("inventory"), "text/html"

# fmt: off
INVENTORY: tuple[Route, ...] = (
    Route("GET", "/api/inventory", "inventory", inventory.inventory, _READ,
          "All devices that are recorded or were heard", answer=schemas.Inventory, refusals=(503,)),
    Route("POST", "/api/inventory/scan", "inventory-scan", inventory.scan, _READ,
          "What a label says, whose it may be, which profiles it fits",
          body=schemas.ScanBody, answer=schemas.Scanned, refusals=(400, 503)),
    Route("POST", "/api/inventory/gateways/{gateway}/search", "inventory-search", inventory.search, _WRITE,
          "Have a gateway listen which Bluetooth devices are in reach",
          body=schemas.SearchBody, refusals=(400, 404, 409, 503)),
    Route("POST", "/api/inventory/photo", "inventory-photo", inventory.photo, _READ,
          "The barcodes in a photo", takes="image/*", answer=schemas.Photographed, refusals=(400,)),
    Route("POST", "/api/inventory/import", "inventory-batch", inventory.take_in, _WRITE,
          "Record every good row of a CSV table, and say what is wrong with each other row",
          takes="text/csv", answer=schemas.ImportReport, query=(_DRY,), refusals=(400, 503)),
    Route("GET", "/api/inventory/export", "inventory-export", inventory.give_out, _READ,
          "All records as CSV", media="text/csv", refusals=(503,)),
    Route("GET", _DEVICE, "inventory-device", inventory.device, _READ,
          "One device, every change of its record, every bed that it was on",
          answer=schemas.InventoryDetail, refusals=(404, 503)),
    Route("PUT", _DEVICE, "inventory-record", inventory.record, _WRITE,
          "Record a device, or change its record; place it, too",
          body=schemas.RecordBody, answer=schemas.Saved, refusals=(400, 404, 409, 503)),
    Route("PUT", _DEVICE + "/pairing", "inventory-pair", inventory.pair, _WRITE,
          "Let a device be paired anew, or less securely",
          body=schemas.PairingBody, refusals=(400, 404, 503)),
    Route("POST", _DEVICE + "/decommissioning", "inventory-decommission", inventory.decommission, _WRITE,
          "Take a device out of use", body=schemas.ReasonBody, refusals=(400, 404, 409, 503)),
    Route("GET", _DEVICE + "/receipt", "inventory-receipt", inventory.receipt, _READ,
          "The signed receipt of its decommissioning",
          media="application/pkcs7-mime", refusals=(404, 503)),

    Route("GET", "/inventory", "page-inventory", pages.serve(_PAGES, "inventory.html"), _READ,
          "The inventory for engineers", media=_HTML),
    Route("GET", "/inventory/{path:.+}", "files-inventory", pages.serve(_PAGES), _READ, "Files", media=_HTML),
)
# fmt: on
