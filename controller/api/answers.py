"""Answers as JSON, and refusals in one shape: {"error": {"code": ..., "message": ...}}."""

import logging
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from controller.errors import (
    BadScope,
    BadSignature,
    Conflict,
    ControllerError,
    EnrolmentRefused,
    FirmwareError,
    IdentityError,
    LakeError,
    LoginRefused,
    NeedsSecond,
    NotFound,
    Outdated,
    PartnerSilent,
    PaymentSilent,
    RegistryError,
    SealBroken,
    StoreError,
)
from controller.imaging.errors import ServiceRefused, ServiceSilent
from controller.security.gate import Refused
from controller.security.sessions import State
from devices.errors import BadIdentity


class BadRequest(ControllerError):
    """Something in the request is not as the OpenAPI document says."""


class Unconditional(ControllerError):
    """A change that has to say what it replaces (RFC 6585, section 3) does not."""


_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (BadRequest, 400, "bad-request"),
    (BadScope, 400, "bad-request"),
    (BadSignature, 400, "bad-signature"),
    (Unconditional, 428, "unconditional"),
    (NotFound, 404, "not-found"),
    (Outdated, 412, "outdated"),
    (Conflict, 409, "conflict"),
    (EnrolmentRefused, 409, "not-provisioned"),
    (FirmwareError, 409, "conflict"),
    (NeedsSecond, 400, "needs-second"),
    (RegistryError, 400, "bad-request"),
    (BadIdentity, 400, "bad-request"),
    (StoreError, 503, "store"),
    (LakeError, 503, "lake"),
    (IdentityError, 503, "identity"),
    (ServiceSilent, 503, "imaging"),
    (PaymentSilent, 503, "payments"),
    (PartnerSilent, 503, "partner"),
)

_TOLD = (ServiceRefused, *(kind for kind, _, _ in _STATUS))

_BROKEN = "your second factor cannot be read here: use a recovery code, or ask an administrator to reset it"

log = logging.getLogger(__name__)

PAGES = frozenset(
    {"/", "/account", "/account/keys", "/arrivals", "/audit", "/gateways", "/inventory", "/ledger", "/people"}
    | {
        "/cohorts",
        "/conferences",
        "/imaging",
        "/invite",
        "/pharmacy",
        "/prescriptions",
        "/research",
        "/reviews",
        "/robots",
        "/round",
        "/visits",
        "/partners",
        "/referrals",
    }
)
"""A person without a session is led from here to the login."""


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """`data` as JSON."""
    return web.Response(
        body=orjson.dumps(data), status=status, content_type="application/json", headers=headers
    )


def refusal(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """An error: `message` says what was expected, what came and what to do."""
    return answer({"error": {"code": code, "message": message}}, status, headers)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns the errors that a caller can understand into answers."""
    try:
        return await handler(request)
    except Refused as error:
        if request.path in PAGES and error.status == 401:
            raise web.HTTPFound("/login") from None
        # What a session must do first is done there; whoever has no board is shown there what they have.
        led = {*State, "not-allowed"} if request.path == "/" else {*State}
        if request.path in PAGES and error.code in led:
            raise web.HTTPFound("/account") from None
        return refusal(error.status, error.code, str(error), error.headers)
    except SealBroken as error:
        log.error("a second factor cannot be used: %s", error)
        return refusal(503, "second-factor-broken", _BROKEN)
    except LoginRefused as error:
        return refusal(401, f"login-{error.code}", str(error))
    except _TOLD as error:
        return refusal(*_known(error), str(error))
    except web.HTTPRequestEntityTooLarge as error:
        return refusal(413, "too-large", f"the body is too large: {error.text}")


def _known(error: Exception) -> tuple[int, str]:
    """Status and code of one of _TOLD."""
    if isinstance(error, ServiceRefused):
        return error.status, error.code
    return next((status, code) for kind, status, code in _STATUS if isinstance(error, kind))
