"""A broker for a ward's robots, where no other is: nats-server with TLS, and passwords made at each start.

broker = RobotBroker(folder, port)
broker.write()                       # certificates, configuration, broker.gateway and broker.robots
Kept("robots-broker", broker.command, …)

`gateway` and `robots` are files of credentials as gateway/links/mqtt.py reads them. The gateway may hear what
robots say and publish orders; robots may do the other half of that.
Source: NATS documentation, "MQTT", "Authorization", "TLS".
"""

import ipaddress
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from controller.broker import command
from controller.broker_config import subject
from controller.files import write_private
from devices.codecs.vda5050.topics import FROM_MASTER, SINCE_3, Topic

_HOST = "127.0.0.1"
_LIVES = timedelta(days=30)
GATEWAY, ROBOTS = "gateway", "robots"
_DOWN = [f"uagv/+/+/+/{one}" for one in FROM_MASTER]
_UP = [f"uagv/+/+/+/{one}" for one in set(Topic) - FROM_MASTER - SINCE_3]
_CONFIG = """server_name: robots
host: 127.0.0.1
port: -1
log_file: {log}
max_payload: 2MB
jetstream {{
  store_dir: {store}
  max_memory_store: 32MB
  max_file_store: 256MB
}}
mqtt {{
  host: "127.0.0.1"
  port: {port}
  tls {{
    cert_file: {certificate}
    key_file: {certificate}
  }}
}}
authorization {{
  users: [
    {gateway},
    {robots}
  ]
}}
"""


class RobotBroker:
    """Its files, in `folder`; `port` is where it listens on loopback."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port

    @property
    def url(self) -> str:
        """Where robots and gateways connect."""
        return f"mqtts://{_HOST}:{self._port}"

    @property
    def gateway(self) -> Path:
        """The credentials of the ward's gateway."""
        return self._folder / "gateway.toml"

    @property
    def robots(self) -> Path:
        """The credentials of the robots."""
        return self._folder / "robots.toml"

    @property
    def command(self) -> list[str]:
        """How it is started."""
        return command(self._folder / "nats.conf")

    def write(self) -> None:
        """Everything anew: whoever had an older password has none."""
        certificate = self._folder / "server.pem"
        authority, server = _certificates()
        write_private(self._folder / "ca.pem", authority)
        write_private(certificate, server)
        passwords = {name: secrets.token_urlsafe(24) for name in (GATEWAY, ROBOTS)}
        for name, path in ((GATEWAY, self.gateway), (ROBOTS, self.robots)):
            write_private(path, f'ca = "ca.pem"\nuser = "{name}"\npassword = "{passwords[name]}"\n')
        text = _CONFIG.format(
            log=json.dumps(str(self._folder / "nats.log")),
            store=json.dumps(str(self._folder / "pipe")),
            port=self._port,
            certificate=json.dumps(str(certificate)),
            gateway=_user(GATEWAY, passwords[GATEWAY], _DOWN, _UP),
            robots=_user(ROBOTS, passwords[ROBOTS], _UP, _DOWN),
        )
        write_private(self._folder / "nats.conf", text)


def _user(name: str, password: str, publish: list[str], subscribe: list[str]) -> str:
    allowed = {"publish": sorted(map(subject, publish)), "subscribe": sorted(map(subject, subscribe))}
    kinds = ["MQTT"]
    return json.dumps(
        {"user": name, "password": password, "allowed_connection_types": kinds, "permissions": allowed}
    )


def _certificates() -> tuple[bytes, bytes]:
    """The authority's certificate, and the server's key and certificate, in PEM."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _named("robots of this machine")
    authority = _builder(name, name, key).add_extension(x509.BasicConstraints(True, 0), critical=True)
    own, at = ec.generate_private_key(ec.SECP256R1()), x509.IPAddress(ipaddress.ip_address(_HOST))
    server = _builder(_named(_HOST), name, own).add_extension(
        x509.SubjectAlternativeName([at]), critical=False
    )
    secret = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (
        authority.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM),
        secret + server.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM),
    )


def _builder(
    subject_name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject_name).issuer_name(issuer)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + _LIVES)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
