"""One's own key to sign with, and those of others for whoever manages people."""

from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.logins import site
from controller.api.passkey_login import check_fresh
from controller.api.proof import proved_again
from controller.api.signing_schemas import NewKeyBody, ProvedBody, RevokedBody, WrapBody, WrapsBody
from controller.identity.certificates import By
from controller.security.cookie import COOKIE
from controller.security.users import find_account
from controller.signing.chain import key_of
from controller.signing.keys import Maker, SigningKeys
from controller.signing.model import Event, Key, Reason, Unlock, Wrap
from controller.signing.proof import jwk_of

_DONE = 204


async def own_keys(request: web.Request) -> web.StreamResponse:
    """GET /api/signing/keys."""
    return await _keys(request, user(request).name)


async def challenge(request: web.Request) -> web.StreamResponse:
    """POST /api/signing/challenge."""
    return answer({"challenge": _service(request).challenge(request.cookies[COOKIE])})


async def make(request: web.Request) -> web.StreamResponse:
    """POST /api/signing/keys: who asks proves who they are, and the key that it is there."""
    body = await read_body(request, NewKeyBody)
    if (refused := await _proved(request, body)) is not None:
        return refused
    maker = Maker(user(request), request.cookies[COOKIE], _by(request))
    wraps = [_wrap(one) for one in body.wraps]
    key = await _service(request).make(maker, body.challenge, body.proof, wraps)
    return answer(_shown(key, await _service(request).history(key.person)))


async def unlock(request: web.Request) -> web.StreamResponse:
    """GET /api/signing/unlock: what a browser unlocks the key with, and signs. Each look is recorded."""
    key, wraps = await _service(request).active(user(request).name)
    await record_access(request, entity=f"signing-key/{key.serial}")
    told = [{name: getattr(one, name) for name in Wrap.__dataclass_fields__} for one in wraps]
    known = {"serial": key.serial, "person": key.person, "x5c": key.chain, "wraps": told}
    utc_s = context(request).clock.utc_us() // 1_000_000
    public = {"jwk": jwk_of(key_of(key.certificate)), "rp": site(request).id, "utc_s": utc_s}
    return answer({**known, **public})


async def rewrap(request: web.Request) -> web.StreamResponse:
    """PUT /api/signing/keys/{serial}/wraps."""
    body, serial = await read_body(request, WrapsBody), request.match_info["serial"]
    if (refused := await _proved(request, body)) is not None:
        return refused
    wraps = [_wrap(one) for one in body.wraps]
    await _service(request).rewrap(user(request).name, serial, wraps, _by(request))
    return web.Response(status=_DONE)


async def revoke(request: web.Request) -> web.StreamResponse:
    """PUT /api/signing/keys/{serial}/revoked: at once, without a proof: it is urgent, and signs nothing."""
    return await _revoked(request, user(request).name)


async def keys_of(request: web.Request) -> web.StreamResponse:
    """GET /api/people/{person}/signing."""
    return await _keys(request, request.match_info["person"])


async def revoke_of(request: web.Request) -> web.StreamResponse:
    """PUT /api/people/{person}/signing/{serial}/revoked."""
    return await _revoked(request, request.match_info["person"])


async def _keys(request: web.Request, person: str) -> web.Response:
    service = _service(request)
    held, history = await service.of(person), await service.history(person)
    return answer({"unlock": sorted(service.unlocks), "keys": [_shown(one, history) for one in held]})


async def _revoked(request: web.Request, person: str) -> web.Response:
    body, service = await read_body(request, RevokedBody), _service(request)
    key = await service.revoke(person, request.match_info["serial"], Reason(body.reason), _by(request))
    return answer(_shown(key, await service.history(person)))


async def _proved(request: web.Request, body: ProvedBody) -> web.StreamResponse | None:
    """By password or code; whoever has neither, because they come by another way, by a login just now."""
    account = await find_account(context(request).store, user(request).name)
    if account is not None and account.password is None and account.totp is None:
        check_fresh(request)
        return None
    return await proved_again(request, body.password, body.code)


def _shown(key: Key, history: list[Event]) -> dict[str, Any]:
    """A SigningKeyView."""
    names = ("serial", "state", "made_utc_s", "expires_utc_s", "changed_utc_s", "reason")
    told = {name: getattr(key, name) for name in names}
    known = [one for one in history if one.serial == key.serial]
    events = [
        {"state": one.state, "at_utc_s": one.at_utc_s, "by": one.by, "reason": one.reason} for one in known
    ]
    return {**told, "roles": list(key.roles), "history": events}


def _wrap(one: WrapBody) -> Wrap:
    return Wrap(Unlock(one.kind), one.credential, one.salt, one.iterations, one.iv, one.wrapped)


def _service(request: web.Request) -> SigningKeys:
    return context(request).signatures.keys


def _by(request: web.Request) -> By:
    return By(user(request).name, request.remote or "")
