"""A successor takes an authority's place in its folder, whole, whatever ends the process when.

    stage(folder, successor)     `next.json`: all files that change, in one. From here on it is decided
    finish(folder)               writes each of them, again after a power cut, and removes `next.json`

retired/issuing-FINGERPRINT.pem, root-FINGERPRINT.pem    what was before: its signatures are verified for ever
links.pem                                                see Authority.held.links
issuers.pem                                              whose clients the broker takes

Who reads or writes the folder holds its lock, a file beside it: a reader never sees half of it.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from controller.errors import AuthorityError
from controller.files import write_private
from controller.identity.authority import Authority, PrivateKey
from controller.identity.pems import key_pem, pem, read_certificate, read_certificates

ROOT, ROOT_KEY = "root.pem", "root.key"
ISSUING, ISSUING_KEY = "issuing.pem", "issuing.key"
NEXT, LINKS, ISSUERS, RETIRED = "next.json", "links.pem", "issuers.pem", "retired"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else reads or changes the authority inside the block."""
    with open(os.open(folder.with_name(f"{folder.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)) as lock:  # noqa: PTH123 - with its mode
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def stage(folder: Path, old: Authority, new: Authority, root_key: PrivateKey | None = None) -> None:
    """Decide that `new` takes the place of `old`. Under the lock.

    `root_key` is a new root's; without, it is kept elsewhere. The old root's is needed for nothing more.
    """
    files = {
        f"{RETIRED}/issuing-{_short(old.issuing)}.pem": pem(old.issuing),
        LINKS: pem(*new.held.links),
        ISSUERS: pem(new.issuing, *_trusted(folder, old)),
    }
    if new.root != old.root:
        files |= {f"{RETIRED}/root-{_short(old.root)}.pem": pem(old.root), ROOT: pem(new.root)}
        files |= {ROOT_KEY: "" if root_key is None else key_pem(root_key)}
    files |= {ISSUING_KEY: key_pem(new.key), ISSUING: pem(new.issuing)}
    write_private(folder / NEXT, json.dumps(files))


def finish(folder: Path) -> None:
    """Do what was decided, if something was. Under the lock. Raises AuthorityError."""
    path = folder / NEXT
    if not path.exists():
        return
    try:
        files: dict[str, str] = json.loads(path.read_bytes())
    except ValueError as error:
        raise AuthorityError(f"{path}: expected JSON: {error}: restore the folder from its backup") from error
    for name, text in files.items():
        write_private(folder / name, text)
    if not files.get(ROOT_KEY, "key"):
        (folder / ROOT_KEY).unlink(missing_ok=True)
    path.unlink()


def retired_issuing(folder: Path) -> list[x509.Certificate]:
    """Issuing certificates that are no longer signed with, the newest first. Raises AuthorityError."""
    found = [read_certificate(path) for path in sorted((folder / RETIRED).glob("issuing-*.pem"))]
    return sorted(found, key=lambda one: one.not_valid_before_utc, reverse=True)


def living_links(folder: Path, now: datetime) -> list[x509.Certificate]:
    """`links.pem` without the roots that have ended. Raises AuthorityError."""
    held = read_certificates(folder / LINKS)
    triples = [held[at : at + 3] for at in range(0, len(held), 3)]
    return [one for triple in triples if triple[-1].not_valid_after_utc > now for one in triple]


def keep_issuers(folder: Path, trusted: Iterable[x509.Certificate]) -> bool:
    """See that the broker takes the clients of exactly these; True: that is new."""
    path, text = folder / ISSUERS, pem(*trusted)
    if path.exists() and path.read_text(encoding="ascii") == text:
        return False
    write_private(path, text)
    return True


def _trusted(folder: Path, old: Authority) -> list[x509.Certificate]:
    return read_certificates(folder / ISSUERS) or [old.issuing]


def _short(one: x509.Certificate) -> str:
    return one.fingerprint(hashes.SHA256()).hex()[:16]
