"""What the administrator of a hospital's mosquitto gets from us: a listener, its certificate, first rules.

    wardlink.conf            for mosquitto's conf.d
    gateways-ca.pem          whose certificates the listener takes
    server.pem, server.key   of the listener, for the host in `[mqtt] url`; with a signing request: no key
    dynamic-security.json    for the plugin's first start: nobody may do anything, but the controller

Nothing in them is secret but the key.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from controller.broker_config import MAX_PAYLOAD
from controller.errors import BrokerError
from controller.external_access import initial
from controller.identity.authority import Authority, PublicKey, new_key
from controller.identity.files import CONTROLLER
from controller.identity.requests import requested_key
from controller.identity.site import distinguished

CONF, GATEWAYS_CA, RULES = "wardlink.conf", "gateways-ca.pem", "dynamic-security.json"
CERTIFICATE, KEY = "server.pem", "server.key"
LIFE = timedelta(days=730)
"""Of the listener's certificate. The controller says when it comes to its end."""
MAX_PACKET = MAX_PAYLOAD + 1024
"""Bytes: a topic and the header beside the largest payload."""
_TRUSTED_FOR_CLIENTS = bytes.fromhex("300c300a06082b06010505070302")
"""X509_CERT_AUX with id-kp-clientAuth as the only trusted purpose (OpenSSL, "TRUSTED CERTIFICATE")."""


@dataclass(frozen=True, slots=True)
class Place:
    """The broker as its clients reach it, and the folder of these files on its host."""

    host: str
    port: int
    folder: Path
    controller: str
    """The distinguished name in the controller's certificate."""


def broker_files(
    place: Place, authority: Authority, now: datetime, request: bytes | None = None
) -> dict[str, str]:
    """The files' texts by their names.

    `request` is a certificate signing request of the broker's host, PEM: its key then never leaves there.
    Raises BrokerError, EnrolmentRefused, AuthorityError.
    """
    key = new_key()
    asked = key.public_key() if request is None else _requested(request, place.host)
    certificate = authority.server((place.host,), asked, now, LIFE)
    files = {
        CONF: configuration(place),
        GATEWAYS_CA: "".join(map(trusted_for_clients, (authority.issuing, *authority.held.former))),
        CERTIFICATE: "".join(map(_pem, (certificate, *authority.above))),
        RULES: json.dumps(initial(place.controller), indent=2) + "\n",
    }
    if request is None:
        files[KEY] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return files


def controller_name(ca: Path) -> str:
    """The distinguished name in the certificate of the controller whose authority's folder is `ca`."""
    return distinguished(x509.load_pem_x509_certificate((ca / CONTROLLER).read_bytes()))


def trusted_for_clients(issuing: x509.Certificate) -> str:
    """The issuing certificate, itself trusted: OpenSSL would else want the root, and take all below it."""
    der = base64.encodebytes(issuing.public_bytes(Encoding.DER) + _TRUSTED_FOR_CLIENTS).decode()
    return f"-----BEGIN TRUSTED CERTIFICATE-----\n{der}-----END TRUSTED CERTIFICATE-----\n"


def configuration(place: Place) -> str:
    """mosquitto.conf(5). What comes first holds for the whole broker."""
    return f"""# Wardlink's listener, for mosquitto 2.0 or later; made by `wardlink controller broker-config`.
# As root, on the broker's host, with the files that were made beside this one:
#   install -d -o mosquitto -g mosquitto -m 700 {place.folder}
#   install -o mosquitto -g mosquitto -m 600 *.pem *.key *.json {place.folder}
#   install -m 644 {CONF} /etc/mosquitto/conf.d/ && systemctl restart mosquitto

# The whole broker. Listeners of your own need their users and rules below their own `listener` line; deny
# them wl/#. What this broker keeps is of no use to Wardlink: leave persistence on if others need it.
per_listener_settings true
persistence false
max_packet_size {MAX_PACKET}
max_queued_messages 100000
max_queued_bytes 67108864
set_tcp_nodelay true

# This listener: only certificates of Wardlink's authority, and only what the plugin allows each of them.
listener {place.port}
cafile {place.folder / GATEWAYS_CA}
certfile {place.folder / CERTIFICATE}
keyfile {place.folder / KEY}
tls_version tlsv1.2
require_certificate true
use_subject_as_username true
allow_anonymous false
plugin mosquitto_dynamic_security.so
plugin_opt_config_file {place.folder / RULES}
"""


def _requested(request: bytes, host: str) -> PublicKey:
    try:
        asked = x509.load_pem_x509_csr(request)
    except ValueError as error:
        raise BrokerError(f"expected a certificate signing request in PEM: {error}: make it anew") from error
    return requested_key(base64.b64encode(asked.public_bytes(Encoding.DER)), host)


def _pem(one: x509.Certificate) -> str:
    return one.public_bytes(Encoding.PEM).decode()
