"""The inventory over HTTP: what the document says, for engineers and for nobody else."""

import gzip
import io
from datetime import UTC, datetime, timedelta
from functools import partial

import segno
from aiohttp import ClientSession
from yarl import URL

from controller.api import inventory_schemas as schemas
from controller.api.inventory_routes import INVENTORY
from controller.identity.files import keep_controller, open_authority
from controller.identity.receipts import signed_receipt
from controller.inventory import picture
from controller.registry import Patient
from controller.security.permissions import GRANTS, Permission, Role
from tests.support.controller import RunningController
from tests.support.http import client, get, refusal, status
from tests.support.people import add_person

DEVICES = "/api/inventory/devices"
CUFF = {"profile": "beurer-bm85", "serial": "A17", "gateway": "gw-a"}
CSV = {"Content-Type": "text/csv"}


async def record(session: ClientSession, device: str = "bp-1", **more: str | bool) -> None:
    assert await status(session, "PUT", f"{DEVICES}/{device}", json={**CUFF, **more}) == 200


async def test_every_answer_is_as_the_document_describes(controller: RunningController) -> None:
    async with client(controller, "engineer") as engineer:
        await record(engineer, bed="bed-1")
        schemas.Inventory.model_validate(await get(engineer, "/api/inventory"))
        detail = schemas.InventoryDetail.model_validate(await get(engineer, f"{DEVICES}/bp-1"))
        assert (detail.bed, detail.history[0].by, detail.placements[0].by) == (
            "bed-1",
            "engineer",
            "engineer",
        )
        async with engineer.post("/api/inventory/scan", json={"text": "SN A17"}) as response:
            assert schemas.Scanned.model_validate(await response.json()).devices == ["bp-1"]


async def test_a_second_bed_is_refused_until_it_is_moved(controller: RunningController) -> None:
    await controller.add_bed("bed-2", "Bed 2")
    async with client(controller, "engineer") as engineer, client(controller, "nurse") as nurse:
        await record(engineer, bed="bed-1")
        path = "/api/devices/bp-1/bed"
        assert await refusal(nurse, "PUT", path, json={"bed": "bed-2"}) == (409, "conflict")
        assert await refusal(engineer, "PUT", f"{DEVICES}/bp-1", json={**CUFF, "bed": "bed-2"}) == (
            409,
            "conflict",
        )
        assert controller.registry.bed_of("bp-1") == "bed-1"
        assert await status(nurse, "PUT", path, json={"bed": "bed-2", "move": True}) == 204
        assert controller.registry.bed_of("bp-1") == "bed-2"


async def test_nobody_but_an_engineer_reaches_any_of_it(controller: RunningController) -> None:
    others = [role for role in Role if Permission.READ_INVENTORY not in GRANTS[role]]
    assert Role.NURSE in others
    for role in others:
        async with client(controller, role.value) as person:
            for route in INVENTORY:
                path = route.path.replace("{device}", "ox-1").replace("{gateway}", "gw-a")
                path = path.replace("{path:.+}", "main.js")
                code, _ = await refusal(person, route.method, path)
                assert code == 403, (role, route.name)
    async with client(controller, "engineer") as engineer:
        assert await status(engineer, "GET", "/inventory") == 200


async def test_a_photo_of_a_label_is_read(controller: RunningController) -> None:
    out = io.BytesIO()
    segno.make("Nonin3230_501900083").save(out, kind="png", scale=4)
    async with client(controller, "engineer") as engineer:
        headers = {"Content-Type": "image/png"}
        async with engineer.post("/api/inventory/photo", data=out.getvalue(), headers=headers) as response:
            [text] = schemas.Photographed.model_validate(await response.json()).texts
        assert text.endswith("Nonin3230_501900083")


PNG = {"Content-Type": "image/png"}
BAD_BODIES = (
    ("photo", PNG, b"no picture"),
    ("photo", {"Content-Type": "text/html"}, b"<img>"),
    ("photo", PNG, bytes(picture.LARGEST_BYTES + 1)),
    ("photo", {**PNG, "Content-Encoding": "gzip"}, gzip.compress(bytes(5 * picture.LARGEST_BYTES))),
    ("import", {"Content-Type": "application/json"}, b"[]"),
    ("import", CSV, b"device\n"),
    ("import", CSV, bytes(2_000_001)),
    ("import?dry_run=yes", CSV, b"device,profile\n"),
)


async def test_a_bad_heavy_or_packed_body_is_refused_with_what_to_do(controller: RunningController) -> None:
    async with client(controller, "engineer") as engineer:
        for path, headers, body in BAD_BODIES:
            found = await refusal(engineer, "POST", f"/api/inventory/{path}", data=body, headers=headers)
            assert found == (400, "bad-request"), (path, headers)


async def test_a_table_is_checked_imported_and_exported(controller: RunningController) -> None:
    text = b"\xef\xbb\xbfdevice;profile;notes\nbp-1;beurer-bm85;=1+1\nbp-2;nobody's;\n"
    async with client(controller, "engineer") as engineer:
        for dry_run in (1, 0):
            path = f"/api/inventory/import?dry_run={dry_run}"
            async with engineer.post(path, data=text, headers=CSV) as response:
                report = schemas.ImportReport.model_validate(await response.json())
            assert (report.added, report.faults[0].row, report.faults[0].column) == (1, 3, "profile")
            known = {one["device"] for one in (await get(engineer, "/api/inventory"))["devices"]}
            assert ("bp-1" in known) is not dry_run
        async with engineer.get("/api/inventory/export") as response:
            assert response.headers["Content-Disposition"] == 'attachment; filename="wardlink-devices.csv"'
            assert b"bp-1,beurer-bm85,,,,,,,'=1+1," in await response.read()


async def test_decommissioning_gives_a_receipt_to_download(controller: RunningController) -> None:
    folder, now = controller.store.folder / "ca", datetime.now(UTC)
    keep_controller(folder, open_authority(folder, now), "controller", now, timedelta(days=1))
    path = f"{DEVICES}/bp-1/decommissioning"
    async with client(controller, "engineer") as engineer:
        await record(engineer)
        assert await refusal(engineer, "POST", path, json={"why": "broken"}) == (409, "conflict")
    await controller.stop()
    controller.sign = partial(signed_receipt, folder)
    await controller.start()
    async with client(controller, "engineer") as engineer:
        assert await refusal(engineer, "POST", path, json={"why": "?"}) == (400, "bad-request")
        assert await status(engineer, "POST", path, json={"why": "broken"}) == 204
        async with engineer.get(f"{DEVICES}/bp-1/receipt") as response:
            assert response.content_type == "application/pkcs7-mime"
            assert '"device": "bp-1"' in await response.text()
        assert await refusal(engineer, "PUT", "/api/devices/bp-1/bed", json={"bed": "bed-1"}) == (
            409,
            "conflict",
        )
        assert await refusal(engineer, "PUT", f"{DEVICES}/bp-1", json=CUFF) == (409, "conflict")
        await record(engineer, again=True)


async def test_another_pairing_needs_a_reason(controller: RunningController) -> None:
    path = f"{DEVICES}/bp-1/pairing"
    async with client(controller, "engineer") as engineer:
        await record(engineer)
        assert await refusal(engineer, "PUT", path, json={"pairing": "none", "why": ""}) == (
            400,
            "bad-request",
        )
        assert await refusal(engineer, "PUT", path, json={"pairing": "weak", "why": "new"}) == (
            400,
            "bad-request",
        )
        assert await status(engineer, "PUT", path, json={"pairing": "none", "why": "new one"}) == 204
        assert (await get(engineer, f"{DEVICES}/bp-1"))["pairing"] == "none"


async def test_engineers_are_told_no_patient(controller: RunningController) -> None:
    await controller.registry.admit("bed-1", Patient("CANARY-77", "Canary Bird"), "nurse")
    async with client(controller, "engineer") as engineer:
        await record(engineer, bed="bed-1")
        for path in ("/api/inventory", f"{DEVICES}/bp-1", "/api/inventory/export"):
            async with engineer.get(path) as response:
                assert response.status == 200
                assert "canary" not in (await response.text()).lower()
        assert (await get(engineer, f"{DEVICES}/bp-1"))["placements"][0]["stays"][0]["id"] == 1


async def test_a_name_that_could_not_be_a_topic_is_refused(controller: RunningController) -> None:
    async with client(controller, "engineer") as engineer:
        for device in ("%23", "%2B", "..%2Fetc", "%00", "%FF", "A", "x" * 49):
            path = URL(f"{controller.address}{DEVICES}/{device}", encoded=True)
            assert await refusal(engineer, "PUT", path, json=CUFF) == (400, "bad-request"), device
            assert await status(engineer, "GET", path) == 404


async def test_a_search_is_an_order_to_its_gateway_and_is_told_with_the_devices(
    controller: RunningController,
) -> None:
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 1"))
    path = "/api/inventory/gateways/gw-a/search"
    async with client(controller, "engineer") as engineer:
        assert await status(engineer, "POST", path, json={"seconds": 8}) == 204
        assert await refusal(engineer, "POST", path, json={"seconds": 600}) == (400, "bad-request")
        told = schemas.Inventory.model_validate(await get(engineer, "/api/inventory"))
        assert [(one.gateway, one.state) for one in told.searches] == [("gw-a", "sent")]
        assert told.found == []
    await controller.registry.add_ward("ward-z", "Ward Z")
    await add_person(controller, "z", Role.ENGINEER, ["ward-z"])
    await controller.store.write(lambda db: db.execute("UPDATE gateway SET place = 'ward-a'"))
    async with client(controller, "z") as other:
        assert await refusal(other, "POST", path, json={"seconds": 8}) == (404, "not-found")
