"""The routes of cohorts."""

from controller.api import cohorts, pages
from controller.api import cohorts_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

_ASK = Permission.ASK_COHORTS
_PAGES = pages.load("cohorts")
_ONE = "/api/cohorts/{name}/{version}"

# fmt: off
COHORTS_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/cohorts", "cohorts", cohorts.listed, _ASK,
          "Saved cohorts, and how old the lake is", answer=schemas.CohortList, refusals=(404, 503)),
    Route("POST", "/api/cohorts", "cohort-save", cohorts.save, _ASK,
          "Keep a definition: the next version of its name", body=schemas.CohortSaveBody,
          answer=schemas.CohortVersion, refusals=(400, 503)),
    Route("POST", "/api/cohorts/plan", "cohort-plan", cohorts.plan, _ASK,
          "A definition in words and as SQL; nothing is asked", body=schemas.CohortAskBody,
          answer=schemas.CohortPlan, refusals=(400,)),
    Route("POST", "/api/cohorts/ask", "cohort-ask", cohorts.ask, _ASK,
          "How many admissions are as a definition says", body=schemas.CohortAskBody,
          answer=schemas.CohortAnswer, refusals=(400, 404, 503)),
    Route("GET", _ONE, "cohort", cohorts.one, _ASK,
          "A version, and what it found in which lake", answer=schemas.CohortDetail, refusals=(404, 503)),
    Route("POST", f"{_ONE}/runs", "cohort-rerun", cohorts.run, _ASK,
          "Ask it of the lake as it is now", answer=schemas.CohortDetail, refusals=(404, 503)),
    Route("GET", f"{_ONE}/members", "cohort-members", cohorts.members, Permission.LIST_COHORTS,
          "Who matches, of the patients whom one may see", answer=schemas.CohortMembers, refusals=(404, 503)),
    Route("GET", "/cohorts", "page-cohorts", pages.serve(_PAGES, "cohorts.html"), _ASK,
          "Cohorts, for research and quality", media="text/html"),
    Route("GET", "/cohorts/{path:.+}", "files-cohorts", pages.serve(_PAGES), _ASK, "Files",
          media="text/html"),
)
# fmt: on
