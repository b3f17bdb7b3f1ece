"""What the quick viewer asks the imaging service for, beside pictures: short answers in JSON of its own.

GET  /quick/patients/{patient}/studies               a patient's studies, the newest first
GET  /quick/studies/{study}/series/{series}          the images of a series
GET  /quick/studies/{study}/states                   what has been drawn on the study's images
POST /quick/studies/{study}/series/{series}/instances/{instance}/states     keep what was drawn on one
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import orjson
from aiohttp import web

from controller.imaging.annotate.images import told
from controller.imaging.annotate.marks import read_drawing
from controller.imaging.annotate.shown import CLASSES, shown
from controller.imaging.annotate.state import Maker, build
from controller.imaging.archive.archive import Stored
from controller.imaging.archive.verdicts import Outcome
from controller.imaging.errors import BadDrawing
from controller.imaging.parts import actor, parts, saw, sight
from controller.imaging.sight import CLAUSE, Sight, parameters

MOST_STUDIES = 100
_AT_A_TIME = 64
"""Metadata of so many instances are read before others are served."""
_STUDIES = f"""SELECT id, uid, date, time, description, modalities, instances, changed_ms FROM study
WHERE patient_id = :patient AND {CLAUSE}
ORDER BY date DESC, time DESC, id DESC LIMIT :most"""
_SERIES = """SELECT series.study, series.uid, modality, series.number, description,
  count(instance.id), max(instance.id) FROM series
JOIN instance ON instance.series = series.id AND instance.frames > 0
WHERE series.study IN (SELECT value FROM json_each(:studies))
GROUP BY series.id ORDER BY series.number IS NULL, series.number, series.id"""
_MIDDLE = """SELECT instance.uid, frames FROM instance JOIN series ON series.id = instance.series
WHERE series.uid = ? AND frames > 0 ORDER BY instance.number IS NULL, instance.number, instance.uid
LIMIT 1 OFFSET ?"""
_KEPT = frozenset({Outcome.STORED, Outcome.HELD})


async def studies(request: web.Request) -> web.StreamResponse:
    """A patient's studies with their series of images, and which image stands for each: the middle one."""
    patient, who = request.match_info["patient"], sight(request)
    store = parts(request).archive.store
    rows = await store.read(_STUDIES, {**parameters(who), "patient": patient, "most": MOST_STUDIES})
    of: dict[int, list[dict[str, Any]]] = {row[0]: [] for row in rows}
    for study, uid, modality, number, description, images, _ in await store.read(
        _SERIES, {"studies": json.dumps(list(of))}
    ):
        [(instance, frames)] = await store.read(_MIDDLE, (uid, (images - 1) // 2))
        of[study].append(
            {
                "series": uid,
                "modality": modality,
                "number": number,
                "description": description,
                "images": images,
                "instance": instance,
                "frame": (frames + 1) // 2,
            }
        )
    found = [_study(row, of[row[0]]) for row in rows]
    if found:
        await saw(request, [patient], f"patient/{patient}/studies")
    return _answer({"studies": found})


async def images(request: web.Request) -> web.StreamResponse:
    """The images of a series in their order; what has no pixel data is left out."""
    study, series = request.match_info["study"], request.match_info["series"]
    found = await parts(request).archive.find(sight(request), study, series)
    await saw(request, _patients(found), f"study/{study}")
    pictures = [one for one in found if one.frames > 0]
    return _answer({"images": [told(one) for one in await _metadata(request, pictures)]})


async def states(request: web.Request) -> web.StreamResponse:
    """Every presentation state of a study, the oldest first."""
    study = request.match_info["study"]
    found = await parts(request).archive.find(sight(request), study)
    await saw(request, _patients(found), f"study/{study}")
    kept = [
        shown(one) for one in await _metadata(request, [one for one in found if one.sop_class in CLASSES])
    ]
    return _answer({"states": [one.told() for one in sorted(kept, key=lambda one: one.made)]})


async def save(request: web.Request) -> web.StreamResponse:
    """Keep what was drawn on an image as a presentation state of its study: 201 and that state."""
    study, series, instance = (request.match_info[name] for name in ("study", "series", "instance"))
    drawing = read_drawing(await request.read())
    archive, who = parts(request).archive, sight(request)
    [stored] = await archive.find(who, study, series, instance)
    await saw(request, [stored.patient_id], f"instance/{instance}", "annotate")
    [image] = await _metadata(request, [stored])
    before = sum(one.sop_class in CLASSES for one in await archive.find(who, study))
    maker = Maker(actor(request), parts(request).clock.utc_us(), f"2.25.{uuid4().int}", before + 1)
    content = build(image, drawing, maker)
    async with archive.begin(f"dicomweb:{maker.name}") as batch:
        incoming = batch.part()
        incoming.write(content)
        await batch.take(incoming, study)
        [verdict] = await batch.commit()
    if verdict.outcome not in _KEPT:
        raise BadDrawing(f"the drawing was not kept: {verdict.message}")
    [state] = await archive.find(Sight(None, held=True), study, instance=maker.instance)
    [kept] = await _metadata(request, [state])
    return _answer(shown(kept).told(), 201)


async def _metadata(request: web.Request, stored: Sequence[Stored]) -> list[Any]:
    archive = parts(request).archive
    found: list[Any] = []
    for begin in range(0, len(stored), _AT_A_TIME):
        found += [orjson.loads(one) for one in await archive.metadata(stored[begin : begin + _AT_A_TIME])]
    return found


def _patients(stored: Sequence[Stored]) -> frozenset[str]:
    return frozenset(one.patient_id for one in stored)


def _study(row: Sequence[Any], series: list[dict[str, Any]]) -> dict[str, Any]:
    _, uid, date, time, description, modalities, instances, changed_ms = row
    return {
        "study": uid,
        "date": date,
        "time": time,
        "description": description,
        "modalities": [one for one in modalities.split("\\") if one],
        "instances": instances,
        "changed_ms": changed_ms,
        "series": series,
    }


def _answer(data: Any, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(
        body=orjson.dumps(data), status=status, content_type="application/json", headers=headers
    )
