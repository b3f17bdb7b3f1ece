"""Our own services of CDS Hooks 2.0 for other systems, and our public key for the services that we ask.

Who asks shows a JWT of `[[cds.clients]]`, or an API token with system/Patient.rs; browsers of other sites may
ask only from `origins` (CORS). Each answer about a patient is in the trail.
"""

from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer, refusal
from controller.api.auditing import record_access
from controller.api.cds_context import Support, support
from controller.api.context import context
from controller.api.fhir import to_utc_ms
from controller.api.logins import LOGINS, origin
from controller.cds import served
from controller.cds.errors import CdsError, Untrusted
from controller.cds.orders import lines_of
from controller.errors import NotFound
from controller.imaging.sight import WHOLE, Sight
from controller.patients.model import PatientFacts
from controller.prescriptions.model import Person
from controller.security.gate import WHO, Refused
from controller.security.scopes import allows, parse_scopes

_SCOPES = parse_scopes("system/Patient.rs")
_BEARER = "Bearer "
_TOGETHER = "these orders against one another"
_HOOKS = {served.NEWS2: "patient-view", served.CHECKS: "order-sign"}


async def keys(request: web.Request) -> web.StreamResponse:
    """GET /.well-known/jwks.json."""
    return answer(support(request).keys.public)


async def services(request: web.Request) -> web.StreamResponse:
    """GET /cds-services: it says nothing of anybody, hence to everybody."""
    support(request)
    return answer(dict(served.DISCOVERY))


async def may_i(request: web.Request) -> web.StreamResponse:
    """OPTIONS /cds-services…: what a browser asks before a page of another site may (CORS)."""
    support(request)
    told = {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "authorization, content-type",
        "Access-Control-Max-Age": "600",
    }
    return web.Response(status=204, headers=told)


async def call(request: web.Request) -> web.StreamResponse:
    """POST /cds-services/{service}."""
    parts, name = support(request), request.match_info["service"]
    wards = await _wards(request, parts)
    hook = _HOOKS.get(name)
    if hook is None:
        raise NotFound(f"there is no service {name!r:.60}: see /cds-services")
    asked = await _asked(request, hook)
    found = served.identifiers_of(asked)
    if found is None:
        message = "expected prefetch.patient, a Patient with its identifiers: see /cds-services"
        return refusal(412, "no-patient", message)
    facts = await _patient(request, wards, *found)
    if facts is None:
        cards = served.unknown_patient("no one patient of these identifiers and birth date is seen here")
    else:
        cards = await (_news2 if name == served.NEWS2 else _checks)(request, facts, dict(asked.context))
        await record_access(request, {facts.identifier}, entity=f"cds/{name}", action="cds-served")
    return answer({"cards": cards})


async def _wards(request: web.Request, parts: Support) -> frozenset[str] | None:
    """Whose patients who asks may see; None: all. Raises Refused."""
    if wait_s := parts.calls.take(request.remote or ""):
        raise Refused(429, "slow-down", f"too many calls: wait {wait_s} s", {"Retry-After": str(wait_s)})
    shown = request.headers.get("Authorization", "")
    text = shown.removeprefix(_BEARER)
    if not shown.startswith(_BEARER):
        raise _unknown("expected 'Authorization: Bearer' with a JWT or an API token")
    if token := await request.config_dict[LOGINS].tokens.find(text):
        request[WHO] = token.actor
        if not allows(token.scopes, _SCOPES):
            raise Refused(403, "insufficient-scope", "expected an API token with system/Patient.rs")
        return token.wards
    # Never as the request says: what another service was shown would do here by that one's Host.
    audience = f"{parts.section.address or origin(request)}{request.path}"
    try:
        client = parts.trust.client(text, audience, context(request).clock.utc_us() // 1_000_000)
    except Untrusted as error:
        raise _unknown(str(error)) from None
    request[WHO] = f"cds:{client.issuer}"
    return None if client.wards is None else frozenset(client.wards)


async def _asked(request: web.Request, hook: str) -> served.HookRequest:
    if request.content_type != "application/json":
        raise BadRequest(f"expected Content-Type application/json, got {request.content_type!r:.60}")
    try:
        asked = served.read_request(await request.read())
    except CdsError as error:
        raise BadRequest(f"{error}: see /cds-services") from None
    if asked.hook != hook:
        raise BadRequest(f"expected the hook {hook}, got {asked.hook}: see /cds-services")
    return asked


async def _patient(
    request: web.Request, wards: frozenset[str] | None, identifiers: list[str], born: str
) -> PatientFacts | None:
    """Who is known here by one of them, is seen, and was not born on another day.

    None: nobody, or several: then it is not known who is meant.
    """
    sight, found = await _sight(request, wards), dict[str, PatientFacts]()
    for identifier in identifiers:
        try:
            facts = await context(request).patients.find(identifier, sight)
        except NotFound:
            continue
        if not (born and facts.birth_date and born != facts.birth_date):
            found[facts.identifier] = facts
    return next(iter(found.values())) if len(found) == 1 else None


async def _sight(request: web.Request, wards: frozenset[str] | None) -> Sight:
    if wards is None:
        return WHOLE
    parts = context(request)
    here = {
        one.patient.identifier
        for one in parts.registry.beds.values()
        if one.patient is not None and one.ward in wards
    }
    return Sight(frozenset(here) | await parts.patients.of_wards(wards))


async def _news2(request: web.Request, facts: PatientFacts, about: dict[str, Any]) -> list[dict[str, Any]]:
    del about
    parts = context(request)
    beds = [
        one
        for one in parts.registry.beds.values()
        if one.patient is not None and one.patient.identifier == facts.identifier
    ]
    if not beds:
        return served.unknown_patient("the patient lies on no bed here")
    items = {one["bed"]: one for one in parts.hub.snapshot()["scores"]}
    nothing = {"news2": None}
    return served.news2_cards(items.get(beds[0].id, nothing), beds[0].name, to_utc_ms(request))


async def _checks(request: web.Request, facts: PatientFacts, about: dict[str, Any]) -> list[dict[str, Any]]:
    parts, who = context(request).prescriptions, Person(facts.identifier, facts.name)
    others = await parts.prescribing.beside(who)
    found = lines_of(about)
    cards: list[dict[str, Any]] = []
    for line, _ in found:
        if line is not None:
            cards += served.check_cards(await parts.checks.look(who, line, others))
    together = _TOGETHER if sum(line is not None for line, _ in found) > 1 else ""
    return cards + served.unread_cards([*(why for _, why in found), together])


def _unknown(message: str) -> Refused:
    return Refused(401, "not-known", message, {"WWW-Authenticate": "Bearer"})
