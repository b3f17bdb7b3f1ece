"""A platform of multi-access edge computing that is none: service discovery of ETSI GS MEC 011 (and 009).

python -m hil.sims.mec --pem server.pem      # prints its port; --port 0 chooses one

It does as the published MecServiceMgmtApi says, as far as a consumer of services asks. What applications
register, and what goes wrong, is ordered at `/orders`, in JSON: `services` (a list of ServiceInfo), `revoke`
true (of all tokens), `refuse` a status of every query (0: none), `token_s`. A GET there tells what was
`asked`.
"""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from hil.sims.grants import Grants
from hil.sims.served import run

_SERVICES = "/mec_service_mgmt/v1/services"
_EITHER = ("ser_instance_id", "ser_name", "ser_category_id")
"""One of them or none may be in a query."""
_OTHERS = ("consumed_local_only", "is_local", "scope_of_locality")
Json = dict[str, Any]


def service(name: str, endpoint: Json, *, state: str = "ACTIVE", protocol: str = "MQTT") -> Json:
    """A ServiceInfo as a controller's operator registers it."""
    return {
        "serInstanceId": f"{name}-1",
        "serName": name,
        "version": "1",
        "state": state,
        "transportInfo": {
            "id": "mqtt",
            "name": "MQTT over TLS",
            "type": "MB_TOPIC_BASED",
            "protocol": protocol,
            "version": "3.1.1",
            "endpoint": endpoint,
            "security": {},
        },
        "serializer": "PROTOBUF3",
        "scopeOfLocality": "MEC_HOST",
        "consumedLocalOnly": False,
        "isLocal": True,
    }


@dataclass
class Platform(Grants):
    """What it knows, and what it was ordered."""

    services: list[Json] = field(default_factory=list[Json])
    refuse: int = 0

    def app(self) -> web.Application:
        """Its doors."""
        app = web.Application()
        app.router.add_post("/token", self.token)
        app.router.add_get(_SERVICES, self._services)
        app.router.add_get("/orders", self._tell)
        app.router.add_post("/orders", self._obey)
        return app

    async def _services(self, request: web.Request) -> web.Response:
        """Service availability query."""
        self.asked.append(request.path_qs)
        if self.scopes(request) is None:
            return _problem(401, "it needs a good token")
        if self.refuse:
            return _problem(self.refuse, "as it was ordered")
        given = [name for name in _EITHER if name in request.query]
        if len(given) > 1 or not set(request.query) <= {*_EITHER, *_OTHERS}:
            return _problem(400, f"expected one of {', '.join(_EITHER)} at the most")
        names = request.query.getall("ser_name", [])
        return web.json_response([one for one in self.services if not given or one["serName"] in names])

    async def _tell(self, _request: web.Request) -> web.Response:
        return web.json_response({"asked": self.asked})

    async def _obey(self, request: web.Request) -> web.Response:
        for name, value in (await request.json()).items():
            if name == "revoke":
                self.tokens.clear()
            else:
                setattr(self, name, value)
        return web.json_response({})


def _problem(status: int, detail: str) -> web.Response:
    """A ProblemDetails (RFC 7807)."""
    told = {"title": "Refused", "status": status, "detail": detail}
    return web.json_response(told, status=status, content_type="application/problem+json")


if __name__ == "__main__":
    run(Platform().app(), "A platform of multi-access edge computing for tests")
