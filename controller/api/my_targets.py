"""What measurements at home should come to: set by who treats, shown to the patient beside each reading."""

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from controller.api.answers import answer
from controller.api.bodies import Body, read_body
from controller.api.context import context, user
from controller.api.my_context import own
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import by, now_ms
from controller.api.route import Route
from controller.api.visits_context import telemedicine
from controller.errors import NotFound
from controller.patient_access.measured import KIND_OF
from controller.patient_access.targets import Bounds, Target
from controller.security.permissions import Permission
from controller.telemedicine.notes.model import Measured

_Bound = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] | None
_KINDS: dict[str, Measured] = {kind: kind for kind in KIND_OF.values()}


class TargetBody(Body):
    """At least `low`, below `high`; nothing: no target any more."""

    low: _Bound = None
    high: _Bound = None
    second_high: _Bound = Field(default=None, description="of blood pressure: the diastolic one")
    unit: Literal["mg/dL", "mmol/L"] | None = Field(
        None, description="of glucose, in which it is said and kept; null: the kind's own"
    )
    visit: Annotated[str, Field(max_length=20)] | None = Field(None, description="in which it is agreed upon")


class HomeTarget(BaseModel):
    """What was agreed upon: at least `low`, below `high`."""

    model_config = ConfigDict(extra="forbid")

    kind: Measured
    low: float | None
    high: float | None
    second_high: float | None = Field(description="of blood pressure: the diastolic one")
    unit: str = Field(description="UCUM, as it was said")
    by: str
    at_ms: int
    visit: str | None = Field(description="in which it was agreed upon; null: in none")


class HomeTargets(BaseModel):
    """Those that hold, and all that were ever agreed upon: the newest first; without bounds: it ended."""

    model_config = ConfigDict(extra="forbid")

    server_ms: int
    patient: str
    targets: list[HomeTarget]
    history: list[HomeTarget]


Standing = Literal["below", "within", "above"]


async def targets(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}/targets."""
    facts = await context(request).patients.find(request.match_info["identifier"], await sight(request))
    books = own(request).targets
    held, ever = await books.of(facts.identifier), await books.history(facts.identifier)
    told = {"targets": [shown(one) for one in held.values()], "history": [shown(one) for one in ever]}
    return answer({"server_ms": now_ms(request), "patient": facts.identifier, **told})


async def put(request: web.Request) -> web.StreamResponse:
    """PUT /api/patients/{identifier}/targets/{kind}."""
    body, kind = await read_body(request, TargetBody), _KINDS.get(request.match_info["kind"])
    if kind is None:
        raise NotFound(f"there is no such target: expected one of {', '.join(sorted(_KINDS))}")
    seen = await own_sight(request)
    facts = await context(request).patients.find(request.match_info["identifier"], seen)
    if body.visit is not None:
        visit = await telemedicine(request).books.find(body.visit, seen, user(request).name)
        if visit.identifier != facts.identifier:
            raise NotFound(f"there is no visit {body.visit} of patient {facts.identifier}: look again")
    bounds = Bounds(kind, body.low, body.high, body.second_high, body.unit)
    await own(request).targets.set(facts.identifier, bounds, by(request), body.visit)
    return web.Response(status=204)


def shown(target: Target) -> dict[str, Any]:
    """A HomeTarget."""
    bounds = target.bounds
    numbers = {"low": bounds.low, "high": bounds.high, "second_high": bounds.second_high}
    said = {"by": target.by, "at_ms": target.at_ms, "visit": target.visit}
    return {"kind": bounds.kind, **numbers, "unit": target.unit, **said}


# fmt: off
TARGETS_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/patients/{identifier}/targets", "patient-targets", targets, Permission.READ_PATIENTS,
          "What the patient's measurements at home should come to, and ever should", answer=HomeTargets,
          refusals=(404, 503)),
    Route("PUT", "/api/patients/{identifier}/targets/{kind}", "patient-target", put, Permission.SET_TARGETS,
          "Say what the patient's measurements at home should come to, or that there is no target",
          body=TargetBody, refusals=(400, 404, 409, 503)),
)
# fmt: on
