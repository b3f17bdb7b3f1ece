"""The rows of the route table for crews of vehicles."""

from controller.api import crew
from controller.api import crew_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

_READ = Permission.READ_WARD

# fmt: off
CREW_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/beds/{bed}/crew", "crew", crew.crew, _READ,
          "What a vehicle's crew tells, what it was asked for and whether it knows, and who looks on",
          answer=schemas.CrewView, refusals=(404, 503)),
    Route("POST", "/api/beds/{bed}/watching", "watching", crew.watch, _READ,
          "Say that one looks at a vehicle now: again every 20 s, it holds for 45 s, and its crew sees it",
          refusals=(404, 503)),
    Route("PUT", "/api/beds/{bed}/crew/instructions/{id}", "instruct", crew.instruct, Permission.INSTRUCT,
          "Ask a vehicle's crew to do something; the same number, which is yours to make, asks once",
          body=schemas.InstructBody, refusals=(400, 404, 409, 503)),
    Route("POST", "/api/beds/{bed}/identify", "identify", crew.identify, Permission.ASSIGN,
          "Say who the unknown patient on a bed is: the same stay goes on under the real name",
          body=schemas.IdentifyBody, refusals=(400, 404, 409, 503)),
    Route("GET", "/api/crew/problems", "crew-problems", crew.problems, Permission.READ_OPERATIONS,
          "What crews told and could not be taken over, and why",
          answer=schemas.CrewProblems, refusals=(503,)),
)
# fmt: on
