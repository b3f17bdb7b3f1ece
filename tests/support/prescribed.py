"""Prescriptions over HTTP for other tests: a physician with a real key writes and signs them.

anna = await Prescriber.of(session)            # logged in as anna
rx = await anna.signed("4713", setting="community", delivery="home")
"""

import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.support.controller import PASSWORD
from tests.support.http import get
from tests.support.prescriptions import ATC, GTIN, code
from tests.support.signers import PHRASE, Signer

RX = "/api/prescriptions"
MEDICINE = {
    "code": {"system": ATC, "code": "C07AB02", "display": "Metoprolol 50 mg"},
    "form": "tablet",
    "ingredients": [
        {"substance": {"system": ATC, "code": "C07AB02", "display": "Metoprolol"}, "strength": "50 mg"}
    ],
}
WANTED: dict[str, Any] = {
    "setting": "inpatient",
    "medicine": MEDICINE,
    "dose": {"value": "1", "unit": "{tablet}"},
    "route": {"system": "http://snomed.info/sct", "code": "26643006", "display": "Oral route"},
    "timing": {"rhythm": "every", "hours": 12},
    "quantity": {"value": "20", "unit": "{tablet}"},
    "days": 20,
    "repeats": 1,
    "reason": "high blood pressure",
}
_WRAP = {name: getattr(PHRASE, name) for name in type(PHRASE).__dataclass_fields__}


async def send(
    session: aiohttp.ClientSession, method: str, path: str, revision: int | None = None, **body: Any
) -> Any:
    """What is answered to a change that must succeed."""
    headers = {} if revision is None else {"If-Match": f'"{revision}"'}
    async with session.request(method, path, json=body, headers=headers) as response:
        assert response.status < 300, await response.text()
        return await response.json() if response.status == 200 else None


@dataclass
class Prescriber:
    """anna, with her key."""

    session: aiohttp.ClientSession
    key: Signer = field(default_factory=lambda: Signer("anna"))

    @classmethod
    async def of(cls, session: aiohttp.ClientSession, key: Signer | None = None) -> "Prescriber":
        made = cls(session, key or Signer("anna"))
        async with session.post("/api/signing/challenge") as response:
            challenge = (await response.json())["challenge"]
        proof = {"proof": made.key.prove(challenge), "wraps": [_WRAP], "password": PASSWORD}
        await send(session, "POST", "/api/signing/keys", challenge=challenge, **proof)
        made.key.x5c = (await get(session, "/api/signing/unlock"))["x5c"]
        return made

    async def signed(self, patient: str, delivery: str = "ward", **wanted: Any) -> dict[str, Any]:
        """It holds; a hint of high severity is overridden."""
        body: dict[str, Any] = {"patient": patient, "delivery": delivery, "wanted": {**WANTED, **wanted}}
        rx = await send(self.session, "POST", RX, **body)
        reasons = {one["code"]: "known" for one in rx["issues"] if one["needs_reason"]}
        if reasons:
            body.pop("patient")
            await send(self.session, "PUT", f"{RX}/{rx['number']}/draft", 1, **body, reasons=reasons)
        return await self.sign(rx["number"])

    async def sign(self, number: str) -> dict[str, Any]:
        """A draft that is there."""
        at_s = (await get(self.session, "/api/signing/unlock"))["utc_s"]
        async with self.session.get(f"{RX}/{number}/document") as response:
            revision = int(response.headers["ETag"].strip('"'))
            jws = self.key.sign(json.loads(await response.read()), at_s)
        return await send(self.session, "PUT", f"{RX}/{number}/signature", revision, signature=jws)

    async def step(self, rx: dict[str, Any], state: str) -> dict[str, Any]:
        told = {"state": state, "why": "it is over"}
        return await send(self.session, "PUT", f"{RX}/{rx['number']}/state", rx["revision"], **told)


async def handed_out(
    pia: aiohttp.ClientSession, number: str, medicine: dict[str, Any] = MEDICINE, serial: str = "S1"
) -> dict[str, Any]:
    """As a pharmacist does it, of a medicine that one alone may hand out."""
    made = await prepared(pia, number, medicine, serial)
    path = f"/api/pharmacy/dispenses/{made['number']}/completed"
    return await send(pia, "PUT", path, made["revision"], destination="ward-a")


async def prepared(
    pia: aiohttp.ClientSession, number: str, medicine: dict[str, Any] = MEDICINE, serial: str = "S1"
) -> dict[str, Any]:
    """The same, until its packs are scanned."""
    here = "/api/pharmacy"
    held = [one["gtin"] for one in (await get(pia, f"{here}/products"))["products"]]
    if GTIN not in held:
        await send(pia, "PUT", f"{here}/products/{GTIN}", 0, medicine=medicine, high_alert=False)
    queue = (await get(pia, f"{here}/queue"))["queue"]
    [item] = [one for one in queue if one["prescription"]["number"] == number]
    path = f"{here}/tasks/{item['task']['id']}"
    task = await send(pia, "PUT", f"{path}/state", 1, state="accepted")
    made = await send(pia, "POST", f"{path}/dispenses", task["revision"], value="20")
    path = f"{here}/dispenses/{made['number']}"
    return await send(pia, "POST", f"{path}/packs", made["revision"], code=code(serial=serial), value="20")
