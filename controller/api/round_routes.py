"""The rows of the route table for the page of the medication round; its API is that of prescriptions."""

from controller.api import pages
from controller.api.route import Route
from controller.security.permissions import Permission

_PAGE = pages.load("round")

# fmt: off
ROUND_ROUTES: tuple[Route, ...] = (
    Route("GET", "/round", "page-round", pages.serve(_PAGE, "round.html"), Permission.ADMINISTER,
          "The medication round, and what is on its way to the ward", media="text/html"),
    Route("GET", "/round/{path:.+}", "files-round", pages.serve(_PAGE), Permission.OWN_ACCOUNT,
          "Files", media="text/html"),
)
# fmt: on
