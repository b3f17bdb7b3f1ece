"""One's own account: the password, and the second factor."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer, refusal
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.login import logged_in, proved
from controller.api.people_schemas import CodeBody, NewPasswordBody, PasswordBody
from controller.errors import BadAccount
from controller.security.accounts import By
from controller.security.cookie import COOKIE
from controller.security.gate import ACCESS
from controller.security.sessions import How, Session
from controller.security.users import check_new_password, find_account


async def change_password(request: web.Request) -> web.StreamResponse:
    """PUT /api/account/password: every session of the person ends but this one, which gets a new token."""
    body, parts, name = await read_body(request, NewPasswordBody), context(request), user(request).name
    check_new_password(body.new)
    if body.new == body.password:
        raise BadAccount("expected another password, got the present one: choose another")
    if (refused := await proved(request, body.password)) is not None:
        return refused
    await parts.accounts.choose_password(name, body.new, By(name, request.remote or ""))
    return await _again(request, _how(request))


async def offer_second_factor(request: web.Request) -> web.StreamResponse:
    """POST /api/account/second-factor: a new secret, to be confirmed."""
    body, parts = await read_body(request, PasswordBody), context(request)
    if (refused := await proved(request, body.password)) is not None:
        return refused
    return answer(asdict(await parts.factors.offer(user(request).name)))


async def confirm_second_factor(request: web.Request) -> web.StreamResponse:
    """PUT /api/account/second-factor: by its first code. Other sessions of the person end."""
    body, parts, name = await read_body(request, CodeBody), context(request), user(request).name
    codes = await parts.factors.confirm(name, body.code, request.remote or "")
    if codes is None:
        return refusal(400, "wrong-code", "the code is wrong: compare the clocks, or begin again")
    await parts.sessions.end_all(name)
    response = await _again(request, How.PASSWORD_AND_CODE)
    told = answer({"recovery_codes": codes})
    told.cookies.update(response.cookies)
    return told


async def sessions(request: web.Request) -> web.StreamResponse:
    """GET /api/account/sessions: where the person is logged in."""
    held = await context(request).sessions.held(user(request), request.cookies.get(COOKIE))
    return answer({"sessions": [asdict(one) for one in held]})


async def end_session(request: web.Request) -> web.StreamResponse:
    """DELETE /api/account/sessions/{session}: a screen that was left behind. One's own only."""
    name, number = user(request).name, request.match_info["session"]
    await context(request).sessions.end_one(name, number, name, request.remote or "")
    return web.Response(status=204)


async def _again(request: web.Request, how: How) -> web.StreamResponse:
    """A new session, all of the person's having ended."""
    account = await find_account(context(request).store, user(request).name)
    assert account is not None, "whoever is logged in has an account"
    return await logged_in(request, account, how)


def _how(request: web.Request) -> How:
    access = request[ACCESS]
    return access.how if isinstance(access, Session) else How.PASSWORD
