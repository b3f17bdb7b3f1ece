"""The rows of the route table for the pharmacy, and for what is on its way."""

from dataclasses import replace

from controller.api import pages, pharmacy, prescriptions_deliveries, prescriptions_looks
from controller.api import pharmacy_schemas as schemas
from controller.api import prescriptions_looks_schemas as looks
from controller.api import prescriptions_schemas as views
from controller.api.replaced import REPLACED
from controller.api.route import Query, Route
from controller.security.permissions import Permission

_READ, _DISPENSE, _DELIVER = Permission.READ_RX, Permission.DISPENSE, Permission.DELIVER_RX
_PAGE = pages.load("pharmacy")
_HERE, _WAY = "/api/pharmacy", "/api/deliveries/{delivery}"
_TASK, _ONE = f"{_HERE}/tasks/{{id}}", f"{_HERE}/dispenses/{{dispense}}"
_TEXT = (Query("text", "words, or their beginnings", {"type": "string", "maxLength": 80}),)
_OF = (
    Query("patient", "the identifier; not given: all", {"type": "string", "maxLength": 64}, required=False),
)
_OVER = replace(REPLACED, required=False)
_CHANGES = (400, 404, 409, 412, 428, 503)

# fmt: off
PHARMACY_ROUTES: tuple[Route, ...] = (
    Route("GET", _HERE + "/queue", "pharmacy-queue", pharmacy.queue, _DISPENSE,
          "What is to be handed out, the oldest first", answer=schemas.PharmacyQueue, refusals=(503,)),
    Route("PUT", _TASK + "/state", "pharmacy-task-state", pharmacy.step_task, _DISPENSE,
          "Accept a task, reject it with a reason, put it on hold", body=schemas.TaskStateBody,
          answer=views.TaskView, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", _TASK + "/signature", "pharmacy-signature", prescriptions_looks.signature, _DISPENSE,
          "Whether what was signed is what is kept, looked at now", answer=looks.SignatureView,
          refusals=(400, 404, 503)),
    Route("POST", _TASK + "/dispenses", "dispense-begin", pharmacy.begin, _DISPENSE,
          "Begin to prepare; If-Match is the task's revision", body=schemas.BeginBody,
          answer=views.DispenseView, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _ONE + "/packs", "dispense-pack", pharmacy.scan, _DISPENSE,
          "Add a pack by its code", body=schemas.PackBody,
          answer=views.DispenseView, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _ONE + "/checked", "dispense-check", pharmacy.check, _DISPENSE,
          "The second check, by another pharmacist", answer=views.DispenseView, headers=(REPLACED,),
          refusals=_CHANGES),
    Route("PUT", _ONE + "/completed", "dispense-complete", pharmacy.complete, _DISPENSE,
          "It is ready: its delivery begins, whose code is told this once", body=schemas.ReadyBody,
          answer=schemas.ReadyView, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _ONE + "/state", "dispense-state", pharmacy.step, _DISPENSE,
          "Put it on hold, decline, cancel or stop it", body=schemas.DispenseStateBody,
          answer=views.DispenseView, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", "/api/medicines", "medicines", pharmacy.medicines, _READ,
          "Medicines of the formulary, ready to be prescribed, while one types",
          answer=schemas.MedicineList, query=_TEXT),
    Route("GET", _HERE + "/products", "pharmacy-products", pharmacy.products, _READ,
          "Products by GTIN", answer=schemas.RxProductList, refusals=(503,)),
    Route("PUT", _HERE + "/products/{gtin}", "pharmacy-product", pharmacy.put_product, _DISPENSE,
          "Say what a GTIN is; for one that is there If-Match is needed", body=schemas.ProductBody,
          headers=(_OVER,), refusals=(400, 404, 412, 428, 503)),
    Route("GET", _HERE + "/recalls", "pharmacy-recalls", pharmacy.recalls, _READ,
          "Batches that were recalled, the newest first", answer=schemas.RecallList, refusals=(503,)),
    Route("POST", _HERE + "/recalls", "pharmacy-recall", pharmacy.recall, _DISPENSE,
          "Recall a batch", body=schemas.RecallBody, answer=schemas.RecalledView, refusals=(400, 503)),
    Route("POST", _HERE + "/scan", "pharmacy-scan", pharmacy.read_scan, _READ,
          "What a pack's code says (GS1)", body=schemas.PackScanBody, answer=schemas.ScanView,
          refusals=(400, 503)),
    Route("GET", "/api/deliveries", "deliveries", prescriptions_deliveries.deliveries, _READ,
          "What is on its way, with its chain of custody", answer=schemas.DeliveryList, query=_OF,
          refusals=(503,)),
    Route("GET", "/api/deliveries/robots/{robot}", "robot-drawers", prescriptions_deliveries.inside, _READ,
          "What is in the drawers of a robot", answer=schemas.RobotDrawers, refusals=(503,)),
    Route("PUT", _WAY + "/custody", "delivery-custody", prescriptions_deliveries.hand, _DELIVER,
          "Somebody, or a robot, takes it over", body=schemas.CustodyBody,
          answer=views.DeliveryView, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _WAY + "/robot", "delivery-robot", prescriptions_deliveries.send, _DELIVER,
          "Have a robot carry it to its ward", body=schemas.SendBody,
          answer=views.DeliveryView, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _WAY + "/received", "delivery-received", prescriptions_deliveries.receive, _DELIVER,
          "It has arrived: by the code that the patient says, or taken over on the ward",
          body=schemas.ReceivedBody, answer=views.DeliveryView, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _WAY + "/code", "delivery-code", prescriptions_deliveries.renew, _DELIVER,
          "Make another code, told this once", answer=schemas.DeliveryCode, headers=(REPLACED,),
          refusals=_CHANGES),
    Route("PUT", _WAY + "/state", "delivery-state", prescriptions_deliveries.step, _DELIVER,
          "It came back, or was an error", body=schemas.DeliveryStateBody,
          answer=views.DeliveryView, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", "/pharmacy", "page-pharmacy", pages.serve(_PAGE, "pharmacy.html"), _DISPENSE,
          "The pharmacy", media="text/html"),
    Route("GET", "/pharmacy/{path:.+}", "files-pharmacy", pages.serve(_PAGE), Permission.OWN_ACCOUNT,
          "Files", media="text/html"),
)
# fmt: on
