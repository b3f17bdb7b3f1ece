"""What is signed of a node's firmware: a manifest shaped as SUIT's (draft-ietf-suit-manifest-34).

    manifest = pack_manifest(Manifest("esp32", 12, 40_960, sha256))
    envelope = pack_envelope(manifest, sign(cose.MANIFEST, manifest_digest(manifest)))
    opened = read_envelope(envelope)     # raises WireError; nothing says yet that the signature is good
    read_manifest(opened.manifest)       # once opened.signed was verified, and is of opened.digest

    {2: << [<< [-16, SHA-256 of the manifest's byte string, head and all] >>, << COSE_Sign1 of that >>] >>,
     3: << {1: 1, 2: version,
            3: << {2: [[h'node', board]],
                   4: << [20, {1: vendor, 2: class, 3: << [-16, SHA-256 of the image] >>, 14: bytes},
                          1, 15, 2, 15] >>} >>,
            7: << [3, 15] >>} >>}

Of SUIT it has: the envelope with its authentication wrapper; manifest-version, sequence-number (the
firmware's version, which only grows), common with one component, override-parameters (vendor-identifier and
class-identifier, UUID version 5 of 8.4.8.2; image-digest, image-size), condition-vendor-identifier,
condition-class-identifier, and validate with condition-image-match: the numbers are those that IANA lists.

It has not: the tags 107 and 18; a detached payload (the signature carries the digest, as all that this
project signs does: `devices/wire/cose.py`); fetch, install, load and invoke (a gateway carries the image, and
the node has one place for it); texts, severable members, dependencies, integrated payloads. A reader of SUIT
needs the tags put on and the payload taken out; a reader here takes no other manifest than it would make.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import cast
from uuid import NAMESPACE_DNS, uuid5

import cbor2

from devices.errors import Malformed
from devices.wire.cose import MAX_SIGNED
from devices.wire.node_image import MAX_IMAGE
from devices.wire.strict import as_map, decode, is_int

VENDOR = uuid5(NAMESPACE_DNS, "wardlink")
BOARD = re.compile(r"[a-z0-9_]{1,18}")
"""A board's name: the class of hardware that an image is made for."""
DIGEST_BYTES = 32
LATEST_VERSION = 2**31 - 1

_AUTHENTICATION, _MANIFEST = 2, 3
_MANIFEST_VERSION, _SEQUENCE_NUMBER, _COMMON, _VALIDATE = 1, 2, 3, 7
_COMPONENTS, _SHARED_SEQUENCE = 2, 4
_VENDOR, _CLASS, _IMAGE_MATCH, _OVERRIDE_PARAMETERS = 1, 2, 3, 20
_IMAGE_DIGEST, _IMAGE_SIZE = 3, 14
_SHA256 = -16
_REPORT_ALL = 15
_COMPONENT = b"node"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Says of one image: for which board, which version, how many bytes, and their SHA-256."""

    board: str
    version: int
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """`signed` is a COSE_Sign1, whose payload has to be `digest`: the manifest's, which was checked."""

    manifest: bytes
    digest: bytes
    signed: bytes


def class_of(board: str) -> bytes:
    """The class identifier of a board."""
    return uuid5(VENDOR, board).bytes


def pack_manifest(manifest: Manifest) -> bytes:
    """The manifest's CBOR, without the byte string around it."""
    parameters = {
        _VENDOR: VENDOR.bytes,
        _CLASS: class_of(manifest.board),
        _IMAGE_DIGEST: cbor2.dumps([_SHA256, manifest.digest]),
        _IMAGE_SIZE: manifest.size,
    }
    conditions = [_VENDOR, _REPORT_ALL, _CLASS, _REPORT_ALL]
    common = {
        _COMPONENTS: [[_COMPONENT, manifest.board.encode()]],
        _SHARED_SEQUENCE: cbor2.dumps([_OVERRIDE_PARAMETERS, parameters, *conditions]),
    }
    return cbor2.dumps(
        {
            _MANIFEST_VERSION: 1,
            _SEQUENCE_NUMBER: manifest.version,
            _COMMON: cbor2.dumps(common),
            _VALIDATE: cbor2.dumps([_IMAGE_MATCH, _REPORT_ALL]),
        }
    )


def manifest_digest(manifest: bytes) -> bytes:
    """What is signed: the SUIT_Digest of a packed manifest, over its byte string with its head (8.3)."""
    return cbor2.dumps([_SHA256, hashlib.sha256(cbor2.dumps(manifest)).digest()])


def pack_envelope(manifest: bytes, signed: bytes) -> bytes:
    """A packed manifest, and the COSE_Sign1 of its digest."""
    return cbor2.dumps(
        {_AUTHENTICATION: cbor2.dumps([manifest_digest(manifest), signed]), _MANIFEST: manifest}
    )


def read_envelope(data: bytes) -> Envelope:
    """Raises WireError: it is none, or its digest is not that of its manifest."""
    match as_map(decode(data, MAX_SIGNED)):
        case {2: bytes() as wrapper, 3: bytes() as manifest}:
            pass
        case _:
            raise Malformed("expected an envelope: an authentication wrapper and a manifest")
    match decode(wrapper, MAX_SIGNED):
        case [bytes() as digest, bytes() as signed]:
            pass
        case _:
            raise Malformed("expected an authentication wrapper of a digest and one signature")
    if digest != manifest_digest(manifest):
        raise Malformed("the digest in the envelope is not that of its manifest: it was changed on the way")
    if pack_envelope(manifest, signed) != data:
        raise Malformed("expected an envelope in the one spelling that is used here")
    return Envelope(manifest, digest, signed)


def read_manifest(data: bytes) -> Manifest:
    """Raises WireError: it says something else, says more, or spells it otherwise."""
    manifest = as_map(decode(data, MAX_SIGNED))
    common = as_map(decode(_bytes(manifest.get(_COMMON)), MAX_SIGNED))
    match decode(_bytes(common.get(_SHARED_SEQUENCE)), MAX_SIGNED):
        case [20, parameters, *_]:
            told = as_map(cast("object", parameters))
        case _:
            raise Malformed("expected parameters at the beginning of the shared sequence")
    found = Manifest(
        _board(common.get(_COMPONENTS)),
        _number(manifest.get(_SEQUENCE_NUMBER), LATEST_VERSION, "a version"),
        _number(told.get(_IMAGE_SIZE), MAX_IMAGE, "an image's bytes"),
        _sha256(decode(_bytes(told.get(_IMAGE_DIGEST)))),
    )
    if pack_manifest(found) != data:
        raise Malformed(f"expected a manifest as this version makes it, of {found.board}: it says more")
    return found


def _bytes(item: object) -> bytes:
    if not isinstance(item, bytes):
        raise Malformed(f"expected a byte string in the manifest, got {item!r:.40}")
    return item


def _number(item: object, most: int, what: str) -> int:
    if not is_int(item, 1, most):
        raise Malformed(f"expected {what} from 1 to {most}, got {item!r:.40}")
    return item


def _sha256(item: object) -> bytes:
    match item:
        case [-16, bytes() as digest] if len(digest) == DIGEST_BYTES:
            return digest
        case _:
            raise Malformed(f"expected a SHA-256 of {DIGEST_BYTES} bytes, got {item!r:.80}")


def _board(item: object) -> str:
    match item:
        case [[b"node", bytes() as name]] if name.isascii() and BOARD.fullmatch(name.decode()):
            return name.decode()
        case _:
            raise Malformed(f"expected one component, [h'node', a board's name], got {item!r:.80}")
