"""Every request passes here: nothing of a patient is sent before it is on the disk who sees it.

Whom an answer shows is found in the answer (controller/audit/shown.py) and in the path (`{bed}`). A handler
that sends a stream, or knows better, calls `record_access` itself before it sends. Changes are not written
here but by the transaction that makes them; what was refused is.
"""

from collections.abc import Iterable
from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Handler

from controller.api.context import context
from controller.audit.entry import FAILED, GLASS, REFUSED, Entry
from controller.audit.shown import patients_in_json
from controller.errors import ControllerError, LoginRefused, NotFound, StoreError
from controller.security.gate import ACCESS, WHO, Refused
from devices.errors import DevicesError

LONGEST = 200
"""Characters of what a stranger may write into the trail: a path, a name."""


_RECORDED: web.RequestKey[bool] = web.RequestKey("audited", bool)
_READS = frozenset({"GET", "HEAD"})


@web.middleware
async def audited(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Around the gate: what it refuses is recorded too."""
    before = _patient_on_bed(request)
    try:
        response = await handler(request)
    except (Refused, ControllerError, DevicesError) as error:
        if _is_attempt(request, error):
            _note(request, error)
        raise
    if request.method not in _READS and response.status >= 400:
        context(request).trail.note(_entry(request, REFUSED, response.status))
    if isinstance(response, web.Response) and response.status == 200 and _RECORDED not in request:
        shown = _patients(response) | before | _patient_on_bed(request)
        if shown or _shows_a_bed(request) or "Content-Disposition" in response.headers:
            await record_access(request, shown)
    return response


async def record_access(
    request: web.Request, patients: Iterable[str] = (), entity: str = "", action: str = ""
) -> None:
    """Record that who asks is shown `patients`; none: something of which it is not known whose it is.

    Raises StoreError: then nothing may be sent.
    """
    request[_RECORDED] = True
    entry = _entry(request)
    entry = replace(entry, entity=entity or entry.entity, action=action or entry.action)
    access = request.get(ACCESS)
    opened = access.view.patients if access else frozenset[str]()
    whose = sorted(set(patients))
    entries = [replace(entry, patient=one, why=GLASS if one in opened else "") for one in whose]
    await context(request).trail.record(*(entries or [entry]))


async def record_streams(request: web.Request, response: web.StreamResponse) -> None:
    """A handler of `Application.on_response_prepare`: a stream of which its handler said nothing."""
    streams = not isinstance(response, web.Response) and response.status == 200
    if streams and _RECORDED not in request and ACCESS in request:
        await record_access(request)


def _entry(request: web.Request, outcome: str = "done", code: str | int | None = None) -> Entry:
    named = " ".join(f"{name}/{value}" for name, value in request.match_info.items())
    access = request.get(ACCESS)
    return Entry(
        action=request.match_info.route.name or "unknown-route",
        actor=access.user.name if access else request.get(WHO, "")[:LONGEST],
        entity=(named or f"path{request.path}")[:LONGEST] if outcome != "done" else named[:LONGEST],
        outcome=outcome,
        where=request.remote or "",
        detail={} if code is None else {"code": code},
    )


def _is_attempt(request: web.Request, error: Exception) -> bool:
    """Whether what failed was more than a slip: the gate, a change, or a look for what is not to be seen."""
    looked = isinstance(error, NotFound) and request.path.startswith("/api/")
    return isinstance(error, Refused) or request.method not in _READS or looked


def _note(request: web.Request, error: Exception) -> None:
    code = error.code if isinstance(error, Refused | LoginRefused) else type(error).__name__
    outcome = FAILED if isinstance(error, StoreError) else REFUSED
    context(request).trail.note(_entry(request, outcome, code))


def _patients(response: web.Response) -> frozenset[str]:
    body = response.body if response.content_type == "application/json" else None
    return patients_in_json(body) if isinstance(body, bytes) else frozenset()


def _shows_a_bed(request: web.Request) -> bool:
    return request.method in _READS and "bed" in request.match_info


def _patient_on_bed(request: web.Request) -> frozenset[str]:
    """The patient on the bed that is looked at now; the handler may have seen the one before."""
    bed = context(request).registry.beds.get(request.match_info["bed"]) if _shows_a_bed(request) else None
    return frozenset({bed.patient.identifier}) if bed and bed.patient else frozenset()
