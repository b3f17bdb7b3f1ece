"""Patients' own access inside the application: its parts, and who makes such a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from controller.api.context import CONTEXT
from controller.hub import Hub
from controller.live import SAID, Value
from controller.patient_access.homes import Homes
from controller.patient_access.invitations import Invitations
from controller.patient_access.measured import Measured
from controller.patient_access.sessions import PatientAccess, PatientSessions
from controller.patient_access.taken import Taken
from controller.patient_access.targets import Targets
from controller.security.buckets import Buckets
from controller.security.gate import ACCESS

PER_S, AT_ONCE = 0.2, 30
"""Codes that one address may try: a ward's patients behind one address come in at once."""


@dataclass(frozen=True, slots=True)
class Own:
    """What the handlers work with."""

    invitations: Invitations
    sessions: PatientSessions
    taken: Taken
    homes: Homes
    measured: Measured
    targets: Targets
    tries: Buckets


OWN = web.AppKey("own", Own)


def add_patient_access(app: web.Application) -> None:
    """After the context is there."""
    parts = app[CONTEXT]
    invitations = Invitations(parts.store, parts.clock, parts.patients)
    taken = Taken(parts.prescriptions.books)
    sessions = PatientSessions(parts.store, parts.clock)
    kept = parts.store, parts.clock
    at_home = Homes(*kept), Measured(*kept, partial(_show, parts.hub)), Targets(*kept)
    app[OWN] = Own(invitations, sessions, taken, *at_home, Buckets(parts.clock, PER_S, AT_ONCE))


def _show(hub: Hub, values: Iterable[Value]) -> None:
    """On every page, of other controllers, too."""
    hub.said(values)
    hub.elsewhere(SAID, ())


def own(request: web.Request) -> Own:
    """The application's."""
    return request.config_dict[OWN]


def me(request: web.Request) -> PatientAccess:
    """The patient who asks. Only for routes with Permission.MY_OWN, which the gate opens to nobody else."""
    access = request[ACCESS]
    if not isinstance(access, PatientAccess):
        raise TypeError(f"expected a patient's access, got {type(access).__name__}: the route's permission")
    return access
