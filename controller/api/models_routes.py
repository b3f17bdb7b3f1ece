"""The row of the route table for models of early warning."""

from controller.api import models
from controller.api import models_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

# fmt: off
MODELS_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/beds/{bed}/model", "bed-model", models.bed_model, Permission.READ_WARD,
          "What a model of early warning said last of the bed's patient: for trial, beside NEWS2",
          answer=schemas.BedModel, refusals=(404, 503)),
)
# fmt: on
