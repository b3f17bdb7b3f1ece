"""The sections of the controller's configuration file; controller/config.py shows one."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from controller.imaging.dimse.settings import PLAIN_PORT, Peer, Port, Title
from controller.objects.settings import Access
from controller.security.permissions import Role
from controller.signing.model import Unlock
from controller.telemedicine.rooms.mode import MESH_MOST
from devices.errors import BadIdentity
from devices.model.identity import gateway_id


class Section(BaseModel):
    """A section: an unknown key in it is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _name(text: str) -> str:
    try:
        return gateway_id(text)
    except BadIdentity as error:
        raise ValueError(str(error).replace("gateway", "controller")) from error


class ControllerSection(Section):
    """`[controller]`: its name, those of its host, and the folder of everything it keeps."""

    names: list[str] = []
    id: Annotated[str, AfterValidator(_name)] = "controller"
    data: Annotated[Path, Field(strict=False)] = Path("controller-data")


class StoreSection(Section):
    """`[store]`: the database, if it is not the file in the folder of data (docs/operations.md)."""

    url: Annotated[str | None, Field(pattern=r"^postgres(ql)?://")] = None

    @model_validator(mode="after")
    def _has_no_password(self) -> Self:
        parts = urlsplit(self.url or "")
        if parts.password is not None or "password=" in parts.query:
            raise ValueError(
                "expected a URL without a password: put it into a file that is its owner's alone (libpq's "
                "format), and add ?passfile=/etc/wardlink/pgpass"
            )
        return self


class ListenSection(Section):
    """`[http]`, `[mqtt]`, `[est]`: where to listen. A busy port is told, and the next free one taken."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)]

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine can connect."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_anywhere(self) -> bool:
        """Whether it is every address of this machine, hence none that could be told to others."""
        return self.host in ("0.0.0.0", "::")


class DiscoverySection(Section):
    """`[discovery]`: the addresses of the interfaces on which gateways can find this controller."""

    interfaces: list[str] = ["127.0.0.1"]


Days = Annotated[int, Field(ge=1, le=36_500)]


class HistorySection(Section):
    """`[history]`: for how many days after they arrived records are kept; what is dropped is recorded."""

    waveform_days: Days = 7
    reading_days: Days = 90
    rollup_days: Days = 3650
    robot_days: Days = 7


def _address(text: str) -> str:
    parts = urlsplit(text)
    loopback = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    if not parts.hostname or not (parts.scheme == "https" or loopback) or parts.query or parts.fragment:
        raise ValueError("expected an https address (http for localhost only)")
    return text


def origin(text: str) -> str:
    """An https address without a path (http for localhost only), in small letters. Raises ValueError."""
    parts = urlsplit(_address(text))
    if parts.path not in ("", "/"):
        raise ValueError("expected an address without a path")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _host_and_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError("expected HOST:PORT")
    return text


class AuditSection(Section):
    """`[audit]`: where published heads of the audit trail are written, and who gets the trail by syslog."""

    heads: Annotated[Path | None, Field(strict=False)] = None
    syslog: Annotated[str, AfterValidator(_host_and_port)] | None = None
    syslog_ca: Annotated[Path | None, Field(strict=False)] = None


class LoginSection(Section):
    """`[login]`: the address under which browsers reach the pages: the origin that passkeys are bound to."""

    address: Annotated[str, AfterValidator(origin)] | None = None
    lock_minutes: dict[Annotated[Role, Field(strict=False)], Annotated[int, Field(ge=0, le=1440)]] = {}
    """Minutes without a touch until the screen locks, by role; 0: never. Of others: security/limits.py."""


class SigningSection(Section):
    """`[signing]`: how people may unlock the keys with which they sign."""

    unlock: Annotated[
        frozenset[Annotated[Unlock, Field(strict=False)]], Field(strict=False, min_length=1)
    ] = frozenset({Unlock.PASSKEY})


class PrescriptionsSection(Section):
    """`[prescriptions]`: what checks them, and what can be prescribed (docs/knowledge-base.md)."""

    knowledge: Annotated[tuple[Annotated[Path, Field(strict=False)], ...], Field(strict=False)] = ()
    """Folders of bases, beside the starter one."""
    starter: bool = True
    formulary: Annotated[Path | None, Field(strict=False)] = None
    """A file of products; None: those that come with the starter base."""
    cold_gap_minutes: Annotated[int, Field(ge=1, le=120)] = 10
    """After so long without a reading nobody knows how warm a cooled box is."""


class PaymentsSection(Section):
    """`[payments]`: who prices, asks the insurance and moves the money (docs/payments.md)."""

    url: Annotated[str, AfterValidator(_address)]
    merchant: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    """Who we are to the provider."""
    secret_file: Annotated[Path, Field(strict=False)]
    """Holds the secret that both know; its owner's alone (mode 0600)."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 4217."""
    pages: Annotated[str, AfterValidator(origin)] | None = None
    """The origin of the provider's pages on which patients pay; None: that of `url`. No other is opened."""
    unpaid: Literal["hand-over", "wait"] = "hand-over"
    """What is not urgent and not paid for: handed over all the same, or it waits, unless somebody says why.
    What is urgent is never kept from a patient."""
    sandbox: bool = False
    """The provider is one for trying out: the pages say that no money moves."""


class TelemedicineSection(Section):
    """`[telemedicine]`: the relay for pictures (controller/telemedicine/relay.py), the server that passes
    them on in large rooms (media/), and recordings."""

    turn: Annotated[
        tuple[Annotated[str, Field(pattern=r"^turns?:[^\s,]{1,200}$")], ...], Field(strict=False)
    ] = ()
    secret_file: Annotated[Path | None, Field(strict=False)] = None
    """Holds the secret that the relay knows, too; its owner's alone (mode 0600)."""
    sfu: Literal["auto", "off"] = "auto"
    """Debian's janus, if it is installed; without one a room is of `mesh` at most, or of four."""
    mesh: Annotated[int, Field(ge=1, le=12)] = MESH_MOST
    """So many pages connect each to each; the pictures of more go by the server."""
    interface: Annotated[str, Field(pattern=r"^[0-9A-Za-z_.@-]{1,15}$")] | None = None
    """By name, on which pictures are passed on; None: all but loopback."""
    rtp_ports: Annotated[str, Field(pattern=r"^[0-9]{4,5}-[0-9]{4,5}$")] = "22000-22999"
    """UDP, which the browsers (or the relay) have to reach."""
    recording_days: Days = 30
    """So long a recording is kept after it stopped."""
    recording_quota_gb: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    """10^9 bytes that all recordings may take."""
    recording_erasure: Literal["at-once", "retention"] = "at-once"
    """When a recording is erased that its patient wants erased; "retention": not before its time."""
    objects: Access | None = None
    """`[telemedicine.objects]`: a bucket for recordings alone, instead of a folder, or of `[objects]`."""

    @model_validator(mode="after")
    def _relay_has_secret(self) -> Self:
        if bool(self.turn) is not bool(self.secret_file):
            raise ValueError("expected turn and secret_file, or neither: a relay needs a secret")
        return self


class RobotsSection(Section):
    """`[robots]`: the map that they drive on (controller/robots/map.py)."""

    map: Annotated[Path, Field(strict=False)]


class ArrivalsSection(Section):
    """`[arrivals]`: where vehicles arrive, in degrees (WGS 84); the streets; who asks for green lights."""

    name: Annotated[str, Field(min_length=1, max_length=60)] = "Hospital"
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    map: Annotated[Path | None, Field(strict=False)] = None
    priority: Literal["siren", "always", "never"] = "siren"


class OidcSection(Section):
    """`[oidc]`: the hospital's identity provider (controller/security/oidc/)."""

    issuer: Annotated[str, AfterValidator(_address)]
    client_id: Annotated[str, Field(min_length=1)]
    secret_file: Annotated[Path, Field(strict=False)]
    name: str = "Hospital login"
    scopes: list[str] = ["openid", "profile"]
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    unknown: Literal["refuse", "create"] = "refuse"
    roles: dict[Annotated[Role, Field(strict=False)], list[str]] = {}
    wards: dict[str, list[str]] = {}


class DimseSection(Section):
    """`[imaging.dimse]`: DICOM's own network protocol: under which title, where, and who is known."""

    title: Title = "WARDLINK"
    host: str = "127.0.0.1"
    port: Port | None = PLAIN_PORT
    tls_port: Port | None = None
    """With TLS, by the certificate of our authority; None: not."""
    peers_ca: Annotated[Path | None, Field(strict=False)] = None
    """Whom peers' certificates must be from; None: our own authority."""
    peers: Annotated[tuple[Peer, ...], Field(strict=False)] = ()


class ImagingSection(ListenSection):
    """`[imaging]`: where the archive of images listens for browsers, and how much it may keep."""

    quota_gb: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """10^9 bytes of files; None: what the disk has but for a reserve."""
    retention_days: dict[str, Annotated[int, Field(ge=1)]] = {}
    """By modality, "*" for all others: days since a study's last change; what is not named stays."""
    known_patients_only: bool = False
    """Whether a study of somebody whom this controller has never had on a bed waits for radiology, too."""
    scrub_mb_s: Annotated[float, Field(ge=0, le=1000)] = 4
    """10^6 bytes a second that are read to check what is kept; 0: nothing is checked."""
    objects: Access | None = None
    """`[imaging.objects]`: a bucket of their own for the files, instead of a folder, or of `[objects]`."""
    slow_folder: Annotated[Path | None, Field(strict=False)] = None
    """Another folder, such as a mount of network storage, for studies that are old; None: there is none."""
    slow_after_days: Days | None = None
    """Since a study was last changed or looked at, until it moves there; None: nothing moves."""
    dimse: DimseSection | None = None

    @model_validator(mode="after")
    def _one_slow_place(self) -> Self:
        if self.slow_after_days is not None and self.slow_folder is None:
            raise ValueError("expected slow_folder with slow_after_days: where is what is old to go?")
        if self.slow_folder is not None and self.objects is not None:
            raise ValueError("expected slow_folder or [imaging.objects], got both")
        return self
