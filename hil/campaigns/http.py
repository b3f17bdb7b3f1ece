"""HTTP: whatever the OpenAPI document allows or forbids, asked of a running ward's controller by everyone.

A round asks each operation, as a person of each role, with a token, and as nobody (`hil.fuzz.any_request`):
no answer is one that the document does not describe, no 5xx, none hangs. Meanwhile six devices stream, and
nobody notices. What the requests may break (a device, a gateway, a person) is there for them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from controller.clock import SystemClock
from controller.hub import Hub
from controller.registry import Registry
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from hil.campaigns.running_ward import RunningWard, add_to_last
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.fuzz.any_request import ORDINARY, AnyRequest
from hil.ward import WARD

EXAMPLES = 20
"""Requests of a round, of each operation by each caller who may use it."""
_PASSWORD = "to be guessed by nobody"
_DEVICE = "INSERT INTO device VALUES (?, ?, 'nonin-xpod', '[]', 0)"


async def run(
    folder: Path, seed: int, rounds: int, say: Callable[[str], None], *, examples: int = EXAMPLES
) -> Verdict:
    """So many rounds in an empty `folder`. Raises NotReady when the ward does not even start."""
    verdict = Verdict("http", seed)
    async with RunningWard(folder, beds=2) as ward:
        addresses = ward.stack.addresses()
        if addresses is None:
            raise NotReady("the controller says no address")
        store, clock = await Store.open(ward.database), SystemClock()
        try:
            anything = AnyRequest(addresses.http, store, clock, {})
            for number in range(rounds):
                anything.known = await _victims(store, clock, number)
                problems = await anything.round(examples=examples, seed=seed * 1000 + number)
                problems += await _others_go_on(ward) + ward.told
                verdict.round(f"any request, {seed * 1000 + number}", fired=True, problems=problems)
                told = f"{anything.asked.total()} answers so far"
                say(f"{number + 1}/{rounds}: {'; '.join(problems) or told}")
        finally:
            await store.close()
        add_to_last(verdict, await ward.end())
        told = ", ".join(f"{count} of {status}" for status, count in sorted(anything.asked.items()))
        verdict.facts |= {"answers": told, **ward.facts()}
    return verdict


async def _victims(store: Store, clock: SystemClock, number: int) -> Mapping[str, Sequence[object]]:
    """What the requests of a round may name, and break."""
    registry, spare = Registry(store, Hub(clock, "victims"), clock), f"spare-{number}"
    await registry.load()
    await registry.add_gateway(spare, spare)
    await registry.add_bed(spare, WARD, spare)
    await store.write(lambda db: db.execute(_DEVICE, (spare, spare)))
    for name, role in {spare: Role.NURSE, **{role.value: role for role in Role}}.items():
        await set_password(store, clock, name, _PASSWORD, role)
    beds = [spare, *(bed for bed in registry.beds if not bed.startswith("spare"))]
    spares = {key: [spare] for key in ("device", "gateway", "person")}
    places = {"bed": beds, "ward": [WARD], "place": [WARD], "wards": [[WARD]]}
    people = {"user": [spare], "password": [_PASSWORD], "patient": ["DEMO-0001"]}
    return {**ORDINARY, **spares, **places, **people}


async def _others_go_on(ward: RunningWard) -> list[str]:
    try:
        await ward.live_again("any request")
    except NotReady as error:
        return [str(error)]
    return []
