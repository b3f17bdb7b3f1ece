"""Accounts, as an administrator manages them."""

from dataclasses import asdict

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.people_schemas import DisabledBody, PersonBody, RightsBody
from controller.security.accounts import By, wards_for
from controller.security.badges import Held
from controller.security.permissions import Role


async def people(request: web.Request) -> web.StreamResponse:
    """GET /api/people."""
    parts = context(request)
    wards = [asdict(ward) for ward in parts.registry.wards.values()]
    held = await parts.badges.all_held()
    told = [{**one, "held": held.get(one["name"], Held())._asdict()} for one in await parts.accounts.people()]
    return answer({"people": told, "roles": list(Role), "wards": wards})


async def create(request: web.Request) -> web.StreamResponse:
    """POST /api/people: answers with the password for the first login, which is told this once."""
    body = await read_body(request, PersonBody)
    wards = wards_for(body.roles, body.wards, everywhere=body.all_wards)
    return _password(await context(request).accounts.create(body.name, body.roles, wards, _by(request)))


async def change(request: web.Request) -> web.StreamResponse:
    """PUT /api/people/{person}."""
    body = await read_body(request, RightsBody)
    wards = wards_for(body.roles, body.wards, everywhere=body.all_wards)
    await context(request).accounts.change(request.match_info["person"], body.roles, wards, _by(request))
    return web.Response(status=204)


async def disable(request: web.Request) -> web.StreamResponse:
    """PUT /api/people/{person}/disabled."""
    body, name = await read_body(request, DisabledBody), request.match_info["person"]
    await context(request).accounts.set_disabled(name, _by(request), disabled=body.disabled)
    return web.Response(status=204)


async def reset(request: web.Request) -> web.StreamResponse:
    """POST /api/people/{person}/password."""
    return _password(await context(request).accounts.reset(request.match_info["person"], _by(request)))


async def forget_second_factor(request: web.Request) -> web.StreamResponse:
    """DELETE /api/people/{person}/second-factor."""
    await context(request).accounts.forget_second_factor(request.match_info["person"], _by(request))
    return web.Response(status=204)


def _password(password: str) -> web.StreamResponse:
    return answer({"password": password})


def _by(request: web.Request) -> By:
    return By(user(request).name, request.remote or "")
