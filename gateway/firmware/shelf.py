"""An image of a node's firmware from the controller: fetched, and checked against its signed manifest.

    image = await Shelf(identity).fetch(12, digest)

The gateway shows its certificate, and the manifest has to be signed by the authority above it, as an order is
(gateway/orders/verify.py): who changes the controller's files, or its answers, is found out here.
"""

import asyncio
import hashlib
import ssl
from dataclasses import dataclass

from devices.errors import WireError
from devices.wire import cose, node_image
from devices.wire.manifest import Manifest, read_envelope, read_manifest
from gateway.apis.https import ask
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.errors import OrderRefused, Unreachable, UpdateError
from gateway.orders.verify import verified

PATH = "/firmware"
FETCH_S = 120.0
"""For each of the two; an image has at most a megabyte."""
_HEADERS = 4096
_TAMPERED = "somebody changed it after it was signed"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The controller's, as the gateway of this identity reaches it."""

    identity: IdentityFolder

    async def fetch(self, version: int, digest: str) -> tuple[Manifest, bytes]:
        """The image whose SHA-256 is `digest`, in hexadecimal, and what its manifest says.

        Raises OrderRefused: it is not what was signed, or not what was asked for; UpdateError: there is none;
        Unreachable, IdentityError.
        """
        known = await asyncio.to_thread(self.identity.load)
        tls = await asyncio.to_thread(self.identity.context)
        base = f"{known.est}{PATH}/{digest}"
        manifest = opened(await _get(f"{base}/manifest", tls, cose.MAX_SIGNED), known)
        if (manifest.version, manifest.digest.hex()) != (version, digest):
            asked = f"version {version}, {digest[:12]}…"
            got = f"{manifest.version}, {manifest.digest.hex()[:12]}…"
            raise OrderRefused("other-image", f"expected the manifest of {asked}, got that of {got}")
        data = await _get(f"{base}/image", tls, manifest.size)
        check(data, manifest)
        return manifest, data


def opened(envelope: bytes, known: Identity) -> Manifest:
    """The manifest in a signed envelope. Raises OrderRefused."""
    try:
        held = read_envelope(envelope)
        signed = verified(held.signed, cose.MANIFEST, known)
        if signed != held.digest:
            raise OrderRefused("bad-manifest", f"the manifest is not the one that was signed: {_TAMPERED}")
        return read_manifest(held.manifest)
    except WireError as error:
        raise OrderRefused("bad-manifest", f"the manifest cannot be used: {error}") from error
    except OrderRefused as error:
        raise OrderRefused(error.why, f"the manifest is refused: {error}") from error


def check(data: bytes, manifest: Manifest) -> None:
    """Whether `data` is the image that the manifest is about. Raises OrderRefused."""
    if len(data) != manifest.size or hashlib.sha256(data).digest() != manifest.digest:
        raise OrderRefused(
            "bad-image",
            f"the image is not the one that was signed: {_TAMPERED}, or the controller's disk is damaged",
        )
    try:
        image = node_image.read(data)
    except WireError as error:
        raise OrderRefused("bad-image", f"the image cannot be used: {error}") from error
    if (image.board, image.version) != (manifest.board, manifest.version):
        raise OrderRefused("bad-image", f"the image says that it is {image.board} {image.version}")


async def _get(url: str, tls: ssl.SSLContext, most: int) -> bytes:
    """Raises Unreachable, UpdateError."""
    answer = await ask("GET", url, b"", {"Accept": "*/*"}, tls=tls, timeout_s=FETCH_S, most=most + _HEADERS)
    if answer.status == 404:
        raise UpdateError("no-image", "the controller has this image no more: add it there again")
    if answer.status != 200:
        raise Unreachable(f"the controller does not give the firmware ({answer.status}): see its log")
    return answer.body
