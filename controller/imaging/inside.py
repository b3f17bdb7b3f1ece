"""Who asks over the Unix socket: our own processes, which say for whom they speak (speaker.py).

That the socket is of mode 0600 is what lets nobody else in.
"""

from aiohttp import web

from controller.imaging.asking import AskedAccess
from controller.imaging.errors import BadSpeaker
from controller.imaging.speaker import spoken_for
from controller.security.gate import Refused
from controller.security.permissions import Permission
from controller.security.sessions import State
from controller.security.users import User
from controller.view import View


async def find_inside(request: web.Request) -> AskedAccess:
    """See controller.security.gate.Find. Raises Refused: a header is missing or wrong."""
    try:
        speaker = spoken_for(request.headers)
        permissions = frozenset(map(Permission, speaker.permissions))
    except (BadSpeaker, ValueError) as error:
        raise Refused(400, "bad-request", str(error)) from error
    user = User(speaker.actor, frozenset())
    return AskedAccess(user, permissions, View(None, speaker.opened), State.OPEN, speaker.sight)
