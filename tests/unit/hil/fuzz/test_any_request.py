"""The requests of the HTTP campaign find what they are for."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from controller.api.app import make_app
from controller.api.openapi import document
from controller.api.routes import TABLE
from controller.security.permissions import Role
from hil.fuzz.any_request import LEFT_OUT, AnyRequest, without_doors
from tests.support import controller as support
from tests.support.controller import quick_passwords, running

BROKEN = {
    "wards": lambda: web.Response(status=500),
    "devices": lambda: web.json_response({"devices": "none"}),
    "gateways": lambda: web.json_response({}, status=418),
    "me": lambda: web.Response(text="you"),
}


@web.middleware
async def broken(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Some routes answer otherwise than they should."""
    answer = BROKEN.get(request.match_info.route.name or "")
    return answer() if answer else await handler(request)


@pytest.mark.parametrize("is_broken", [True, False])
async def test_an_answer_that_is_not_in_the_document_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_broken: bool
) -> None:
    def make(*parts: Any, **options: Any) -> web.Application:
        app = make_app(*parts, **options)
        if is_broken:
            app.middlewares.append(broken)
        return app

    monkeypatch.setattr(support, "make_app", make)
    others = {route.name for route in TABLE} - BROKEN.keys()
    with quick_passwords():
        async with running(tmp_path, **{role.value: role for role in Role}) as controller:
            anything = AnyRequest(controller.address, controller.store, controller.clock, {}, left_out=others)
            problems = await anything.round(examples=1, seed=1, strangers=False)
    found = {
        name
        for name in BROKEN
        if any(problem.startswith(f"GET /api/{name} as nurse") for problem in problems)
    }
    assert found == (BROKEN.keys() if is_broken else set())


def test_what_is_left_out_is_there() -> None:
    assert LEFT_OUT.keys() <= {route.name for route in TABLE}


def test_the_document_without_doors_has_the_same_operations() -> None:
    described = document(TABLE)
    assert without_doors(described)["paths"].keys() == described["paths"].keys()
    assert "securitySchemes" in described["components"]
