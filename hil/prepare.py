"""What the demo writes before anything runs: configurations, the ward, a claim, a password."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from controller.clock import Clock, SystemClock
from controller.config import Config, load
from controller.files import write_private
from controller.hub import Hub
from controller.identity.certificates import By, moment
from controller.identity.files import FOLDER, open_authority
from controller.identity.provisioning import Addresses, GatewayClass, Provisioning, Record
from controller.ports import free_port
from controller.registry import Patient, Registry
from controller.security.accounts import Accounts
from controller.security.accounts import By as Admin
from controller.security.passwords import Passwords
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from devices.profiles import SerialLink, profile
from gateway.crew.people import People
from gateway.errors import PinWeak
from hil.faults.wan import HOSPITAL
from hil.sims import routes
from hil.ward import GATEWAY, NURSE, Folder, Ward

_CONTROLLER = """[controller]
id = "hospital"
data = "."
names = ["{lab}"]
[http]
port = {http}
[mqtt]
port = {mqtt}
[est]
port = {est}
[signing]
unlock = ["passkey", "passphrase"]
[arrivals]
name = "Sample Hospital"
latitude = {hospital[0]}
longitude = {hospital[1]}
map = "{map}"
"""
_IMAGING = """[imaging]
port = {port}
"""
_ROBOTS = """[robots]
map = "{map}"
"""
_PRESCRIPTIONS = """[prescriptions]
formulary = "{formulary}"
"""
_GATEWAY = """[gateway]
id = "{id}"
data = "."
[controller]
address = "{mqtt}"
claim = "{id}.claim"
"""
_CREW = """
[crew]
vehicle = "{vehicle}"
address = "127.0.0.1:{port}"
"""
PEOPLE = (
    *(Role.PHYSICIAN, Role.PHARMACIST, Role.CREW, Role.ENGINEER, Role.ADMINISTRATOR, Role.AUDITOR),
    Role.RADIOLOGY,
)
"""Whoever is in the demo beside the nurse, each called as their role."""
SECOND = {"pharmacist-2": Role.PHARMACIST, "nurse-2": Role.NURSE}
"""High-alert medicines are checked by two."""


def write_controller_config(
    folder: Folder,
    http: int,
    mqtt: int,
    est: int = 0,
    imaging: int | None = None,
    *,
    robots: Path | None = None,
    formulary: Path | None = None,
    payments: str = "",
    rooms: str = "",
) -> Path:
    """Write the controller's configuration: the ports that it tries first; `est` 0: a quiet one.

    `imaging` None: without an archive of images. `robots`: the map that they drive on; None: there are none.
    `formulary`: the pharmacy's products; None: those of the starter base, which have no numbers to scan.
    `payments`: who takes them; `rooms`: more sections (TOML): relay and pictures, decision support.
    """
    path = folder.controller / "controller.toml"
    est = est or _kept_port(path) or free_port("127.0.0.1", quiet_port(), "EST")
    place = {"hospital": routes.HOSPITAL, "map": Path(routes.__file__).with_name(routes.CITY_MAP)}
    text = _CONTROLLER.format(http=http, mqtt=mqtt, est=est, lab=HOSPITAL, **place)
    text += "" if imaging is None else _IMAGING.format(port=imaging)
    text += payments + rooms + ("" if robots is None else _ROBOTS.format(map=robots))
    write_private(path, text if formulary is None else text + _PRESCRIPTIONS.format(formulary=formulary))
    return path


def write_gateway_config(folder: Folder, ward: Ward, mqtt: str, crew: int = 0, more: str = "") -> Path:
    """Write the configuration of the ward's gateway, with every device; `mqtt` is the controller's URL.

    `crew`: the port of the crew's page in the vehicle that is the ward's first bed; 0: it is none. `more`:
    devices that are no ward's (TOML).
    """
    text = _GATEWAY.format(id=ward.gateway, mqtt=mqtt)
    if crew:
        text += _CREW.format(vehicle=ward.beds[0].id, port=crew)
    for device in ward.devices:
        is_serial = isinstance(profile(device.profile).link, SerialLink)
        where = f'port = "{folder.port(device.id)}"' if is_serial else f'address = "{device.address}"'
        text += (
            f'\n[[device]]\nid = "{device.id}"\nprofile = "{device.profile}"\nbed = "{device.bed}"\n{where}\n'
        )
    path = folder.box(ward.gateway) / f"{ward.gateway}.toml"
    write_private(path, text + more)
    return path


def _kept_port(path: Path) -> int:
    """The registration authority's port in an earlier configuration; 0: there is none."""
    return load(path).est.port if path.exists() else 0


async def enrol(folder: Folder, controller_config: Path, *wards: Ward) -> str:
    """Add to the registry whatever of the wards is not in it yet. Returns the nurse's new password.

    Each gateway gets a claim, with which it enrols when it starts.
    """
    config = load(controller_config)
    store = await Store.open(config.database)
    try:
        clock = SystemClock()
        registry = Registry(store, Hub(clock, "demo"), clock)
        await registry.load()
        for ward in wards:
            await _add_ward(registry, ward)
            if ward.gateway not in registry.gateways:
                # A crew's box belongs to its vehicle: for that alone may it speak (controller/crew).
                place = ward.id if ward.gateway == GATEWAY else ward.beds[0].id
                record = Record(ward.gateway, ward.gateway_name, "", place, GatewayClass.SIMULATED)
                claim = await provisioning(store, config, clock).provision(record, By("demo"))
                write_private(folder.box(ward.gateway) / f"{ward.gateway}.claim", claim.to_text() + "\n")
        password = secrets.token_urlsafe(9)
        await set_password(store, clock, NURSE, password)
    finally:
        await store.close()
    return password


def new_pin(box: Path, name: str) -> str:
    """A new PIN for `name` at the crew's page of the gateway in `box`, as `gateway crew-add` sets it."""
    while True:
        pin = f"{secrets.randbelow(1_000_000):06}"
        with suppress(PinWeak):
            People(box / "crew").put(name, pin)
            return pin


async def hand_out(controller_config: Path) -> dict[str, str]:
    """A password for one login, by the name of each of the demo's other people; made anew at each start."""
    return await hand_out_to(controller_config, {role.value: role for role in PEOPLE} | SECOND)


async def hand_out_to(controller_config: Path, people: Mapping[str, Role]) -> dict[str, str]:
    """A password for one login, by name; who is there already is logged out and has only that one now."""
    store = await Store.open(load(controller_config).database)
    try:
        accounts, by = Accounts(store, SystemClock(), Passwords(), lambda: None), Admin("demo")
        return {name: await accounts.hand_out(name, [role], None, by) for name, role in people.items()}
    finally:
        await store.close()


async def _add_ward(registry: Registry, ward: Ward) -> None:
    if ward.id not in registry.wards:
        await registry.add_ward(ward.id, ward.name)
    for bed in ward.beds:
        if bed.id not in registry.beds:
            await registry.add_bed(bed.id, ward.id, bed.name)
            if bed.patient_identifier:
                await registry.admit(bed.id, Patient(bed.patient_identifier, bed.patient_name), by="demo")


def quiet_port() -> int:
    """A port that the kernel never gives away by itself: others are taken while their owner is down."""
    return secrets.randbelow(10_000) + 20_000


def provisioning(store: Store, config: Config, clock: Clock) -> Provisioning:
    """Lets gateways into the controller of this configuration, before it runs."""
    ca, now = config.data / FOLDER, moment(clock.utc_us() // 1_000_000)
    where = Addresses(f"https://127.0.0.1:{config.est.port}", f"mqtts://127.0.0.1:{config.mqtt.port}")
    return Provisioning(store, clock, authority=open_authority(ca, now), folder=ca, addresses=lambda: where)
