"""Medicines that must stay cold, over HTTP: who packs, sees, receives and judges; alarms; FHIR."""

import json
from pathlib import Path

from controller.api.context import CONTEXT
from controller.security.permissions import Role
from tests.support.cold import BOX
from tests.support.cold_site import DELIVERIES, cold_site
from tests.support.fhir_documents import faults_of
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person
from tests.support.prescribed import send

SUPPLY = "/api/fhir/SupplyDelivery"


async def test_a_delivery_is_packed_watched_received_and_judged_and_all_of_it_is_told(tmp_path: Path) -> None:
    async with cold_site(tmp_path) as site:
        site.controller.app[CONTEXT].prescriptions.books.gap_ms = 75_000  # [prescriptions] cold_gap_minutes
        nina, pia = site.home.nina, site.home.pia
        one = await site.delivery()
        assert (one["cold"]["state"], one["cold"]["low"], one["cold"]["high"]) == ("unpacked", 2.0, 8.0)
        path, match = f"{DELIVERIES}/{one['number']}", {"If-Match": f'"{one["revision"]}"'}
        assert await status(nina, "PUT", f"{path}/box", json={"place": BOX}, headers=match) == 403
        assert await status(nina, "PUT", "/api/pharmacy/boxes/bed-1", json={"in_use": True}) == 403
        taken = {"holder": "nina", "spot": "corridor"}
        assert (await refusal(nina, "PUT", f"{path}/custody", json=taken, headers=match))[0] == 409
        await site.change(pia, "box", place=BOX)
        await site.measures(6.5)
        cold = (await site.delivery())["cold"]
        assert (cold["state"], cold["last"], cold["is_stale"], cold["place"]) == ("kept", 6.5, False, BOX)
        [box] = (await get(pia, "/api/pharmacy/boxes"))["boxes"]
        assert (box["place"], box["deliveries"], box["devices"]) == (BOX, 1, 1)
        await site.measures(9.0, 5.0)
        site.controller.clock.let_pass(80)
        cold = (await site.delivery())["cold"]
        assert (cold["is_stale"], cold["doubts"]) == (True, ["gap", "range-left"])
        await site.change(nina, "custody", **taken)
        made = await site.change(site.paul, "received", code="", spot="ward-a")
        assert (made["state"], made["cold"]["state"]) == ("completed", "to-judge")
        assert made["cold"]["outside_ms"] // 1000 == 60
        verdict, match = {"verdict": "released", "why": "stable"}, {"If-Match": f'"{made["revision"]}"'}
        assert await status(nina, "PUT", f"{path}/verdict", json=verdict, headers=match) == 403
        made = await site.change(pia, "verdict", **verdict)
        assert [made["cold"][name] for name in ("state", "by", "why")] == ["released", "pia", "stable"]
        assert made["custody"][-1]["cold"]["state"] == "released"
        assert (await get(pia, DELIVERIES))["deliveries"] == []


async def test_fhir_says_how_warm_a_delivery_was_by_observations_that_it_refers_to(tmp_path: Path) -> None:
    async with cold_site(tmp_path) as site:
        await site.change(site.home.pia, "box", place=BOX)
        await site.measures(5.0, 9.0, 4.0)
        found = await get(site.home.anna.session, SUPPLY, patient="4713")
        [one] = [entry["resource"] for entry in found["entry"]]
        reason, *refers = one["extension"]
        assert reason["valueCodeableConcept"]["text"] == "to-judge range-left"
        held = {f"#{inside['id']}": inside for inside in one["contained"]}
        assert [refer["valueReference"]["reference"] for refer in refers] == list(held)
        assert held["#highest"]["valueQuantity"] == {
            "value": 9,
            "unit": "Cel",
            "system": "http://unitsofmeasure.org",
            "code": "Cel",
        }
        assert held["#outside"]["valueQuantity"]["value"] == 1
        for faults in faults_of([found]):
            faults.pop("ours")
            assert faults == {"schema": [], "fhir": [], "medplum": []}, json.dumps(found)


async def test_an_alarm_of_the_box_is_seen_by_who_carries_it_although_not_of_its_ward(tmp_path: Path) -> None:
    async with cold_site(tmp_path) as site:
        await site.change(site.home.pia, "box", place=BOX)
        await site.measures(9.0)
        site.alarms("box-temp-high", 9.0)
        [alarm] = (await site.delivery())["cold"]["alarms"]
        assert (alarm["code"], alarm["detail"]["value"]) == ("box-temp-high", "9.0")
        nina, body = site.home.nina, {"gateway": "ward-a", "alarm": 7}
        assert await status(nina, "POST", f"/api/beds/{BOX}/alarms/seen", json=body) == 404
        path = f"{DELIVERIES}/SD00000001/alarms/seen"
        assert await status(nina, "POST", path, json={**body, "alarm": 8}) == 404
        assert await status(nina, "POST", path, json=body) == 204
        [row] = await site.controller.store.read("SELECT gateway, name, arguments FROM command")
        assert (row["gateway"], row["name"]) == ("ward-a", "acknowledge")
        assert json.loads(row["arguments"]) == {"alarm": 7}
        site.alarms("box-temp-high", 5.0, active=False)
        assert await status(nina, "POST", path, json=body) == 404


async def test_nobody_of_another_ward_learns_of_it_or_sees_its_alarm(tmp_path: Path) -> None:
    async with cold_site(tmp_path) as site:
        await site.change(site.home.pia, "box", place=BOX)
        site.alarms("box-temp-high", 9.0)
        await site.controller.registry.add_ward("ward-z", "Ward Z")
        await add_person(site.controller, "zoe", Role.NURSE, ["ward-z"])
        async with client(site.controller, "zoe") as zoe:
            assert (await get(zoe, DELIVERIES))["deliveries"] == []
            body = {"gateway": "ward-a", "alarm": 7}
            path = f"{DELIVERIES}/SD00000001/alarms/seen"
            assert await refusal(zoe, "POST", path, json=body) == (404, "not-found")


async def test_what_was_packed_and_measured_is_there_after_the_controller_was_killed(tmp_path: Path) -> None:
    async with cold_site(tmp_path) as site:
        await site.change(site.home.pia, "box", place=BOX)
        await site.measures(5.0, 12.0, 5.0)
        await site.controller.stop()
        await site.controller.start()
        cold = (await site.delivery())["cold"]
        assert (cold["state"], cold["highest"], cold["outside_ms"] // 1000) == ("to-judge", 12.0, 60)
        await send(site.home.pia, "PUT", f"/api/pharmacy/boxes/{BOX}", in_use=False)
