"""Lets enrolled gateways fetch firmware, at the port of the registration authority: each shows who it is.

GET /firmware/SHA256/manifest     made and signed in this moment, with the authority's key of now
GET /firmware/SHA256/image
"""

from aiohttp import web

from controller.clock import Clock
from controller.errors import NotFound
from controller.firmware.images import Image, Images
from controller.orders.signing import Signer
from controller.software.serve import check_gateway
from controller.store import Store
from devices.wire import cose
from devices.wire.manifest import manifest_digest, pack_envelope, pack_manifest

_BYTES = {"Content-Type": "application/octet-stream"}


def add_firmware(app: web.Application, store: Store, clock: Clock, signer: Signer) -> None:
    """Serve the images from `app`, which is served by TLS that asks for certificates."""
    handlers = _Firmware(store, clock, signer)
    for what, handler in (("manifest", handlers.manifest), ("image", handlers.image)):
        app.router.add_get(f"/firmware/{{digest:[0-9a-f]{{64}}}}/{what}", handler)


def signed_manifest(image: Image, signer: Signer) -> bytes:
    """The envelope of its manifest (devices/wire/manifest.py)."""
    manifest = pack_manifest(image.manifest)
    return pack_envelope(manifest, signer.sign(cose.MANIFEST, manifest_digest(manifest)))


class _Firmware:
    def __init__(self, store: Store, clock: Clock, signer: Signer) -> None:
        self._store, self._clock, self._signer = store, clock, signer
        self._images = Images(store, clock)

    async def manifest(self, request: web.Request) -> web.StreamResponse:
        """For a gateway whose certificate is good now."""
        image = await self._image(request)
        return web.Response(body=signed_manifest(image, self._signer), headers=_BYTES)

    async def image(self, request: web.Request) -> web.StreamResponse:
        """The same."""
        path = self._images.path(await self._image(request))
        if not path.is_file():
            raise web.HTTPNotFound(text="its file is gone: add it again\n")
        return web.FileResponse(path, headers=_BYTES)

    async def _image(self, request: web.Request) -> Image:
        await check_gateway(request, self._store, self._clock)
        try:
            return await self._images.find(request.match_info["digest"])
        except NotFound as error:
            raise web.HTTPNotFound(text=f"{error}\n") from error
