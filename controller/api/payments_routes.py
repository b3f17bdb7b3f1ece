"""The rows of the route table for payments; without `[payments]` there is nothing behind them."""

from controller.api import fhir, payments
from controller.api import payments_schemas as schemas
from controller.api.route import Query, Route
from controller.payments.signed import SIGNATURE, TIMESTAMP
from controller.radiology.fhir import MEDIA
from controller.security.permissions import Permission

_PAY = Permission.DISPENSE
"""Of who hands out what is paid for."""
_ONE = f"{payments.LIST}/{{payment}}"
_TEXT = {"type": "string", "maxLength": payments.LONGEST}
_ASKED = (
    Query("subject", 'what is paid for, "RX00000001/1"', _TEXT, required=False),
    Query("patient", "the identifier", _TEXT, required=False),
)
_PATIENT = (
    Query("patient", "the identifier", {"type": "string", "minLength": 1, "maxLength": fhir.LONGEST}),
)
_SIGNED = (
    Query(TIMESTAMP, "seconds since 1970", {"type": "string", "pattern": "^[0-9]{1,12}$"}),
    Query(SIGNATURE, "HMAC-SHA-256", {"type": "string", "pattern": "^v1=[0-9a-f]{64}$"}),
)
_CHANGES = (400, 404, 409, 503)

# fmt: off
PAYMENTS_ROUTES: tuple[Route, ...] = (
    Route("GET", payments.LIST, "payments", payments.payments, _PAY,
          "Payments of the patients whom one may see, the newest first",
          answer=schemas.PaymentList, query=_ASKED, refusals=(404, 503)),
    Route("POST", payments.LIST, "payment-price", payments.price, _PAY,
          "Price what a patient takes home; asked again for the same, the same payment",
          body=schemas.PaymentBody, answer=schemas.PaymentAnswer, refusals=_CHANGES),
    Route("POST", payments.LIST + "/callback", "payment-callback", payments.heard, Permission.PUBLIC,
          "The payment provider says what became of a payment or a refund", takes="application/json",
          headers=_SIGNED, by_servers=True, refusals=(400, 401, 404, 429, 503)),
    Route("POST", _ONE + "/eligibility", "payment-eligibility", payments.check_coverage, _PAY,
          "Ask the insurance what it pays", body=schemas.CardBody,
          answer=schemas.PaymentAnswer, refusals=_CHANGES),
    Route("POST", _ONE + "/pay", "payment-pay", payments.pay, _PAY,
          "Take the rest from the patient; asked again, nothing again", body=schemas.PayBody,
          answer=schemas.PaymentAnswer, refusals=_CHANGES),
    Route("POST", _ONE + "/refund", "payment-refund", payments.take_back, _PAY,
          "Take it back: nothing is paid any more, or all that was paid is given back",
          body=schemas.TakeBackBody, answer=schemas.PaymentAnswer, refusals=_CHANGES),
    Route("GET", _ONE + "/receipt", "payment-receipt", payments.receipt, _PAY,
          "What was paid", answer=schemas.Receipt, refusals=(404, 409, 503)),
    Route("GET", "/api/fhir/Invoice", "fhir-invoice", payments.invoices, _PAY,
          "A patient's payments, as a searchset Bundle of FHIR R4",
          media=MEDIA, query=_PATIENT, refusals=(400, 404, 503)),
)
# fmt: on
