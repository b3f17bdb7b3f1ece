"""The rows of the route table for robots; without `[robots]` there is nothing behind them."""

from dataclasses import replace

from controller.api import pages, robot_camera, robots
from controller.api import robots_schemas as schemas
from controller.api.once import ONCE
from controller.api.replaced import REPLACED
from controller.api.route import Query, Route
from controller.security.permissions import Permission

_READ, _ASK = Permission.READ_ROBOTS, Permission.ASK_ROBOTS
_STOP, _MANAGE = Permission.STOP_ROBOTS, Permission.MANAGE_ROBOTS
_TRANSPORT = robots.LIST + "/transports/{transport}"
_ROBOT = robots.LIST + "/{robot}"
_PAGE = pages.load("robots")
_OVER = replace(REPLACED, meaning="the revision that is known, as ETag has it; without: any", required=False)
_MS = {"type": "integer", "minimum": 0}
_SPAN = (Query("from_ms", "beginning, ms since 1970", _MS), Query("to_ms", "end, at most an hour later", _MS))
_LISTED = (
    Query("subject", 'what it is for, "RX00000001/1"', {"type": "string", "maxLength": 64}, required=False),
    Query("open", "1: only those that are not over", {"type": "string", "enum": ["0", "1"]}, required=False),
)

# fmt: off
ROBOTS_ROUTES: tuple[Route, ...] = (
    Route("GET", robots.LIST, "robots", robots.fleet, _READ,
          "Every robot as it last said that it is, what it does and why; changes come as the event `robots`",
          answer=schemas.Fleet, refusals=(404,)),
    Route("GET", robots.LIST + "/map", "robots-map", robots.robot_map, _READ,
          "The map that robots drive on, and which of its ways are blocked",
          answer=schemas.RobotMap, refusals=(404,)),
    Route("GET", robots.LIST + "/replay", "robots-replay", robots.past, _READ,
          "Where robots were, what they were sent, what was decided and why, of at most an hour",
          answer=schemas.Replay, query=_SPAN, refusals=(400, 404, 503)),
    Route("PUT", robots.LIST + "/stop", "robots-stop", robots.stop, _STOP,
          "Every robot stands at once, until that is taken back", refusals=(404, 503)),
    Route("DELETE", robots.LIST + "/stop", "robots-release", robots.release, _MANAGE,
          "Robots go on", refusals=(404, 503)),
    Route("PUT", robots.LIST + "/edges/{edge}", "robots-edge", robots.edge, _MANAGE,
          "Nobody drives on a way, or one can again", body=schemas.EdgeBody, refusals=(400, 404, 503)),
    Route("PUT", robots.LIST + "/questions/{question}/seen-to", "robots-question", robots.seen_to, _ASK,
          "A person has seen to what was asked", refusals=(404, 503)),
    Route("GET", robots.LIST + "/transports", "transports", robots.transports, _READ,
          "Transports, the newest first", answer=schemas.TransportList, query=_LISTED, refusals=(404, 503)),
    Route("POST", robots.LIST + "/transports", "transport-ask", robots.ask, _ASK,
          "Have something carried from a station to another",
          body=schemas.TransportBody, answer=schemas.TransportAnswer, headers=(ONCE,),
          refusals=(400, 404, 409, 503)),
    Route("GET", _TRANSPORT, "transport", robots.transport, _READ,
          "One transport, and when it will be there", answer=schemas.TransportAnswer, refusals=(404, 503)),
    Route("PUT", _TRANSPORT + "/cancelled", "transport-cancel", robots.cancel, _ASK,
          "It is not wanted any more; what was picked up goes back",
          body=schemas.TransportCancelBody, answer=schemas.TransportAnswer, headers=(_OVER,),
          refusals=(400, 404, 409, 412, 503)),
    Route("PUT", _TRANSPORT + "/loaded", "transport-loaded", robots.loaded, _ASK,
          "The robot that waits for it has it now",
          answer=schemas.TransportAnswer, refusals=(404, 409, 503)),
    Route("PUT", _TRANSPORT + "/drawer", "transport-drawer", robots.drawer, _ASK,
          "Open a drawer of the robot that is there, for whoever proves who they are",
          body=schemas.DrawerBody, answer=schemas.TransportAnswer, refusals=(400, 404, 409, 429, 503)),
    Route("PUT", _TRANSPORT + "/taken", "transport-taken", robots.taken, _ASK,
          "It was taken out, or it was not and goes back",
          body=schemas.TakenBody, answer=schemas.TransportAnswer, refusals=(400, 404, 409, 503)),
    Route("PUT", _ROBOT + "/taken-over", "robot-take-over", robots.take_over, _STOP,
          "A robot stands, and a person moves it", refusals=(404, 503)),
    Route("DELETE", _ROBOT + "/taken-over", "robot-hand-back", robots.hand_back, _MANAGE,
          "A robot drives by our word again", refusals=(404, 503)),
    Route("POST", _ROBOT + "/look", "robot-look", robot_camera.look, _STOP,
          "Turn a robot's camera; it drives on as it did (instant action lookAt)",
          body=robot_camera.LookBody, refusals=(400, 404, 409, 503)),
    Route("PUT", _ROBOT + "/position", "robot-position", robots.say_position, _MANAGE,
          "Say where a robot is (initPosition)", body=schemas.PositionBody, refusals=(400, 404, 409, 503)),
    Route("GET", "/robots", "page-robots", pages.serve(_PAGE, "robots.html"), _READ,
          "Deliveries by robot, the fleet, and what was", media="text/html"),
    Route("GET", "/robots/{path:.+}", "files-robots", pages.serve(_PAGE), Permission.OWN_ACCOUNT,
          "Files", media="text/html"),
)
# fmt: on
