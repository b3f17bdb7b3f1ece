"""What every handler works with."""

from dataclasses import dataclass

from aiohttp import web

from controller.audit.trail import Trail
from controller.auditor import Auditor
from controller.clock import Clock
from controller.errors import NotFound
from controller.hub import Hub
from controller.patients.register import Patients
from controller.prescriptions.service import Prescriptions
from controller.radiology.service import Radiology
from controller.registry import Bed, Registry
from controller.security.accounts import Accounts
from controller.security.badges import Badges
from controller.security.break_glass import BreakGlass
from controller.security.gate import ACCESS, Find
from controller.security.passwords import Passwords
from controller.security.second_factor import SecondFactors
from controller.security.sessions import Sessions
from controller.security.throttle import Throttle
from controller.security.users import User
from controller.signing.service import Signatures
from controller.store import Store
from controller.view import View


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of the controller that the API shows."""

    hub: Hub
    registry: Registry
    store: Store
    clock: Clock
    sessions: Sessions
    throttle: Throttle
    passwords: Passwords
    auditor: Auditor
    find: Find
    """Who makes a request."""
    trail: Trail
    accounts: Accounts
    factors: SecondFactors
    glass: BreakGlass
    radiology: Radiology
    """Orders for imaging, and reports."""
    signatures: Signatures
    """People's keys, and what they sign."""
    patients: Patients
    prescriptions: Prescriptions
    badges: Badges
    """Who stands at a drawer."""


CONTEXT = web.AppKey("context", Context)


def context(request: web.Request) -> Context:
    """The application's context."""
    return request.config_dict[CONTEXT]


def user(request: web.Request) -> User:
    """Who asks. Only for routes that are not public."""
    return request[ACCESS].user


def view(request: web.Request) -> View:
    """Whom the one who asks may see. Only for routes that are not public."""
    return request[ACCESS].view


def seen_bed(request: web.Request, bed: str) -> Bed:
    """The bed, if it is there and may be seen: of another ward's nobody learns that there is one.

    Raises NotFound.
    """
    held = context(request).registry.beds.get(bed)
    if held is None or not view(request).shows(held.ward, held.patient and held.patient.identifier):
        raise NotFound(f"there is no bed {bed!r}: see /api/snapshot for those there are")
    return held


def own_bed(request: web.Request, bed: str) -> Bed:
    """A bed of one's own wards: breaking the glass lets a person look, not change. Raises NotFound."""
    held = seen_bed(request, bed)
    if not view(request).shows(held.ward, None):
        raise NotFound(f"bed {bed!r} is of another ward: what is on it is changed there")
    return held


def seen_device(request: web.Request, device: str) -> str:
    """The device's id, if it is there and on no bed that may not be seen. Raises NotFound."""
    registry = context(request).registry
    bed = registry.beds.get(registry.bed_of(device) or "")
    hidden = bed is not None and not view(request).shows(bed.ward, None)
    if device not in registry.devices or hidden:
        raise NotFound(f"there is no device {device!r}: see /api/devices for those there are")
    return device
