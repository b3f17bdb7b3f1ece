"""Conferences over HTTP: asked for by ben, led by anna, with cara; of 4713 and 4714 of ward-a.

board = await board_at(home)                  # a Home; anna and cara have keys
made = await board.agreed()
"""

import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from controller.api import conferences_schemas as schemas
from controller.security.permissions import Role
from tests.support.home import Home
from tests.support.http import client, get
from tests.support.people import add_person
from tests.support.prescribed import Prescriber, send
from tests.support.signers import Signer

ALL = "/api/conferences"
View = schemas.ConferenceView


@dataclass
class Board:
    """Who takes part; ben and anna see the ward's patients, cara is of another ward."""

    home: Home
    ben: aiohttp.ClientSession
    cara: Prescriber

    @property
    def anna(self) -> Prescriber:
        return self.home.anna

    async def asked(self, *members: dict[str, Any], **more: Any) -> View:
        start_ms = self.home.controller.clock.utc_us() // 1000 + 600_000
        cases = [{"patient": "4713", "question": "operate?"}, {"patient": "4714", "question": "valve?"}]
        told = [{"actor": "anna", "part": "chair"}, {"actor": "cara", "required": True}, *members]
        body = {"title": "lung board", "start_ms": start_ms, "members": told, "cases": cases, **more}
        return view(await send(self.ben, "POST", ALL, **body))

    async def agreed(self, *members: dict[str, Any], **more: Any) -> View:
        made = await self.asked(*members, **more)
        for one in (self.anna.session, self.cara.session):
            made = view(await send(one, "PUT", f"{ALL}/{made.number}/answer", answer="accepted"))
        return made

    async def begun(self, **more: Any) -> View:
        made = await self.step(await self.agreed(**more), "in-progress")
        path = f"{ALL}/{made.number}/now"
        return view(await send(self.anna.session, "PUT", path, case=made.cases[0].id))

    async def step(self, made: View, state: str, why: str = "") -> View:
        path = f"{ALL}/{made.number}/state"
        return view(await send(self.anna.session, "PUT", path, made.revision, state=state, why=why))

    async def consent(self, made: View, said: str = "permit", case: int = 0) -> View:
        path = f"{case_of(made, case)}/consents"
        return view(await send(self.home.anna.session, "POST", path, said=said))

    async def choose(self, made: View, kind: str = "document", case: int = 0, **what: Any) -> int:
        body = {"kind": kind, "title": f"the {kind}", "what": what or {"text": "history:\nnone"}}
        return (await send(self.ben, "POST", f"{case_of(made, case)}/items", **body))["id"]

    async def concluded(self, made: View, case: int = 0) -> View:
        path = f"{case_of(made, case)}/conclusion"
        said = {"conclusion": "operate", "plan": "next week"}
        return view(await send(self.anna.session, "PUT", path, 0, **said))

    async def signed(self, made: View, who: Prescriber, case: int = 0, **stance: Any) -> View:
        path, told = f"{case_of(made, case)}/conclusion", {"stand": "agrees", **stance}
        version = {"If-Match": f'"{made.cases[case].version}"'}
        async with who.session.post(f"{path}/document", json=told, headers=version) as response:
            assert response.status == 200, await response.text()
            document = json.loads(await response.read())
        at_s = (await get(who.session, "/api/signing/unlock"))["utc_s"]
        signature = who.key.sign(document, at_s)
        body = {**told, "signature": signature}
        return view(await send(who.session, "PUT", f"{path}/signature", made.cases[case].version, **body))

    async def took_part(self, made: View, actor: str) -> View:
        path = f"{ALL}/{made.number}/present"
        return view(await send(self.anna.session, "POST", path, actor=actor))


async def board_at(home: Home) -> Board:
    for name, ward in (("ben", "ward-a"), ("cara", "ward-b"), ("dora", "ward-b")):
        await add_person(home.controller, name, Role.PHYSICIAN, [ward])
    ben, cara = [
        await home.stack.enter_async_context(client(home.controller, name)) for name in ("ben", "cara")
    ]
    return Board(home, ben, await Prescriber.of(cara, Signer("cara")))


def view(answer: Any) -> View:
    return schemas.ConferenceAnswer.model_validate(answer).conference


def case_of(made: View, case: int = 0) -> str:
    return f"{ALL}/{made.number}/cases/{made.cases[case].id}"
