"""A mosquitto for nodes, on loopback: TLS, users with passwords or certificates, and who may hear what.

broker = NodeBroker(tmp_path / "broker")
with broker: ...
broker.of_node("node-1", password="…")     # the file that a node's firmware reads
broker.of_gateway(...)                     # the file that the gateway's `credentials` names
"""

import contextlib
import getpass
import ipaddress
import json
import shutil
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.broker_process import free_port
from tests.support.waiting import wait_for

HOST = "localhost"
NODE, GATEWAY, PASSWORD = "node-1", "ward-a", "correct horse"
_RULES = f"""user {NODE}
topic write wardlink/node/{NODE}/out
topic read wardlink/node/{NODE}/in
user {GATEWAY}
topic read wardlink/node/+/out
topic write wardlink/node/+/in
"""


class Authority:
    """A certificate authority of the hospital's network, or a stranger's."""

    def __init__(self, folder: Path, name: str) -> None:
        self._key, self._name = ec.generate_private_key(ec.SECP256R1()), _named(name)
        self._certificate = self._signed(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        self.der, self.pem = folder / f"{name}.der", folder / f"{name}.pem"
        self.der.write_bytes(self._certificate.public_bytes(Encoding.DER))
        self.pem.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    def client(self, folder: Path, name: str) -> tuple[Path, Path]:
        """A certificate and a key for the client `name`, in DER."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(_named(name), key, x509.SubjectAlternativeName([x509.DNSName(name)]))
        paths = folder / f"{name}.crt.der", folder / f"{name}.key.der"
        paths[0].write_bytes(certificate.public_bytes(Encoding.DER))
        paths[1].write_bytes(
            key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        )
        return paths

    def server(self, folder: Path) -> tuple[Path, Path]:
        """A certificate and a key for a broker on this machine, in PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName(
            [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        certificate = self._signed(_named(HOST), key, names)
        paths = folder / "server.pem", folder / "server.key"
        paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return paths

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        critical = isinstance(extension, x509.BasicConstraints)
        return builder.add_extension(extension, critical).sign(self._key, hashes.SHA256())


class NodeBroker:
    """The broker; its files are in `folder`."""

    def __init__(self, folder: Path, rules: str = _RULES) -> None:
        folder.mkdir()
        self.folder, self.port, self.certificate_port = folder, free_port(), free_port()
        self.authority = Authority(folder, "ca")
        certificate, key = self.authority.server(folder)
        for at, user in enumerate((NODE, GATEWAY)):
            new = ["-c"] if at == 0 else []
            command = ["mosquitto_passwd", *new, "-b", str(folder / "passwords"), user, PASSWORD]
            subprocess.run(command, check=True, capture_output=True)
        (folder / "rules").write_text(rules, encoding="utf-8")
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"user {getpass.getuser()}\nlog_dest file {folder / 'log'}\nlog_type all\n"
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {folder / 'passwords'}\n"
            f"acl_file {folder / 'rules'}\ncertfile {certificate}\nkeyfile {key}\n"
            f"listener {self.certificate_port} 127.0.0.1\ncafile {self.authority.pem}\n"
            f"certfile {certificate}\nkeyfile {key}\nrequire_certificate true\n"
            "use_identity_as_username true\n",
            encoding="utf-8",
        )

    @property
    def url(self) -> str:
        """Its address."""
        return f"mqtts://{HOST}:{self.port}"

    def of_node(self, folder: Path, *, ca: Path | None = None, password: str = PASSWORD) -> Path:
        """The settings of a node's firmware."""
        path = folder / "broker.json"
        told = {"host": HOST, "port": self.port, "node": NODE, "user": NODE, "password": password}
        path.write_text(json.dumps({**told, "ca": str(ca or self.authority.der)}), encoding="utf-8")
        return path

    def of_certified_node(self, folder: Path, authority: Authority) -> Path:
        """The settings of a node with a certificate of `authority` in place of a password."""
        path, (certificate, key) = folder / "broker.json", authority.client(folder, NODE)
        told = {"host": HOST, "port": self.certificate_port, "node": NODE, "ca": str(self.authority.der)}
        told |= {"certificate": str(certificate), "key": str(key)}
        path.write_text(json.dumps(told), encoding="utf-8")
        return path

    def of_gateway(self, folder: Path, *, ca: Path | None = None, password: str = PASSWORD) -> Path:
        """The credentials of the gateway."""
        path = folder / "node-broker.toml"
        told = f'ca = "{ca or self.authority.pem}"\nuser = "{GATEWAY}"\npassword = "{password}"\n'
        path.write_text(told, encoding="utf-8")
        path.chmod(0o600)
        return path

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Self:
        """Start it, and wait until it takes connections."""
        tool = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "mosquitto"
        self._process = subprocess.Popen([tool, "-c", str(self._config)], stderr=subprocess.DEVNULL)
        wait_for(self._listens, "mosquitto listens")
        return self

    def kill(self) -> None:
        """As a crash ends it."""
        self._process.kill()
        self._process.wait()

    def log(self) -> str:
        """What it says."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
