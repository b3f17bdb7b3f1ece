"""Whatever the OpenAPI document allows or forbids, by whoever: the controller answers as it says there."""

from controller.clock import SystemClock
from controller.hub import Hub
from controller.registry import Patient, Registry
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from hil.fuzz.any_request import ORDINARY, AnyRequest
from tests.integration.controller.conftest import Site
from tests.support.controller import PASSWORD, quick_passwords

_DEVICE = "ox-1", "ward-a", "nonin-xpod", '["spo2", "pr_spo2", "pleth"]', 0
KNOWN = {
    **ORDINARY,
    "bed": ["bed-1", "bed-2"],
    "ward": ["w-1"],
    "wards": [["w-1"]],
    "place": ["w-1"],
    "device": ["ox-1"],
    "gateway": ["ward-a"],
    "person": ["somebody"],
    "user": ["somebody"],
    "password": [PASSWORD],
    "patient": ["P1"],
}


async def test_every_answer_is_one_that_the_document_describes(site: Site) -> None:
    store, clock = await Store.open(site.config.database), SystemClock()
    with quick_passwords():
        for name, role in {"somebody": Role.NURSE, **{role.value: role for role in Role}}.items():
            await set_password(store, clock, name, PASSWORD, role)
        await store.write(lambda db: db.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?)", _DEVICE))
        registry = Registry(store, Hub(clock, "setup"), clock)
        await registry.load()
        await registry.admit("bed-1", Patient("P1", "One Alpha"), "test")
        async with site.running():
            anything = AnyRequest(site.addresses()["http"], store, clock, KNOWN)
            # Who may not is turned away at the gate, of which test_access.py walks the whole fence.
            problems = await anything.round(examples=1, seed=1, strangers=False)
    await store.close()
    assert not problems, "\n".join(problems)
    # Otherwise nothing was found because nobody got in.
    assert {200, 204, 400, 401, 404} <= set(anything.asked)
    assert anything.asked[200] > 100
