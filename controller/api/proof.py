"""Who is logged in proves it again: by the password, or by a code of the second factor."""

from aiohttp import web

from controller.api.answers import refusal
from controller.api.context import context, user
from controller.api.login import proved, slowed
from controller.security.users import find_account


async def proved_again(
    request: web.Request, password: str | None, code: str | None
) -> web.StreamResponse | None:
    """None, or the refusal. Tries are counted and slowed as those of logins. Raises StoreError."""
    if password is not None:
        return await proved(request, password)
    if code is None:
        return refusal(401, "proof-needed", "expected your password or a code, got neither: send one of them")
    parts, name = context(request), user(request).name
    if (refused := slowed(request, name)) is not None:
        return refused
    account = await find_account(parts.store, name)
    if account is None or account.totp is None or not await parts.factors.passes(account, code):
        return refusal(401, "wrong-code", "the code is wrong or was used already: wait for the next one")
    parts.throttle.succeeded(name, request.remote or "")
    return None
