"""What a caller is told, and what the audit trail is: the refusals of the imaging service."""

import logging

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from controller.api.answers import refusal
from controller.errors import StoreError
from controller.imaging.asking import Asking
from controller.imaging.errors import (
    ArchiveFull,
    BadDicom,
    BadDrawing,
    BadMultipart,
    BadQuery,
    BadUid,
    CannotDecode,
    CannotRead,
    CannotSettle,
    DecoderBusy,
    ImagingError,
    NoSuchImage,
    NotAcceptable,
    OutOfReach,
)
from controller.security.gate import Refused

_STATUS: tuple[tuple[type[ImagingError], int, str], ...] = (
    (BadUid, 400, "bad-request"),
    (BadQuery, 400, "bad-request"),
    (BadMultipart, 400, "bad-request"),
    (BadDrawing, 400, "bad-request"),
    (NoSuchImage, 404, "not-found"),
    (NotAcceptable, 406, "not-acceptable"),
    (BadDicom, 409, "bad-dicom"),
    (CannotSettle, 409, "conflict"),
    (DecoderBusy, 503, "busy"),
    (CannotDecode, 422, "cannot-decode"),
    (ArchiveFull, 507, "archive-full"),
    (OutOfReach, 503, "out-of-reach"),
    (CannotRead, 500, "damaged"),
)

log = logging.getLogger(__name__)


@web.middleware
async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns the errors that a caller can understand into answers."""
    try:
        return await handler(request)
    except Refused as error:
        return refusal(error.status, error.code, str(error), error.headers)
    except StoreError as error:
        log.error("%s", error)
        return refusal(503, "store", "the archive cannot answer now: try again")
    except ImagingError as error:
        status, code = next((status, code) for kind, status, code in _STATUS if isinstance(error, kind))
        return refusal(status, code, str(error), {"Retry-After": "1"} if code == "busy" else None)
    except web.HTTPRequestEntityTooLarge as error:
        return refusal(413, "too-large", f"the body is too large: {error.text}")


def noted(asking: Asking | None) -> Middleware:
    """The middleware that records what is refused, and looks for what is not there or not to be seen."""

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except (Refused, NoSuchImage) as error:
            if asking is not None and getattr(error, "status", 404) != 401:
                await asking.refused(request, getattr(error, "code", type(error).__name__))
            raise

    return note
