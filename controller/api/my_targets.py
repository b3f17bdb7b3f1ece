"""What measurements at home should come to: set by a physician, shown to the patient beside each reading."""

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from controller.api.bodies import Body, read_body
from controller.api.context import context
from controller.api.my_context import own
from controller.api.patients import own_sight
from controller.api.prescriptions_shown import by
from controller.api.route import Route
from controller.errors import NotFound
from controller.patient_access.measured import KIND_OF
from controller.patient_access.targets import Bounds, Target
from controller.security.permissions import Permission
from controller.telemedicine.notes.model import Measured

_Bound = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] | None
_KINDS: dict[str, Measured] = {kind: kind for kind in KIND_OF.values()}


class TargetBody(Body):
    """At least `low`, below `high`, in the unit of the kind; nothing: no target any more."""

    low: _Bound = None
    high: _Bound = None
    second_high: _Bound = Field(default=None, description="of blood pressure: the diastolic one")


class HomeTarget(BaseModel):
    """What was agreed upon: at least `low`, below `high`."""

    model_config = ConfigDict(extra="forbid")

    kind: Measured
    low: float | None
    high: float | None
    second_high: float | None = Field(description="of blood pressure: the diastolic one")
    unit: str = Field(description="UCUM")
    by: str
    at_ms: int


Standing = Literal["below", "within", "above"]


async def put(request: web.Request) -> web.StreamResponse:
    """PUT /api/patients/{identifier}/targets/{kind}."""
    body, kind = await read_body(request, TargetBody), _KINDS.get(request.match_info["kind"])
    if kind is None:
        raise NotFound(f"there is no such target: expected one of {', '.join(sorted(_KINDS))}")
    facts = await context(request).patients.find(request.match_info["identifier"], await own_sight(request))
    bounds = Bounds(kind, body.low, body.high, body.second_high)
    await own(request).targets.set(facts.identifier, bounds, by(request))
    return web.Response(status=204)


def shown(target: Target) -> dict[str, Any]:
    """A HomeTarget."""
    bounds = target.bounds
    numbers = {"low": bounds.low, "high": bounds.high, "second_high": bounds.second_high}
    return {"kind": bounds.kind, **numbers, "unit": target.unit, "by": target.by, "at_ms": target.at_ms}


# fmt: off
TARGETS_ROUTES: tuple[Route, ...] = (
    Route("PUT", "/api/patients/{identifier}/targets/{kind}", "patient-target", put, Permission.SIGN_VISITS,
          "Say what the patient's measurements at home should come to, or that there is no target",
          body=TargetBody, refusals=(400, 404, 409, 503)),
)
# fmt: on
