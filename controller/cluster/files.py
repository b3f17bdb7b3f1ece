"""What a member's host gets from us, once, and how it is read there.

    member.json   where it listens, and the names in the certificates of the controller and of itself
    ca/           root.pem, issuers.pem; server.pem of the listener; member.pem, by which it connects to
                  itself: each key, certificate and chain in one file

Two of them are secret: carry the folder over by a way that nobody else reads (scp), and delete it here.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from controller.errors import BrokerError
from controller.external_files import controller_name
from controller.files import write_private
from controller.identity.authority import Authority, PrivateKey, new_key
from controller.identity.files import SERVER
from controller.identity.pems import key_pem, pem
from controller.identity.site import distinguished
from controller.identity.takeover import ISSUERS, ROOT

FILE, CA, MEMBER = "member.json", "ca", "member.pem"
LIFE = timedelta(days=730)
"""Of its certificates. The controller says when they come to their end."""


@dataclass(frozen=True, slots=True)
class MemberFile:
    """`host` and `port`: where it listens. Names are distinguished ones, of certificates."""

    host: str
    port: int
    controller: str
    member: str

    @property
    def itself(self) -> str:
        """The host by which it connects to itself."""
        return "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host


def member_files(
    place: tuple[str, int], listen: str, authority: Authority, now: datetime, ca: Path
) -> Mapping[str, str]:
    """Texts by their names below the folder. Raises AuthorityError.

    `place`: host and port as gateways know them; `listen`: the address that it binds; `ca`: the authority's.
    """
    host, port = place
    server, own = new_key(), new_key()
    names = dict.fromkeys(
        (host, *(() if listen in ("0.0.0.0", "::") else (listen,)), "localhost", "127.0.0.1")
    )
    shown = authority.server(names, server.public_key(), now, LIFE)
    # As the controller's: no gateway can get such a subject.
    member = authority.controller(f"broker {host}:{port}", own.public_key(), now, LIFE)
    told = MemberFile(listen, port, controller_name(ca), distinguished(member))
    return {
        FILE: json.dumps(asdict(told), indent=2) + "\n",
        f"{CA}/{ROOT}": pem(authority.root),
        f"{CA}/{ISSUERS}": (ca / ISSUERS).read_text(encoding="ascii"),
        f"{CA}/{SERVER}": _all(server, shown, authority),
        f"{CA}/{MEMBER}": _all(own, member, authority),
    }


def _all(key: PrivateKey, certificate: x509.Certificate, authority: Authority) -> str:
    return key_pem(key) + pem(certificate, *authority.above)


def write_member(folder: Path, files: Mapping[str, str]) -> None:
    """All of them, private."""
    for name, text in files.items():
        write_private(folder / name, text)


def read_member(folder: Path) -> MemberFile:
    """Raises BrokerError."""
    path = folder / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokerError(
            f"{path}: {error}: give the folder of `wardlink controller broker-member`"
        ) from error
    match told:
        case {"host": str(host), "port": int(port), "controller": str(controller), "member": str(member)}:
            return MemberFile(host, port, controller, member)
        case _:
            raise BrokerError(f"{path}: expected host, port, controller, member: make the folder anew")
