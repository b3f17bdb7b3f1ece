"""The web application: `make_app` puts table, gate and headers together."""

from collections.abc import Collection, Mapping
from functools import cache
from urllib.parse import urlsplit

from aiohttp import web

from controller.api.answers import refusals
from controller.api.api_tokens import PERMISSIONS
from controller.api.arrivals import ARRIVALS, Arrivals
from controller.api.audit import CHECKUP
from controller.api.auditing import audited, record_streams
from controller.api.bulk_work import add_bulk
from controller.api.conferences_context import add_conferences
from controller.api.context import CONTEXT, Context
from controller.api.crew import CREWS, Crews, lapses
from controller.api.elsewhere import passed_on
from controller.api.events import OPEN, close_streams
from controller.api.gateways import LETTING_IN, LettingIn
from controller.api.imaging_context import IMAGING, Imaging
from controller.api.inventory import INVENTORY
from controller.api.logins import LOGINS, make_logins
from controller.api.my_context import add_patient_access
from controller.api.my_cookie import COOKIE as OWN_COOKIE
from controller.api.observed import add_observed, measured
from controller.api.openapi import document
from controller.api.orders import DESK
from controller.api.partners_context import add_partners
from controller.api.partners_cookie import COOKIE as PARTNER_COOKIE
from controller.api.payments_context import add_payments
from controller.api.quality import AT_ONCE, BUCKETS, PER_S
from controller.api.recordings_context import add_recordings
from controller.api.robots_context import add_robots
from controller.api.route import add_routes
from controller.api.routes import DOCUMENT, TABLE
from controller.api.token_scopes import NEEDS
from controller.api.visit_cookie import COOKIE as VISIT_COOKIE
from controller.api.visit_notes_context import add_visit_notes
from controller.api.visits_context import add_visits
from controller.arrivals.corridor import Corridor
from controller.arrivals.requests import RequestDesk
from controller.arrivals.trend import Trend
from controller.arrivals.vehicles import Vehicles
from controller.audit.checkup import Checkup, Published
from controller.audit.trail import Trail
from controller.auditor import Auditor
from controller.clock import Clock
from controller.crew.instructions import InstructionDesk
from controller.crew.watching import Watching
from controller.hub import Hub
from controller.identity.files import FOLDER
from controller.inventory.service import Inventory, Sign
from controller.orders.desk import OrderDesk
from controller.partners.access import PartnerSessions
from controller.partners.section import PartnersSection
from controller.patient_access.sessions import PatientSessions
from controller.patients.register import Patients
from controller.prescriptions.keyed import keyed
from controller.radiology.service import Radiology
from controller.radiology.signing import ReportSigner
from controller.registry import Registry
from controller.sections import (
    ArrivalsSection,
    LoginSection,
    OidcSection,
    PaymentsSection,
    PrescriptionsSection,
    RobotsSection,
    SigningSection,
    TelemedicineSection,
)
from controller.security.accounts import Accounts
from controller.security.badges import Badges
from controller.security.break_glass import BreakGlass
from controller.security.buckets import Buckets
from controller.security.cookie import COOKIE
from controller.security.gate import Access, Find, gate, has_token
from controller.security.headers import add_security_headers
from controller.security.hosts import known_hosts
from controller.security.limits import with_locks
from controller.security.passwords import Passwords
from controller.security.permissions import Permission
from controller.security.sealing import SECOND_FACTORS, Sealing
from controller.security.second_factor import SecondFactors
from controller.security.sessions import Sessions
from controller.security.throttle import Throttle
from controller.security.token_access import TokenGate
from controller.signing.model import Unlock
from controller.signing.service import Signatures
from controller.store import Store
from controller.telemedicine.access import VisitSessions
from controller.telemedicine.books import Books

LARGEST_BODY = 64 * 1024
"""Bytes."""


def make_app(
    hub: Hub,
    registry: Registry,
    store: Store,
    clock: Clock,
    *,
    login: LoginSection | None = None,
    oidc: OidcSection | None = None,
    published: Published | None = None,
    sign: Sign | None = None,
    names: Collection[str] = (),
    letting_in: LettingIn | None = None,
    hospital: ArrivalsSection | None = None,
    corridor: Corridor | None = None,
    trend: Trend | None = None,
    imaging: Imaging | None = None,
    signing: SigningSection | None = None,
    payments: PaymentsSection | None = None,
    robots: RobotsSection | None = None,
    prescriptions: PrescriptionsSection | None = None,
    telemedicine: TelemedicineSection | None = None,
    partners: PartnersSection | None = None,
) -> web.Application:
    """The application, ready for a runner. It starts nothing: the caller calls `hub.tick()` every second.

    `published`: the heads that the audit trail is held against; `sign` signs receipts; `names`: those of the
    host, beside that of `login.address`, localhost and addresses; `letting_in`: the service of gateways;
    `hospital`: where vehicles arrive; `corridor`: their green lights; `trend`: how their scores went;
    `imaging`: the archive of images; others are sections of the configuration, as they are there.
    Raises ConfigError: a file of these cannot be used.
    """
    login = login or LoginSection()
    sessions = Sessions(store, clock, with_locks(login.lock_minutes))
    logins = make_logins(store, clock, sessions, login, oidc)
    permissions = {route.name: route.permission for route in TABLE}
    tokens = TokenGate(logins.tokens, NEEDS, permissions, clock)
    app = _guarded(_named(login, names), permissions, find := _finder(sessions, tokens, store, clock))
    unlocks, known = (signing or SigningSection()).unlock, prescriptions or PrescriptionsSection()
    parts = hub, registry, store, clock
    app[CONTEXT] = _context(*parts, sessions=sessions, find=find, unlocks=unlocks, known=known)
    app[LOGINS], app[PERMISSIONS], app[CHECKUP] = logins, permissions, Checkup(store.where, clock, published)
    app[INVENTORY] = Inventory(store, registry, clock, sign)
    _add_orders(app, parts, robots)
    vehicles, went = Vehicles(store, registry, clock), trend or Trend(registry, hub, clock)
    app[ARRIVALS] = Arrivals(vehicles, RequestDesk(store, clock), hospital, corridor, went)
    _add_services(app, letting_in, imaging, payments, telemedicine)
    add_partners(app, partners, login.address or "")
    _add_hooks(app)
    add_routes(app, TABLE)
    return app


def _guarded(names: Collection[str], permissions: Mapping[str, Permission], find: Find) -> web.Application:
    """Without routes yet, which nobody reaches but by the gate."""
    by_servers = {route.name for route in TABLE if route.by_servers}
    guards = known_hosts(names), gate(permissions, find, by_servers)
    return web.Application(
        middlewares=[measured, refusals, passed_on, audited, *guards], client_max_size=LARGEST_BODY
    )


def _add_orders(
    app: web.Application, parts: tuple[Hub, Registry, Store, Clock], robots: RobotsSection | None
) -> None:
    """Orders to gateways, of people and of what a mobile network says; to crews; and to robots."""
    hub, registry, store, clock = parts
    app[CREWS] = Crews(InstructionDesk(store, clock), Watching(store, registry, clock, hub))
    app[DESK] = OrderDesk(store, clock)
    app[BUCKETS] = Buckets(clock, PER_S, AT_ONCE)
    add_robots(app, robots, store, clock, hub)


def _add_services(
    app: web.Application,
    letting_in: LettingIn | None,
    imaging: Imaging | None,
    payments: PaymentsSection | None,
    telemedicine: TelemedicineSection | None,
) -> None:
    """What is beside the controller, where it is, patients' own access, and visits by video."""
    add_patient_access(app)
    add_visits(app, telemedicine)
    add_recordings(app, telemedicine)
    add_visit_notes(app)
    add_conferences(app)
    add_bulk(app)
    add_payments(app, payments, app[CONTEXT].store, app[CONTEXT].clock)
    if letting_in is not None:
        app[LETTING_IN] = letting_in
    if imaging is not None:
        app[IMAGING] = imaging
        app.on_cleanup.append(lambda _: imaging.client.close())


def _context(
    hub: Hub,
    registry: Registry,
    store: Store,
    clock: Clock,
    *,
    sessions: Sessions,
    find: Find,
    unlocks: frozenset[Unlock],
    known: PrescriptionsSection,
) -> Context:
    passwords, authority = Passwords(), store.folder / FOLDER
    signatures, patients = Signatures(store, clock, authority, unlocks), Patients(store, clock)
    throttle, sealing = Throttle(clock), Sealing(store.folder / SECOND_FACTORS)
    badges = Badges(store, clock, passwords, throttle, sealing)
    return Context(
        hub=hub,
        registry=registry,
        store=store,
        clock=clock,
        sessions=sessions,
        throttle=throttle,
        passwords=passwords,
        auditor=Auditor(store.where, clock),
        find=find,
        trail=Trail(store, clock),
        accounts=Accounts(store, clock, passwords, sessions.tell),
        factors=SecondFactors(store, clock, sealing),
        glass=BreakGlass(store, clock, registry, hub),
        patients=patients,
        badges=badges,
        prescriptions=keyed((store, clock, registry, hub), signatures, patients, badges, known),
        radiology=Radiology(store, clock, registry, hub, ReportSigner(authority).sign),
        signatures=signatures,
    )


@cache
def _document() -> dict[str, object]:
    """Of the one table, hence made once."""
    return document(TABLE)


def _add_hooks(app: web.Application) -> None:
    """What is told of all routes, done around every answer, and at the end."""
    app[DOCUMENT], app[OPEN] = _document(), set()
    parts, checkup = app[CONTEXT], app[CHECKUP]
    add_observed(app)
    app.on_startup.append(lambda _: parts.factors.prepare())
    app.cleanup_ctx.append(parts.glass.told)
    app.cleanup_ctx.append(lapses)
    app.on_response_prepare.append(record_streams)
    app.on_response_prepare.append(add_security_headers)
    app.on_shutdown.append(close_streams)
    app.on_shutdown.append(lambda _: parts.auditor.stop())
    app.on_shutdown.append(lambda _: checkup.stop())
    app.on_cleanup.append(lambda _: parts.trail.stop())


def _named(login: LoginSection, names: Collection[str]) -> Collection[str]:
    """All names under which browsers reach the pages."""
    host = urlsplit(login.address or "").hostname
    return (*names, host) if host else names


def _finder(sessions: Sessions, tokens: TokenGate, store: Store, clock: Clock) -> Find:
    """Who makes a request: whoever its token is for, or whose session's cookie it has.

    Four kinds of cookie, and the route says which one counts: that of a patient on the routes for patients
    alone, that of a link on those of the one visit, that of a partner's word on those of the one conference,
    that of staff on all others. None is looked at where another one counts.
    """
    patients, visits = PatientSessions(store, clock), VisitSessions(Books(store, clock))
    kinds = {
        **{Permission.MY_OWN: (OWN_COOKIE, patients), Permission.JOIN_VISIT: (VISIT_COOKIE, visits)},
        Permission.JOIN_CONFERENCE: (PARTNER_COOKIE, PartnerSessions(store, clock)),
    }
    counts = {route.name: kinds[route.permission] for route in TABLE if route.permission in kinds}

    async def find(request: web.Request) -> Access | None:
        if has_token(request):
            return await tokens.access(request)
        cookie, held = counts.get(request.match_info.route.name or "", (COOKIE, sessions))
        return await held.find(request.cookies.get(cookie))

    return find
