"""Heads of the trail: how many entries there were, and the hash of the last, signed and published elsewhere.

A trail that was cut, or written anew from some entry on, is whole in itself; the heads tell. One a line, as a
JWS in compact form (RFC 7515, 7.1) with ES256 (RFC 7518, 3.4), its payload {"hash", "number", "utc_us"}.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from controller.errors import BadHead
from controller.identity.authority import Authority, PrivateKey, PublicKey

KIND = "wardlink-audit-head"
"""The `typ` of the signature: nothing else that the same key signs passes for a head (RFC 8725, 3.11)."""
_ALGORITHMS = ["ES256"]


@dataclass(frozen=True, slots=True)
class Head:
    """The trail had `number` entries at `utc_us`; `hash` is that of the last of them."""

    number: int
    hash: bytes
    utc_us: int


@dataclass(frozen=True, slots=True)
class Told:
    """A head and where it was found; or, in its place, what is wrong with that line."""

    source: str
    head: Head | None
    problem: str = ""


class Signer:
    """Signs with the authority's key."""

    def __init__(self, key: PrivateKey) -> None:
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._key = ECKey.import_key(pem)
        self._header = {"alg": "ES256", "kid": self._key.thumbprint(), "typ": KIND}

    def sign(self, head: Head) -> str:
        """The head as a line, without its end."""
        told = {"hash": head.hash.hex(), "number": head.number, "utc_us": head.utc_us}
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        return jws.serialize_compact(self._header, text.encode(), self._key, algorithms=_ALGORITHMS)


class Reader:
    """Reads heads that one of `keys` signed."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        held = [
            ECKey.import_key(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
            for key in keys
        ]
        self._keys = {key.thumbprint(): key for key in held}

    def read(self, line: str) -> Head:
        """Raises BadHead."""
        try:
            header = jws.extract_compact(line.encode("ascii", "replace")).headers()
            key = self._keys.get(str(header.get("kid")))
            if key is None or header.get("typ") != KIND:
                raise BadHead("it is not signed by a key that is known here: name its certificate")
            payload = jws.deserialize_compact(line, key, algorithms=_ALGORITHMS).payload
            told = json.loads(payload)
            return Head(int(told["number"]), bytes.fromhex(told["hash"]), int(told["utc_us"]))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise BadHead(f"it is no signed head: {error or type(error).__name__}") from None

    def file(self, path: Path) -> Iterator[Told]:
        """Every line that `path` has now, read as it is asked for. Raises BadHead when there is no such file.

        What is published while a verification runs is of entries that it does not see.
        """
        with _explained(path):
            return self._lines(path, path.stat().st_size)

    def _lines(self, path: Path, size: int) -> Iterator[Told]:
        with _explained(path), path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                size -= len(line)
                if size < 0:
                    return
                yield self._told(f"{path}:{number}", line.decode("utf-8", "replace").strip())

    def _told(self, source: str, line: str) -> Told:
        try:
            return Told(source, self.read(line))
        except BadHead as error:
            return Told(source, None, str(error))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadHead(f"{path}: heads cannot be read ({error.strerror}): give another --heads") from None


def signing_keys(authority: Authority) -> list[PublicKey]:
    """Those that signed heads: the issuing key, and all before it."""
    held = authority.held
    keys = [one.public_key() for one in (held.issuing, *held.former)]
    return [key for key in keys if isinstance(key, PublicKey)]


def public_key(path: Path) -> PublicKey:
    """The key of the certificate in the PEM file `path`. Raises BadHead."""
    try:
        key = x509.load_pem_x509_certificate(path.read_bytes()).public_key()
    except (OSError, ValueError) as error:
        raise BadHead(f"{path}: expected a certificate in PEM, got none: {error}") from None
    if not isinstance(key, PublicKey):
        raise BadHead(f"{path}: expected the certificate of a P-256 key, got {type(key).__name__}")
    return key


def add_line(path: Path, line: str) -> None:
    """Append `line` for good; half a line, which a power cut left, goes first. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb+") as file:  # noqa: PTH123 - with its mode
        file.seek(0, os.SEEK_END)
        end = _whole_lines(file.tell(), file.fileno())
        file.truncate(end)
        file.seek(end)
        file.write(line.encode("ascii") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def last_line(path: Path) -> str | None:
    """The last whole line; None when there is none. Raises OSError."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        end = _whole_lines(size, file.fileno())
        tail = os.pread(file.fileno(), min(end, _LONGEST), max(end - _LONGEST, 0))
    lines = tail.splitlines()
    return lines[-1].decode("ascii", "replace") if lines else None


_LONGEST = 4096
"""Bytes of a line, at the most."""


def _whole_lines(size: int, file: int) -> int:
    """Where the last whole line ends in a file of `size` bytes."""
    begin = max(size - _LONGEST, 0)
    tail = os.pread(file, size - begin, begin)
    return begin + tail.rfind(b"\n") + 1
