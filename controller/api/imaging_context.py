"""The archive of images as handlers of the API work with it: asked for whoever makes the request."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from controller.api.context import context
from controller.errors import NotFound
from controller.imaging.client import ImagingClient
from controller.imaging.speaker import Speaker, speaker_of
from controller.security.gate import ACCESS


@dataclass(frozen=True, slots=True)
class Imaging:
    """The imaging service of this controller."""

    client: ImagingClient
    port: int
    """Where browsers reach its viewer: on the same host name as the controller's pages."""
    findings: Path | None = None
    """The database in which plug-ins keep what they find; None: there are no plug-ins."""


IMAGING: web.AppKey[Imaging] = web.AppKey("imaging-service", Imaging)
"""Of an application that has an archive of images."""


def imaging(request: web.Request) -> Imaging:
    """The application's. Raises NotFound: it has none."""
    if IMAGING not in request.config_dict:
        raise NotFound("there is no archive of images here: see [imaging] in the configuration")
    return request.config_dict[IMAGING]


def speaker(request: web.Request) -> Speaker:
    """For whom the archive is asked: whoever makes the request, with what they may see."""
    return speaker_of(request[ACCESS], request.remote or "", context(request).registry.beds.values())


async def ask(
    request: web.Request,
    method: str,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    body: Any = None,
) -> Any:
    """The service's JSON, asked for whoever makes the request.

    Raises NotFound (there is no archive), ServiceRefused, ServiceSilent.
    """
    return await imaging(request).client.json(speaker(request), method, path, params=params, body=body)
