"""The configuration file: TOML, every key with a default, checked whole before anything starts.

[controller]
id = "hospital"
names = ["wardlink.hospital.example"]   # hosts and addresses by which gateways reach it
data = "controller-data"          # relative to the file
[store]                           # without: SQLite, in a file in `data`
url = "postgresql://wardlink@db/wardlink"      # made as docs/operations.md says; no password in it
[cluster]
replicas = true                   # other controllers work on the same database (docs/scale.md)
address = "https://c1.hospital.example:8080"   # where they reach this one; without: where it listens
[http]
host = "127.0.0.1"                # any other: with TLS, by the certificate of the authority
port = 8080                       # busy: the next free one; 0: any
[mqtt]                            # TLS, for gateways with a certificate
host = "127.0.0.1"
port = 8883
url = "mqtts://broker.hospital.example:8883"   # the hospital's own mosquitto, or a list of them
members = ["mqtts://b1.hospital.example:8883"] # or ours on other hosts: any one is enough (docs/scale.md)
[est]                             # TLS: where gateways get and renew their certificates
host = "127.0.0.1"
port = 8443
[discovery]
interfaces = ["127.0.0.1"]        # addresses that it is announced on; none: []
[history]                         # days, since arrival, of the controller's running; alerts, events: for ever
robot_days = 7                    # what robots say of themselves, for the replay
waveform_days = 7
reading_days = 90                 # each reading; minimum, maximum, mean of a minute:
rollup_days = 3650
[lake]                            # files of Parquet for reports; without: only by hand (docs/data-export.md)
folder = "lake"                   # relative to the file; without: inside `data`
at = "02:30"                      # each night, by this machine's clock
[audit]
heads = "audit"                   # folder of published heads, relative to the file: another disk is better;
                                  # without: inside `data`
syslog = "logs.hospital.example:6514"   # who gets the trail by syslog over TLS; without: nobody
syslog_ca = "logs-ca.pem"         # whom its certificate must be from; without: the system's authorities
[login]
address = "https://wardlink.hospital.example"  # as browsers name it; without: http://localhost:PORT
[login.lock_minutes]              # without a touch, until a screen locks; 0: never
nurse = 5
[signing]                         # the personal keys with which people sign
unlock = ["passkey"]              # "passphrase", too, where people have no passkey with PRF: its guesses
                                  # can be tried by whoever has a copy of the database
[prescriptions]
knowledge = ["pharmacy/base"]     # folders of your own bases, relative to the file (docs/knowledge-base.md)
starter = true                    # the base that comes along is asked, too
formulary = "pharmacy/products.csv"   # what can be prescribed; without: what the starter base has
[robots]                          # without this section there are none (docs/robots.md)
map = "robots-map.toml"           # relative to the file; what they drive on
[payments]                        # without this section nobody pays here (docs/payments.md)
url = "https://pay.example/api"   # of the provider
merchant = "hospital"             # who we are there
secret_file = "payments-secret"   # relative to the file; its owner's alone (mode 0600)
currency = "EUR"                  # ISO 4217
unpaid = "hand-over"              # or "wait": what is not urgent is handed over once it is paid
[telemedicine]                    # pictures between networks, and large rooms (docs/rooms.md)
turn = ["turn:relay.hospital.example:3478"]   # of coturn with use-auth-secret; without: no relay
secret_file = "turn-secret"       # its static-auth-secret; its owner's alone (mode 0600)
sfu = "auto"                      # or "off"; rooms of more than four need janus (Debian's)
mesh = 4                          # so many pages connect each to each; the pictures of more go by janus
interface = "eth0"                # on which it passes pictures on; without: on all but loopback
rtp_ports = "22000-22999"         # UDP
recording_days = 30               # that recordings of visits are kept; then their keys are destroyed
recording_quota_gb = 50           # of all of them
recording_erasure = "at-once"     # when a patient wants one erased; "retention": not before its time
[cds]                             # services of decision support (docs/cds-hooks.md); without: none
issuer = "https://wardlink.hospital.example"   # who we are in our JWTs
[partners]                        # without this section there are none (docs/partners.md)
site = "hospital-a"               # as partners call this site, for ever
name = "Hospital A"
host = "0.0.0.0"                  # of the listener for partners alone: mutual TLS
port = 8445
address = "wardlink.hospital.example:8445"    # as partners reach it
[tracing]                         # without this section nothing is traced (docs/operations.md)
endpoint = "http://127.0.0.1:4318"             # who takes OTLP over HTTP
share = 0.001                     # of all blocks; gateways have to have the same
[arrivals]                        # where ambulances arrive; without: no distance and no time of arrival
name = "Hospital"
latitude = 52.5                   # degrees, WGS 84; north and east are positive
longitude = 13.4
map = "streets.geojson"           # streets and traffic lights, relative to the file; without: none are drawn
priority = "siren"                # whose priority the city is asked for: with the siren on, "always", "never"
[imaging]                         # the archive of images; without this section there is none
host = "127.0.0.1"
port = 8444
quota_gb = 500                    # of files; without: what the disk has but for a reserve
retention_days = { US = 3650 }    # by modality, "*": of all others; without: nothing is deleted by itself
known_patients_only = false       # true: others' studies wait until radiology has said whose they are
scrub_mb_s = 4                    # 10^6 bytes a second that are read again to check what is kept
slow_folder = "/mnt/nas/images"   # of what is old; it must be there; without: there is none
slow_after_days = 90              # since a study was changed or looked at; without: nothing moves
[imaging.objects]                 # files in a bucket of an S3 endpoint, not with slow_folder; without: `data`
endpoint = "https://s3.hospital.example"
bucket = "images"
key_id = "wardlink"
secret_file = "s3-secret"         # relative to the file; its owner's alone (mode 0600)
[objects]                         # images and recordings in a bucket (docs/objects.md); without: in `data`
url = "s3://wardlink/hospital-a"  # bucket, and a prefix
endpoint = "https://s3.hospital.example"
key_id = "wardlink"               # without both keys: what the environment says (AWS_…)
secret_file = "s3-secret"         # relative to the file; its owner's alone (mode 0600)
[imaging.dimse]                   # DICOM's own protocol; without this section it is not spoken
title = "WARDLINK"                # our AE title
port = 11112
tls_port = 2762                   # by certificates on both sides; without: no TLS
[[imaging.dimse.peers]]           # nobody else may connect
title = "CT1"
host = "10.1.2.3"
may = ["store"]                   # and find, retrieve, commit, worklist
[oidc]                            # without this section nobody logs in by an identity provider
issuer = "https://login.hospital.example"      # exactly as the provider writes it
client_id = "wardlink"            # there; its redirect URI is [login] address + "/oidc/callback"
secret_file = "oidc-secret"       # relative to the file; its owner's alone (mode 0600)
name = "Hospital login"           # on the button
unknown = "refuse"                # whose groups give no role; "create": an account without roles
[oidc.roles]                      # groups that give a role; likewise [oidc.wards]
nurse = ["ward-staff"]

config = load(Path("controller.toml"))     # raises ConfigError: file, key, expected, came, remedy
"""

import tomllib
from pathlib import Path
from typing import Self

from pydantic import ValidationError, model_validator

from controller.cds.section import CdsSection
from controller.cluster.section import MqttSection
from controller.config_problems import problem
from controller.errors import ConfigError
from controller.lake.section import LakeSection
from controller.models.section import ModelsSection
from controller.objects.section import ObjectsSection, with_images, with_recordings
from controller.partners.section import PartnersSection
from controller.sections import (
    ArrivalsSection,
    AuditSection,
    ControllerSection,
    DiscoverySection,
    HistorySection,
    ImagingSection,
    ListenSection,
    LoginSection,
    OidcSection,
    PaymentsSection,
    PrescriptionsSection,
    RobotsSection,
    Section,
    SigningSection,
    StoreSection,
    TelemedicineSection,
)
from controller.shards.section import ClusterSection
from controller.store.moved import FILE
from controller.store.where import Where
from host.tracing import TracingSection

_PORTS = ("http", 8080), ("mqtt", 8883), ("est", 8443), ("imaging", 8444), ("partners", 8445)
"""Of sections that do not say one."""


class Config(Section):
    """The whole file."""

    controller: ControllerSection = ControllerSection()
    http: ListenSection = ListenSection(port=8080)
    mqtt: MqttSection = MqttSection(port=8883)
    est: ListenSection = ListenSection(port=8443)
    discovery: DiscoverySection = DiscoverySection()
    history: HistorySection = HistorySection()
    audit: AuditSection = AuditSection()
    login: LoginSection = LoginSection()
    signing: SigningSection = SigningSection()
    arrivals: ArrivalsSection | None = None
    oidc: OidcSection | None = None
    payments: PaymentsSection | None = None
    robots: RobotsSection | None = None
    prescriptions: PrescriptionsSection = PrescriptionsSection()
    imaging: ImagingSection | None = None
    telemedicine: TelemedicineSection | None = None
    partners: PartnersSection | None = None
    tracing: TracingSection | None = None
    cds: CdsSection | None = None
    lake: LakeSection | None = None
    models: ModelsSection | None = None
    store: StoreSection = StoreSection()
    cluster: ClusterSection = ClusterSection()
    objects: ObjectsSection | None = None

    @model_validator(mode="after")
    def _has_a_name(self) -> Self:
        if not self.controller.names and (self.mqtt.is_anywhere or self.est.is_anywhere):
            raise ValueError(
                "a host that is every address needs a name that gateways know: add "
                'names = ["wardlink.hospital.example"] to [controller]'
            )
        return self

    @model_validator(mode="after")
    def _images_are_in_one_place(self) -> Self:
        if self.objects and self.imaging and self.imaging.slow_folder is not None:
            raise ValueError("expected slow_folder in [imaging], or [objects], got both")
        return self

    @property
    def data(self) -> Path:
        """The folder of everything the controller keeps."""
        return self.controller.data

    @property
    def database(self) -> Path:
        """The database's file, of a controller that has one."""
        return self.data / FILE

    @property
    def where(self) -> Where:
        """Where the database is."""
        return self.store.url or self.database


def load(path: Path | None) -> Config:
    """The configuration in `path` (None: the defaults, in the current folder). Raises ConfigError."""
    if path is None:
        return _based(Config(), Path.cwd())
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, port in _PORTS:
            if isinstance(section := raw.get(name), dict):
                section.setdefault("port", port)
        return _based(Config.model_validate(raw), path.absolute().parent)
    except OSError as error:
        hint = "give the path of a TOML file"
        raise ConfigError(f"{path}: cannot be read ({error.strerror}): {hint}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        problems = [
            f"{path}: {problem(item, Config.model_fields)}" for item in error.errors(include_url=False)
        ]
        raise ConfigError("\n".join(problems)) from None


def _based(config: Config, folder: Path) -> Config:
    section = config.controller.model_copy(update={"data": folder / config.controller.data})
    oidc = config.oidc and config.oidc.model_copy(update={"secret_file": folder / config.oidc.secret_file})
    payments = config.payments
    if payments:
        payments = payments.model_copy(update={"secret_file": folder / payments.secret_file})
    relay = config.telemedicine
    if relay and relay.secret_file:
        relay = relay.model_copy(update={"secret_file": folder / relay.secret_file})
    objects = config.objects and config.objects.based(folder)
    audit = {name: folder / path for name, path in config.audit if isinstance(path, Path)}
    arrivals = config.arrivals
    if arrivals and arrivals.map:
        arrivals = arrivals.model_copy(update={"map": folder / arrivals.map})
    imaging = with_images(config.imaging and _imaging_based(config.imaging, folder), objects)
    asked = config.prescriptions
    own = {
        "knowledge": tuple(folder / one for one in asked.knowledge),
        "formulary": asked.formulary and folder / asked.formulary,
    }
    lake = config.lake
    if lake and lake.folder:
        lake = lake.model_copy(update={"folder": folder / lake.folder})
    others = {
        "lake": lake,
        "imaging": imaging,
        "oidc": oidc,
        "payments": payments,
        "objects": objects,
        "telemedicine": with_recordings(relay, objects),
        "robots": config.robots and RobotsSection(map=folder / config.robots.map),
        "prescriptions": asked.model_copy(update=own),
        "audit": config.audit.model_copy(update=audit),
        "arrivals": arrivals,
        "cds": config.cds and config.cds.based(folder),
        "models": config.models and config.models.based(folder),
    }
    return config.model_copy(update={"controller": section, **others})


def _imaging_based(imaging: ImagingSection, folder: Path) -> ImagingSection:
    objects, dimse = imaging.objects, imaging.dimse
    if objects:
        objects = objects.based(folder)
    slow = imaging.slow_folder and folder / imaging.slow_folder
    if dimse and dimse.peers_ca:
        dimse = dimse.model_copy(update={"peers_ca": folder / dimse.peers_ca})
    return imaging.model_copy(update={"objects": objects, "slow_folder": slow, "dimse": dimse})
