"""Presence is said once per change; attempts become rarer."""

from devices.model.observation import EventKind, Instant
from gateway.clock import SystemClock
from gateway.errors import LinkError
from gateway.links.backoff import Backoff
from gateway.links.presence import Presence
from tests.support.links import Heard

MISSING, BUSY = LinkError("port-missing", "plug it in"), LinkError("port-busy", "stop the other")


def test_the_same_reason_is_said_once() -> None:
    heard = Heard()
    presence = Presence(SystemClock(), heard)
    for error in (MISSING, MISSING, BUSY, BUSY, MISSING):
        presence.disconnected(error)
    assert heard.presence == ["port-missing", "port-busy", "port-missing"]


def test_a_disconnection_tells_people_what_to_do() -> None:
    heard = Heard()
    Presence(SystemClock(), heard).disconnected(MISSING)
    assert heard.events(EventKind.DISCONNECTED)[0].detail == {
        "why": "port-missing",
        "message": "plug it in",
    }


def test_a_connection_is_said_once_and_at_the_time_of_its_first_bytes() -> None:
    heard = Heard()
    presence = Presence(SystemClock(), heard)
    presence.connected(Instant(7))
    presence.connected(Instant(8))
    assert [event.at for event in heard.events(EventKind.CONNECTED)] == [7]


def test_each_failure_doubles_the_wait_up_to_the_limit() -> None:
    backoff = Backoff(0.5, 5.0)
    assert [backoff.failed() for _ in range(6)] == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_success_makes_the_next_attempt_prompt_again() -> None:
    backoff = Backoff(0.5, 5.0)
    backoff.failed()
    backoff.reset()
    assert backoff.failed() == 0.5
