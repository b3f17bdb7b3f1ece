"""The routes of research projects."""

from controller.api import pages, research
from controller.api import research_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

P = Permission
_PAGES = pages.load("research")

# fmt: off
RESEARCH_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/research", "research", research.projects, P.SEE_RESEARCH,
          "Research projects, who decided them, and what left", answer=schemas.ResearchList, refusals=(503,)),
    Route("POST", "/api/research", "research-propose", research.propose, P.PROPOSE_RESEARCH,
          "Describe a project that asks for de-identified data", body=schemas.ResearchBody,
          answer=schemas.ResearchView, refusals=(400, 503)),
    Route("DELETE", "/api/research/{number}", "research-close", research.close, P.PROPOSE_RESEARCH,
          "Close a project: no more data leave for it", refusals=(404, 409, 503)),
    Route("PUT", "/api/research/{number}/state", "research-decide", research.decide, P.APPROVE_RESEARCH,
          "Approve, refuse or close a project that somebody else proposed", body=schemas.ResearchStateBody,
          answer=schemas.ResearchView, refusals=(400, 404, 409, 503)),
    Route("POST", "/api/research/consents", "research-consent", research.consent, P.WRITE_PATIENTS,
          "Keep what a patient says of research", body=schemas.ResearchConsentBody,
          refusals=(400, 404, 409, 503)),
    Route("GET", "/research", "page-research", pages.serve(_PAGES, "research.html"), P.SEE_RESEARCH,
          "Research projects: proposed, decided, ended", media="text/html"),
    Route("GET", "/research/{path:.+}", "files-research", pages.serve(_PAGES), P.SEE_RESEARCH, "Files",
          media="text/html"),
)
# fmt: on
