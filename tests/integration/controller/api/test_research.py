"""Research projects over HTTP: a physician proposes, an auditor decides, nurses keep what patients say."""

from typing import Any

from controller.clock import SystemClock
from controller.registry import Patient
from tests.support.controller import RunningController
from tests.support.http import client, get, status

DAY_MS = 86_400_000
PROJECT = {
    "title": "Sepsis",
    "purpose": "early signs",
    "basis": "consent",
    "metrics": ["hr", "spo2"],
    "from_day": "2026-01-01",
    "to_day": "2026-06-30",
}


def proposed(**changed: Any) -> dict[str, Any]:
    return {**PROJECT, "expires_utc_ms": SystemClock().utc_us() // 1000 + 30 * DAY_MS, **changed}


async def test_a_project_goes_its_way_through_two_people(controller: RunningController) -> None:
    one = "/api/research/RP00000001"
    decision = {"state": "approved", "why": "ethics 12/26"}
    async with client(controller, "physician") as ben:
        assert await status(ben, "POST", "/api/research", json=proposed(metrics=["nothing"])) == 400
        assert await status(ben, "POST", "/api/research", json=proposed(to_day="2025-01-01")) == 400
        assert await status(ben, "POST", "/api/research", json=proposed()) == 200
        assert await status(ben, "PUT", f"{one}/state", json=decision) == 403
    async with client(controller, "auditor") as olga:
        assert await status(olga, "POST", "/api/research", json=proposed()) == 403
        assert await status(olga, "PUT", f"{one}/state", json=decision) == 200
        assert await status(olga, "PUT", f"{one}/state", json=decision) == 409
        [project] = (await get(olga, "/api/research"))["projects"]
    assert (project["state"], project["holds"], project["decided_by"]) == ("approved", True, "auditor")
    async with client(controller, "physician") as ben:
        assert await status(ben, "DELETE", one) == 204
        [project] = (await get(ben, "/api/research"))["projects"]
    assert (project["state"], project["holds"]) == ("closed", False)
    assert (project["decided_by"], project["closed_by"]) == ("auditor", "physician")
    assert project["closed_utc_ms"] >= project["decided_utc_ms"]


async def test_what_a_patient_says_of_research_is_kept(controller: RunningController) -> None:
    await controller.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
    said = {"patient": "4711", "said": "deny", "language": "en"}
    async with client(controller, "nurse") as anna:
        assert await status(anna, "POST", "/api/research/consents", json=said) == 204
        assert await status(anna, "POST", "/api/research/consents", json={**said, "patient": "?"}) == 404
        assert await status(anna, "POST", "/api/research/consents", json={**said, "said": "withdrawn"}) == 409
        assert await status(anna, "GET", "/api/research") == 403
    [row] = await controller.store.read("SELECT patient, what, said, text FROM sharing_consent")
    assert tuple(row)[:3] == ("4711", "research", "deny")
    assert "medical research" in row["text"]
