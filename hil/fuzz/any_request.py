"""Any request that the controller's OpenAPI document allows, or forbids, by people of every role and a token.

problems = await AnyRequest(address, store, clock, known={"bed": ["bed-1"]}).round(examples=5, seed=1)

Every answer has to be one that the document describes: its status, its media type, its schema; never a 5xx;
and within TIMEOUT_S. What is asked of whom:
  - every operation, as everyone; more often as those who may use it, for others do not get past the gate;
  - each with a fresh session or token, so that a logout or a lock ends one operation's turn only, and every
    request from an address of its own, so that limits for an address hide nothing;
  - parameters, and members of bodies, of the names in `known` have now and then a value from there: otherwise
    nothing that is asked for would ever be there.
"""

import asyncio
import copy
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Address
from itertools import count
from typing import Any

import requests
import requests.adapters
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import DrawFn, booleans, composite, sampled_from
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.specs.openapi import checks

from controller.api.openapi import document
from controller.api.routes import TABLE
from controller.api.token_scopes import NEEDS
from controller.clock import Clock
from controller.security.cookie import COOKIE
from controller.security.permissions import GRANTS, Permission, Role
from controller.security.sessions import How, Sessions
from controller.security.tokens import Tokens, Wanted
from controller.security.users import User
from controller.store import Store

TIMEOUT_S = 20.0
"""An answer that takes longer hangs."""
LEFT_OUT: Mapping[str, str] = {"events": "it never ends: test_events.py of the controller's API has it"}
"""Operations that are not asked, and why."""
ORDINARY: Mapping[str, Sequence[object]] = {
    "metric": [["spo2"], ["hr", "spo2"]],
    "from_ms": [0],
    "to_ms": [60_000, 2_000_000_000_000],
    "id": ["1"],
    "profile": ["nonin-xpod"],
    **{name: [""] for name in ("address", "asset_tag", "calibration_due", "gtin", "serial")},
    "scopes": ["system/Device.rs"],
    "new": ["another password, long enough"],
    "pairing": ["none", "bonded"],
}
"""Values that make sense anywhere, for `known`."""
TOKEN = "token"
CALLERS = (*(role.value for role in Role), TOKEN, "nobody")

_CHECKS: Sequence[CheckFunction] = (
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
_NEVER_MIND = HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large
_PASSED = "x-permission"


def without_doors(described: Any) -> Any:
    """The same document, which says no more of who is let in.

    Sessions and tokens that are made up from it would take the places of the real ones.
    """
    told = copy.deepcopy(described)
    del told["components"]["securitySchemes"]
    for path in told["paths"].values():
        for operation in path.values():
            del operation["security"]
    return told


@dataclass(slots=True)
class AnyRequest:
    """Asks the controller at `address`, whose database is `store`, with a person of each role, called so."""

    address: str
    store: Store
    clock: Clock
    known: Mapping[str, Sequence[object]]
    left_out: Collection[str] = field(default_factory=lambda: set(LEFT_OUT))
    asked: Counter[int] = field(default_factory=Counter[int])
    """How often each status came."""
    _made: int = 0
    _places: Iterator[int] = field(default_factory=partial(count, int(IPv4Address("127.1.0.1"))))

    async def round(self, *, examples: int, seed: int, strangers: bool = True) -> list[str]:
        """Ask `examples` times whatever each caller may, and, if `strangers`, once what they may not.

        What does not hold.
        """
        schema = schemathesis.openapi.from_dict(without_doors(document(TABLE)))
        load_all_checks()
        problems: list[str] = []
        for found in schema.get_all_operations():
            if isinstance(found, Err):
                raise found.err()
            operation = found.ok()
            name = operation.definition.raw["operationId"]
            if name in self.left_out:
                continue
            for caller in CALLERS:
                if not (may := _may(caller, name, operation.definition.raw[_PASSED])) and not strangers:
                    continue
                headers, times = await self._headers(caller), examples if may else 1
                problems += await asyncio.to_thread(self._ask, operation, caller, headers, times, seed)
        return problems

    async def _headers(self, caller: str) -> dict[str, str]:
        """What a request of theirs carries: a new session's cookie, or a new token."""
        self._made += 1
        if caller == TOKEN:
            tokens, scopes = Tokens(self.store, self.clock, lambda: None), frozenset().union(*NEEDS.values())
            wanted = Wanted(f"any-{self.clock.utc_us()}-{self._made}", scopes, days=1)
            return {"Authorization": f"Bearer {await tokens.make(wanted, 'any-request', '')}"}
        if caller == "nobody":
            return {"Origin": self.address}
        user = User(caller, frozenset({Role(caller)}), None)
        token = await Sessions(self.store, self.clock).begin(user, How.PASSWORD_AND_CODE)
        return {"Origin": self.address, "Cookie": f"{COOKIE}={token}"}

    def _ask(self, operation: Any, caller: str, headers: dict[str, str], times: int, which: int) -> list[str]:
        """One operation as one caller: what does not hold, made as small as it gets."""

        @seed(which)
        @settings(
            max_examples=times,
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=_NEVER_MIND,
            report_multiple_bugs=False,
        )
        @given(case=_cases(operation, self.known))
        def ask(case: Any) -> None:
            with self._elsewhere() as session:
                answer = case.call(base_url=self.address, session=session, headers=headers, timeout=TIMEOUT_S)
            self.asked[answer.status_code] += 1
            case.validate_response(answer, checks=list(_CHECKS))

        try:
            ask()
        except (FailureGroup, requests.RequestException) as error:
            return [f"{operation.label} as {caller}: {error}"]
        return []

    def _elsewhere(self) -> requests.Session:
        """A client at an address that has asked nothing yet: all of 127.0.0.0/8 is this machine."""
        adapter, session = _From(str(IPv4Address(next(self._places)))), requests.Session()
        session.mount("http://", adapter)
        return session


class _From(requests.adapters.HTTPAdapter):
    """Connections that come from one address."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """See HTTPAdapter."""
        super().init_poolmanager(*arguments, source_address=(self._address, 0), **options)


def _may(caller: str, name: str, permission: str) -> bool:
    """Whether the caller gets past the gate."""
    if permission == Permission.PUBLIC:
        return caller == "nobody"
    if caller == TOKEN:
        return name in NEEDS
    return caller in set(Role) and Permission(permission) in GRANTS[Role(caller)]


@composite
def _cases(draw: DrawFn, operation: Any, known: Mapping[str, Sequence[object]]) -> Any:
    """A request as it is described, or another; half of them name what is there."""
    modes = [GenerationMode.POSITIVE]
    if operation.body or operation.query or operation.path_parameters:
        modes.append(GenerationMode.NEGATIVE)
    case = draw(operation.as_strategy(generation_mode=draw(sampled_from(modes))))
    if draw(booleans()):
        for held in (case.path_parameters, case.query, case.body):
            for name in sorted(known.keys() & held.keys()) if isinstance(held, dict) else ():
                held[name] = draw(sampled_from(known[name]))
    return case
