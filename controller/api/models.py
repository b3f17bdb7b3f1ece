"""The score of a model of early warning, at a bed: beside NEWS2, for trial, never an alarm."""

from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.context import context, seen_bed
from controller.api.models_context import MODELS
from controller.models.model import Model
from controller.models.records import Said, newest


async def bed_model(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/model: what it said last of the present patient."""
    bed, served = seen_bed(request, request.match_info["bed"]), request.config_dict.get(MODELS)
    if served is None:
        return answer({"model": None, "score": None})
    model = served.model
    said = await newest(context(request).store, model, bed.id) if bed.patient else None
    told = model.model_dump(include={"name", "version", "date", "label", "outcome", "horizon_h"})
    about = {**told, "version": model.version, "data": model.trained_on.data}
    return answer({"model": about, "score": said and _score(model, said)})


def _score(model: Model, said: Said) -> dict[str, Any]:
    pushes = {} if said.probability is None else model.scored(said.inputs).pushes
    order = sorted(pushes.items(), key=lambda one: -abs(one[1]))
    return {
        "at_ms": said.at_ms,
        "probability": said.probability,
        "why": dict(said.why),
        "seen_ms": {str(one): at_ms for one, at_ms in said.seen_ms.items()},
        "pushes": [{"parameter": str(one), "push": push} for one, push in order],
    }
