"""What the archive asked of its bucket: for the controller's metrics."""

import orjson
from aiohttp import web

from controller.imaging.archive.objects import ObjectFiles
from controller.imaging.parts import parts


async def counted(request: web.Request) -> web.StreamResponse:
    """GET /manage/objects: controller/objects/counts.py, Counts.told; {} where files are in a folder."""
    files = parts(request).archive.files
    told = files.bucket.counts.told() if isinstance(files, ObjectFiles) else {}
    return web.Response(body=orjson.dumps(told), content_type="application/json")
