"""A session and the time: each word is the answer to what it asks for now."""

from uuid import UUID

from devices.model.observation import Instant, later
from devices.model.quality_on_demand import Standing
from gateway.errors import ApiRefused
from gateway.quality.session import QosSession, Request
from gateway.quality.wire import SessionInfo

ASKED_S = 600
START = Instant(7_000_000_000)


def told(
    number: int = 1, status: str = "AVAILABLE", duration_s: int = ASKED_S, why: str = "", sink: str = ""
) -> SessionInfo:
    server = {"ipv4Address": "198.51.100.7"}
    said = {"sessionId": str(UUID(int=number)), "duration": duration_s, "qosStatus": status, "sink": sink}
    return SessionInfo.model_validate({**said, "statusInfo": why, "applicationServer": server})


def name(number: int = 1) -> str:
    return str(UUID(int=number))


class Talk:
    """It begins when nothing is held at the operator, unless it is not `found` out yet."""

    def __init__(self, *, found: bool = True) -> None:
        self.session, self.now = QosSession(ASKED_S), START
        if found:
            self.answers()

    def asks(self) -> Request | None:
        return self.session.next(self.now)

    def passes(self, seconds: float) -> "Talk":
        self.now = later(self.now, seconds)
        return self

    def answers(self, *infos: SessionInfo) -> Request:
        request = self.asks()
        assert request is not None
        self.session.answered(request, infos, self.now, self.now)
        return request

    def refuses(self, status: int, code: str = "CODE", retry_after_s: float = 0) -> Request:
        request = self.asks()
        assert request is not None
        self.session.refused(request, ApiRefused(status, code, retry_after_s), self.now)
        return request

    def loses(self) -> Request:
        request = self.asks()
        assert request is not None
        self.session.lost(request, "nobody answers", self.now)
        return request

    @property
    def stands(self) -> tuple[Standing | None, str]:
        return self.session.standing, self.session.why
