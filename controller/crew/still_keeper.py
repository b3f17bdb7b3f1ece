"""Brings pictures of crews into the archive of images, and tells each box how far its pictures have come.

    keeper = StillKeeper(store, clock, client)        # client None: there is no archive of images here
    await keeper.run()

Each step is one transaction: received, and the word to the box; archived, its chunks gone, and the word.
While the imaging service is away they wait here. What it took and did not live to say is given to it again:
it knows it then.
"""

import asyncio
import json
import logging
import sqlite3
from typing import Any

import aiohttp

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.crew import stills
from controller.crew.said import say
from controller.crew.stills import ARCHIVED, COMING, RECEIVED, REFUSED, Still
from controller.identity.certificates import By
from controller.imaging.client import ImagingClient
from controller.imaging.errors import ServiceRefused, ServiceSilent
from controller.imaging.speaker import Speaker
from controller.registry import CONTROLLER
from controller.store import Store
from devices.model.orders import PICTURE

LOOK_S, AWAY_S, STRAYS_S = 2.0, 10.0, 3600.0
"""How often there is looked for chunks; how long an archive that does not answer is left alone; how
often there is looked for chunks of which nobody tells what they are."""
STRAY_US = 30 * 86_400_000_000
"""For so long they are kept: the word of them may come late."""
_TAKEN = ("stored", "already", "held")
_NOT_NOW = (429, 500, 502, 503, 504, 507)
"""Statuses of what is tried again: RFC 9110, and 507 of RFC 4918: there is no room."""
_WHY = 400
"""Characters of a reason that a box is told."""

_WORK = """SELECT EXISTS (SELECT 1 FROM attachment)
  OR EXISTS (SELECT 1 FROM still WHERE state IN ('coming', 'received'))
  OR EXISTS (SELECT 1 FROM still JOIN stay ON stay.id = still.stay WHERE state = 'archived'
    AND patient_id <> '' AND patient_id <> stay.identifier)"""

log = logging.getLogger(__name__)


class StillKeeper:
    """It has no other state than the database's."""

    def __init__(self, store: Store, clock: Clock, client: ImagingClient | None) -> None:
        self._store = store
        self._clock = clock
        self._client = client

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._bring())
            group.create_task(self._sweep())

    async def _bring(self) -> None:
        while True:
            is_away = await self.step()
            await asyncio.sleep(AWAY_S if is_away else LOOK_S)

    async def _sweep(self) -> None:
        while True:
            for gateway, count in (await self._store.write(self._strays)).items():
                log.warning("%s: %d chunks of files that nobody told of were dropped", gateway, count)
            await asyncio.sleep(STRAYS_S)

    def _strays(self, db: sqlite3.Connection) -> dict[str, int]:
        return stills.drop_strays(db, self._clock.now_us() - STRAY_US)

    async def step(self) -> bool:
        """Bring all as far as it can come. Whether the archive could not take some. Raises StoreError."""
        if not (await self._store.read(_WORK))[0][0]:
            return False
        misnamed, waiting = await self._store.write(self._receive)
        if self._client is None:
            return True
        is_done = True
        try:
            for work, some in ((self._name, misnamed), (self._archive, waiting)):
                for still in some:
                    is_done &= await work(self._client, still)
        except ServiceSilent as error:
            log.info("pictures of crews wait for the archive: %s", error)
            return True
        return not is_done

    def _receive(self, db: sqlite3.Connection) -> tuple[list[Still], list[Still]]:
        """Those that are whole are received. Returns who is known better now, and what the archive lacks."""
        for still in stills.of_state(db, COMING):
            if stills.is_whole(db, still):
                stills.move(db, still, RECEIVED)
                self._say(db, still, RECEIVED)
        for still in stills.came_again(db):
            self._say(db, still, ARCHIVED)
        return stills.misnamed(db), stills.of_state(db, RECEIVED)

    async def _name(self, client: ImagingClient, still: Still) -> bool:
        """The archive learns who was on board, before it gets the next picture. Whether that is settled.

        Raises ServiceSilent, StoreError.
        """
        told = {"gateway": still.gateway, "stay": still.box_stay, "was": still.archived_as}
        told |= {"patient_id": still.patient_id, "patient_name": still.patient_name}
        named = still.patient_id
        try:
            await client.json(_speaker(still), "POST", "/stills/patient", body=told)
        except ServiceRefused as error:
            if error.status in _NOT_NOW:
                return False
            log.error("pictures of %s stay under the identifier of before: %s", still.vehicle, error)
            named = ""
        await self._store.write(lambda db: stills.name(db, still, named))
        return True

    async def _archive(self, client: ImagingClient, still: Still) -> bool:
        """Give it to the archive. Whether that took or refused it. Raises ServiceSilent, StoreError."""
        data = await self._store.write(lambda db: stills.content(db, still))
        if data is None:
            await self._settle(
                still, {"outcome": REFUSED, "message": "its bytes are not those that were told of"}
            )
            return True
        form = aiohttp.FormData()
        form.add_field("about", json.dumps(self._about(still)), content_type="application/json")
        form.add_field("file", data, content_type=still.media, filename="still")
        try:
            async with client.request(_speaker(still), "POST", "/stills", data=form) as response:
                answer = await response.json()
        except ServiceRefused as error:
            if error.status in _NOT_NOW:
                log.warning("a picture of %s waits: %s", still.vehicle, error)
                return False
            answer = {"outcome": REFUSED, "message": str(error)}
        await self._settle(still, answer)
        return True

    async def _settle(self, still: Still, answer: dict[str, Any]) -> None:
        """What the archive said is so, and the box is told."""
        state = ARCHIVED if answer["outcome"] in _TAKEN else REFUSED
        why = _spoken(str(answer["message"]))
        word = answer.get("reason") or why  # of what was quarantined the message may name a patient

        def settle(db: sqlite3.Connection) -> None:
            stills.move(db, still, state, why, str(answer.get("patient_id", "")))
            self._say(db, still, state, word if state == REFUSED else "")
            entity = f"study/{answer.get('study', '')}"
            detail = {
                "gateway": still.gateway,
                "digest": still.digest.hex(),
                "outcome": str(answer["outcome"]),
            }
            actor = f"gateway:{still.gateway}"
            append(
                db, Entry(f"still-{state}", actor, entity, patient=still.patient_id, detail=detail), utc_us
            )

        utc_us = self._clock.utc_us()
        await self._store.write(settle)

    def _about(self, still: Still) -> dict[str, str | int]:
        """As controller/imaging/stills/about.py reads it."""
        offset_us = self._clock.utc_us() - self._clock.now_us()
        return {
            "gateway": still.gateway,
            "vehicle": still.vehicle,
            "stay": still.box_stay,
            "patient_id": still.patient_id,
            "patient_name": still.patient_name,
            "by": still.by,
            "kind": still.kind,
            "media": still.media,
            "shows": still.shows,
            "number": still.number,
            "at_us": still.at_ms * 1000 + offset_us,
            "study_us": still.from_ms * 1000 + offset_us,
            "clock": still.clock,
            "error_ms": -1 if still.error_ms is None else still.error_ms,
        }

    def _say(self, db: sqlite3.Connection, still: Still, state: str, why: str = "") -> None:
        told = {"stay": still.box_stay, "digest": still.digest.hex(), "state": state, "why": why}
        say(db, still.vehicle, PICTURE, told, By(CONTROLLER), utc_us=self._clock.utc_us())


def _spoken(message: str) -> str:
    """As much of it as a box is told, in one line."""
    return "".join(one if one.isprintable() else " " for one in message)[:_WHY]


def _speaker(still: Still) -> Speaker:
    return Speaker(f"gateway:{still.gateway}", permissions=frozenset({"imaging:write"}))
