"""What a route may ask of a person, and which role has it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Permission(StrEnum):
    """What a route asks for. A route without one cannot be made."""

    PUBLIC = "public"
    """Nothing: the way to the login."""
    OWN_ACCOUNT = "own:account"
    """One's own login: who am I, log out, unlock, password, second factor. All that a session has that is
    locked, or whose person must first change a password or set up a second factor."""
    LOGGED_IN = "logged-in"
    """Any person who is logged in."""
    WATCH = "ward:watch"
    """The board as it hangs on a wall: it goes on while its session is locked."""
    READ_WARD = "ward:read"
    """See beds, patients, values, devices and gateways, and what was."""
    ASSIGN = "ward:assign"
    """Say which patient and which device is on a bed."""
    ASSESS = "ward:assess"
    """Enter what was found of a patient: consciousness, oxygen, the Glasgow Coma Scale."""
    SEE_ALARMS = "alarms:see"
    """Say that somebody has seen a patient's alarm."""
    MOVE_LIMITS = "alarms:limits"
    """Move the limits of one patient in a bed of a ward, and say of which class that patient is."""
    WATCH_ARRIVALS = "arrivals:watch"
    """What comes by ambulance, as it hangs on a wall: it goes on while its session is locked."""
    ASK_HOSPITAL = "arrivals:ask"
    """Ask the hospital for a bed, a team, a cath lab, blood, from on the way."""
    ACKNOWLEDGE = "arrivals:acknowledge"
    """Say that the hospital knows of what a crew asks for."""
    INSTRUCT = "crew:instruct"
    """Ask the crew of a vehicle to do something."""
    BREAK_GLASS = "break-glass:use"
    """See a patient of another ward for a while, for a stated reason."""
    REVIEW_GLASS = "break-glass:review"
    """Judge whether the glass was broken for a good reason."""
    READ_OPERATIONS = "operations:read"
    """See the ledger and what was quarantined."""
    READ_INVENTORY = "inventory:read"
    """See what is recorded of devices, and what became of them."""
    MANAGE_DEVICES = "inventory:write"
    """Record devices, pair them anew, decommission them."""
    READ_GATEWAYS = "gateways:read"
    """See which gateways are let in, until when, and which wait."""
    MANAGE_GATEWAYS = "gateways:write"
    """Make claims, revoke certificates, decommission gateways; add wards, beds and vehicles."""
    READ_AUDIT = "audit:read"
    """Search the audit trail, see whether it is whole, take it away."""
    MANAGE_PEOPLE = "people:manage"
    """Make, change and disable accounts."""
    READ_IMAGES = "imaging:read"
    """See the images of the patients whom one may see."""
    ADD_IMAGES = "imaging:write"
    """Send images, save what was drawn on one."""
    MANAGE_IMAGES = "imaging:manage"
    """See every patient's images, those whose patient is in doubt too: say whose they are, look at what was
    not let in, delete."""
    ORDER_IMAGES = "imaging:order"
    """Ask for imaging, take it back, acknowledge a critical result of it."""
    REPORT_IMAGES = "imaging:report"
    """Write and sign what images show."""
    RUN_PLUGINS = "plugins:run"
    """See what plug-ins could not look at, and have it tried again."""
    READ_PATIENTS = "patients:read"
    """See what is known of the patients whom one may see: birth date, allergies, weight."""
    WRITE_PATIENTS = "patients:write"
    """Enter it; register out-patients."""
    SIGN = "signing:own"
    """Have a key of one's own, and sign with it."""
    READ_RX = "rx:read"
    """See the prescriptions of the patients whom one may see, and what became of them."""
    PRESCRIBE = "rx:prescribe"
    """Write, sign, hold and stop prescriptions."""
    DISPENSE = "rx:dispense"
    """Accept and reject them in the pharmacy, prepare and check what is handed out, recall batches."""
    DELIVER_RX = "rx:deliver"
    """Carry what was handed out, hand it over, ask for a repeat."""
    ADMINISTER = "rx:administer"
    """Chart what a patient was given."""
    MY_OWN = "my:own"
    """See one's own medicines, as a patient: no role has it, but a patient's session alone."""
    JOIN_VISIT = "visit:join"
    """Be in one visit, as who came in by a link: no role has it, but the session of a link alone."""
    READ_VISITS = "visits:read"
    """See the visits by video of the patients whom one may see, and those that one holds."""
    HOLD_VISITS = "visits:hold"
    """Agree upon visits, let people in, begin and end them, write notes."""
    SIGN_VISITS = "visits:sign"
    """Write and sign what a patient is told of a visit."""
    SET_TARGETS = "targets:set"
    """Agree upon with a patient what measurements at home should come to."""
    READ_CONFERENCES = "conferences:read"
    """See the conferences that one was asked to, answer, take part, present a case."""
    HOLD_CONFERENCES = "conferences:hold"
    """Be an expert of the directory, lead conferences, say what is concluded; of partners' ones, too."""
    REQUEST_CONFERENCES = "conferences:request"
    """Ask for a conference."""
    READ_RECORDINGS = "recordings:read"
    """Look at recordings of the visits that one sees."""
    EXPORT_RECORDINGS = "recordings:export"
    """Take one away as a file, for a stated reason."""
    MANAGE_PARTNERS = "partners:manage"
    """Agree upon partnerships with other sites, suspend and end them."""
    REFER = "partners:refer"
    """Refer patients to partner sites, take those whom they refer."""
    JOIN_CONFERENCE = "conference:join"
    """Be in one conference, as somebody of a partner site: no role has it, but the session of a way in."""
    EXPORT_BULK = "data:export"
    """Have a program take all FHIR resources of the patients whom it sees: nobody does so with a session."""
    SEE_RESEARCH = "research:see"
    """See research projects and what left for them; no patient."""
    PROPOSE_RESEARCH = "research:propose"
    """Describe a project that asks for de-identified data, and close it."""
    APPROVE_RESEARCH = "research:approve"
    """Say whether a project that somebody else described may have them."""
    ASK_COHORTS = "cohorts:ask"
    """Ask how many admissions are as a definition says, of all wards; small numbers are not told."""
    LIST_COHORTS = "cohorts:list"
    """See who they are, of the patients whom one may see."""
    READ_ROBOTS = "robots:read"
    """See robots, what they carry, where they were and why."""
    ASK_ROBOTS = "robots:ask"
    """Have things carried, take a delivery."""
    STOP_ROBOTS = "robots:stop"
    """Stop every robot; take one over by hand."""
    MANAGE_ROBOTS = "robots:manage"
    """Let robots go on, hand them back, say where they are, block ways."""
    TECHNICAL_TOKENS = "tokens:technical"
    """See what API tokens there are; make and revoke those that only read technical things."""
    MANAGE_TOKENS = "tokens:manage"
    """Make and revoke every API token."""


class Role(StrEnum):
    """What a person is here."""

    VIEWER = "viewer"
    """A wall screen: looks and changes nothing."""
    NURSE = "nurse"
    PHYSICIAN = "physician"
    PHARMACIST = "pharmacist"
    ENGINEER = "engineer"
    """A biomedical engineer."""
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    """Manages accounts, and sees no patient."""
    CREW = "crew"
    """Of an ambulance."""
    RADIOLOGY = "radiology"
    """A radiologist, a radiographer, who looks after the archive of images: of the whole hospital."""


_PERSON = frozenset({Permission.OWN_ACCOUNT, Permission.LOGGED_IN})
_VIEW = _PERSON | {Permission.WATCH, Permission.READ_WARD}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEW | {Permission.WATCH_ARRIVALS, Permission.READ_ROBOTS},
    Role.NURSE: _VIEW
    | {Permission.READ_ROBOTS, Permission.ASK_ROBOTS, Permission.STOP_ROBOTS}
    | {Permission.ASSIGN, Permission.ASSESS, Permission.SEE_ALARMS, Permission.BREAK_GLASS}
    | {Permission.MOVE_LIMITS, Permission.WATCH_ARRIVALS, Permission.ACKNOWLEDGE}
    | {Permission.READ_IMAGES, Permission.READ_PATIENTS, Permission.WRITE_PATIENTS}
    | {Permission.READ_RX, Permission.DELIVER_RX, Permission.ADMINISTER}
    | {Permission.READ_VISITS, Permission.HOLD_VISITS, Permission.READ_CONFERENCES}
    | {Permission.SET_TARGETS}
    | {Permission.READ_RECORDINGS},
    Role.PHYSICIAN: _VIEW
    | {Permission.READ_ROBOTS, Permission.STOP_ROBOTS}
    | {Permission.ASSESS, Permission.SEE_ALARMS, Permission.MOVE_LIMITS, Permission.BREAK_GLASS}
    | {Permission.WATCH_ARRIVALS, Permission.ASK_HOSPITAL, Permission.ACKNOWLEDGE, Permission.INSTRUCT}
    | {Permission.READ_IMAGES, Permission.ADD_IMAGES, Permission.ORDER_IMAGES, Permission.REPORT_IMAGES}
    | {Permission.READ_PATIENTS, Permission.WRITE_PATIENTS, Permission.SIGN}
    | {Permission.READ_RX, Permission.PRESCRIBE}
    | {Permission.READ_VISITS, Permission.HOLD_VISITS, Permission.SIGN_VISITS, Permission.SET_TARGETS}
    | {Permission.READ_CONFERENCES, Permission.HOLD_CONFERENCES, Permission.REQUEST_CONFERENCES}
    | {Permission.REFER, Permission.EXPORT_BULK}
    | {Permission.SEE_RESEARCH, Permission.PROPOSE_RESEARCH}
    | {Permission.ASK_COHORTS, Permission.LIST_COHORTS}
    | {Permission.READ_RECORDINGS, Permission.EXPORT_RECORDINGS},
    Role.PHARMACIST: _VIEW
    | {Permission.READ_ROBOTS, Permission.ASK_ROBOTS, Permission.STOP_ROBOTS}
    | {Permission.BREAK_GLASS, Permission.READ_PATIENTS, Permission.WRITE_PATIENTS, Permission.SIGN}
    | {Permission.READ_RX, Permission.DISPENSE, Permission.DELIVER_RX},
    Role.ENGINEER: _VIEW
    | {Permission.READ_ROBOTS, Permission.STOP_ROBOTS, Permission.MANAGE_ROBOTS}
    | {Permission.ASSIGN, Permission.READ_OPERATIONS, Permission.TECHNICAL_TOKENS, Permission.RUN_PLUGINS}
    | {Permission.READ_INVENTORY, Permission.MANAGE_DEVICES}
    | {Permission.READ_GATEWAYS, Permission.MANAGE_GATEWAYS},
    Role.AUDITOR: _PERSON
    | {Permission.REVIEW_GLASS, Permission.READ_AUDIT}
    | {Permission.SEE_RESEARCH, Permission.APPROVE_RESEARCH, Permission.ASK_COHORTS},
    Role.ADMINISTRATOR: _PERSON
    | {Permission.MANAGE_PEOPLE, Permission.TECHNICAL_TOKENS, Permission.MANAGE_TOKENS}
    | {Permission.MANAGE_PARTNERS},
    Role.CREW: _VIEW
    | {Permission.ASSIGN, Permission.ASSESS, Permission.SEE_ALARMS}
    | {Permission.WATCH_ARRIVALS, Permission.ASK_HOSPITAL}
    | {Permission.READ_VISITS, Permission.HOLD_VISITS},
    Role.RADIOLOGY: _VIEW
    | {Permission.READ_IMAGES, Permission.ADD_IMAGES, Permission.MANAGE_IMAGES, Permission.WATCH_ARRIVALS}
    | {Permission.REPORT_IMAGES, Permission.READ_PATIENTS, Permission.SIGN, Permission.RUN_PLUGINS}
    | {Permission.READ_CONFERENCES, Permission.HOLD_CONFERENCES},
}

NEEDS_WARDS = frozenset({Role.VIEWER, Role.NURSE, Role.PHYSICIAN, Role.CREW})
"""Roles whose people must be told their wards, or that it is all of them; the others have all unless told."""

NEEDS_SECOND_FACTOR = frozenset({Role.ADMINISTRATOR})

OF_NO_ROLE = frozenset({Permission.MY_OWN, Permission.JOIN_VISIT, Permission.JOIN_CONFERENCE})
"""A session of another kind than staff's has one of these, and nothing else."""

WHILE_LOCKED = frozenset({Permission.OWN_ACCOUNT, Permission.WATCH, Permission.WATCH_ARRIVALS})
WHILE_INCOMPLETE = frozenset({Permission.OWN_ACCOUNT})


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """What people of these roles may do: the union."""
    return frozenset[Permission]().union(*(GRANTS[role] for role in roles))
