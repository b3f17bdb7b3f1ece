"""The rows of the route table for decision support: for people, and for other systems as CDS Hooks says."""

from controller.api import cds, cds_served
from controller.api import cds_schemas as schemas
from controller.api.cds_context import SERVED
from controller.api.replaced import REPLACED
from controller.api.route import Route
from controller.security.permissions import Permission

_P = Permission
_RX = "/api/prescriptions/{rx}/cds"
_GENES = "/api/patients/{identifier}/genotypes"

# fmt: off
CDS_ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/cds/patient-view", "cds-patient-view", cds.open_patient, _P.PRESCRIBE,
          "Ask the services of decision support about a patient whose record was opened",
          body=schemas.CdsPatientBody, answer=schemas.CdsAsked, refusals=(400, 404, 503)),
    Route("POST", _RX, "cds-order-sign", cds.before_signing, _P.PRESCRIBE,
          "Ask them about a draft that is to be signed; what they say is kept beside it",
          answer=schemas.CdsAsked, headers=(REPLACED,), refusals=(400, 404, 409, 412, 428, 503)),
    Route("GET", _RX, "cds-looks", cds.looks, _P.READ_RX,
          "What they said of a prescription, and what became of it",
          answer=schemas.CdsLookList, refusals=(404, 503)),
    Route("PUT", "/api/cds/looks/{id}/cards/{card}", "cds-judge", cds.judge, _P.PRESCRIBE,
          "Say what one does with a card; its service is told",
          body=schemas.CdsOutcomeBody, answer=schemas.CdsAsked, refusals=(400, 404, 503)),
    Route("GET", _GENES, "genotypes", cds.genotypes, _P.READ_PATIENTS,
          "What laboratories found of a patient's genes", answer=schemas.GenotypeList, refusals=(404, 503)),
    Route("POST", _GENES, "genotype-say", cds.say_genotype, _P.WRITE_PATIENTS,
          "Enter it; what was said before is kept", body=schemas.GenotypeBody, answer=schemas.GenotypeList,
          refusals=(400, 404, 503)),
    Route("GET", "/.well-known/jwks.json", "cds-keys", cds_served.keys, _P.PUBLIC,
          "The public key of our JWTs (RFC 7517)", refusals=(404,)),
    Route("GET", SERVED, "cds-services", cds_served.services, _P.PUBLIC,
          "Our own services of CDS Hooks 2.0", refusals=(404,)),
    Route("OPTIONS", SERVED, "cds-services-origin", cds_served.may_i, _P.PUBLIC,
          "Whether a page of another site may ask (CORS)", by_servers=True, refusals=(404,)),
    Route("POST", SERVED + "/{service}", "cds-service", cds_served.call, _P.PUBLIC,
          "Ask one: by a client's JWT or an API token", by_servers=True, refusals=(400, 401, 404, 429)),
    Route("OPTIONS", SERVED + "/{service}", "cds-service-origin", cds_served.may_i, _P.PUBLIC,
          "Whether a page of another site may ask (CORS)", by_servers=True, refusals=(404,)),
)
# fmt: on
