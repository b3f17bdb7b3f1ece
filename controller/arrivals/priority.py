"""Asks a city's traffic lights for priority, in the words of SAE J2735, and reads what they answer. Pure.

    asking = Asking("amb-1", approaches)
    message = asking.look(where, utc_us)     # a SignalRequestMessage as JSON; None: nothing is to be said
    message = asking.end(utc_us)             # the run is over: what was asked for is cancelled
    told = read_status(payload)              # of a SignalStatusMessage

The JSON has the names, units and enumerations of J2735's data frames (edition of 2016; `transmisson` is
spelled so there). It is no encoding of that standard: an adapter of the city makes UPER, or whatever the city
takes, of it. Heading 0.0125°, latitude and longitude 1e-7°, speed 0.02 m/s, `second` and `duration` ms.

A vehicle on its way to a stop line, in the direction in which one drives over it, asks for it, says at every
look when it will be there, and cancels when it is over, has turned away, or nobody knows where it is.
Only a fix begins a request: a position that is only reckoned keeps alive what was asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from controller.arrivals.globe import course_to, distance_m
from controller.arrivals.position import Position, State
from controller.arrivals.streets import Approach
from controller.clock import minute_of_year

REACH_M = 400.0
"""So far before a stop line it is asked for, in metres of a straight street."""
ASIDE = 35.0
"""Degrees by which the course, or the way to the stop line, may differ from the heading of the approach."""
AT_LINE_M = 12.0
"""This near to it, the direction to the stop line says nothing."""
SLOWEST_MPS = 3.0
"""When it will be there is reckoned with this speed at least: a vehicle in a jam means to come."""
LEAST_MS, MOST_MS = 4_000, 60_000
"""How long a green light is asked for: from the error of the position."""
LARGEST = 16_384
"""Bytes of a status."""

Json = dict[str, Any]
Response = Literal[
    "unknown",
    "requested",
    "processing",
    "watchOtherTraffic",
    "granted",
    "rejected",
    "maxPresence",
    "reserviceLocked",
]
"""PrioritizationResponseStatus."""


@dataclass(slots=True)
class Asked:
    """One request. `at_us`: when the vehicle will be at the stop line, UTC."""

    approach: Approach
    number: int
    at_us: int
    status: Response | None = None
    """What the city answered; None: nothing yet."""


@dataclass(slots=True)
class Asking:
    """What one vehicle has asked for."""

    vehicle: str
    approaches: Sequence[Approach]
    asked: dict[tuple[int, int, int], Asked] = field(default_factory=dict[tuple[int, int, int], Asked])
    """By region, intersection and approach."""
    _numbers: int = 0
    _sequence: int = -1

    @property
    def station(self) -> int:
        """StationID: which number a vehicle has is agreed with nobody, so it is made of its name."""
        return crc32(self.vehicle.encode())

    def look(self, where: Position | None, utc_us: int) -> Json | None:
        """What is to be said of a vehicle that is at `where`, in a message."""
        if where is None or where.state is State.LOST or where.radius_m is None:
            return self.end(utc_us)
        packages: list[Json] = []
        near = {_key(one): one for one in self.approaches if self._is_ahead(one, where)}
        for key in self.asked.keys() - near.keys():
            packages.append(_package(self.asked.pop(key), "priorityCancellation"))
        for key, one in near.items():
            kind = "priorityRequestUpdate" if key in self.asked else "priorityRequest"
            held = self.asked.get(key) or self._new(one)
            held.at_us = utc_us + int(_seconds(one, where) * 1_000_000)
            packages.append(_package(held, kind, _duration_ms(where)))
            self.asked[key] = held
        return self._message(packages, where, utc_us) if packages else None

    def end(self, utc_us: int) -> Json | None:
        """Cancel everything."""
        packages = [_package(one, "priorityCancellation") for one in self.asked.values()]
        self.asked.clear()
        return self._message(packages, None, utc_us) if packages else None

    def answered(self, told: "Status") -> bool:
        """Take an answer; whether it is to one of these requests."""
        found = False
        for one in self.asked.values():
            at = one.approach.region, one.approach.intersection, one.number
            if (told.region, told.intersection, told.request) == at and told.station == self.station:
                one.status, found = told.status, True
        return found

    def _is_ahead(self, one: Approach, where: Position) -> bool:
        metres = distance_m(where.point, one.point)
        known = _key(one) in self.asked
        if metres > REACH_M or (where.state is not State.FIXED and not known):
            return False
        if where.course is None:  # it stands: at a red light, for one
            return known
        aside = _between(where.course, one.heading)
        off = _between(course_to(where.point, one.point), one.heading)
        return aside <= ASIDE and (off <= ASIDE or (known and metres <= AT_LINE_M and off <= 90))

    def _new(self, one: Approach) -> Asked:
        self._numbers = (self._numbers + 1) % 256
        return Asked(one, self._numbers, 0)

    def _message(self, packages: list[Json], where: Position | None, utc_us: int) -> Json:
        self._sequence = (self._sequence + 1) % 128
        requestor: Json = {"id": {"stationID": self.station}, "type": {"role": "ambulance"}}
        requestor["name"] = self.vehicle[:63]
        if where is not None:
            requestor["position"] = _vector(where)
        minute, second = minute_of_year(utc_us)
        head = {"timeStamp": minute, "second": second, "sequenceNumber": self._sequence}
        return {**head, "requests": packages, "requestor": requestor}


def _key(one: Approach) -> tuple[int, int, int]:
    return one.region, one.intersection, one.approach


def _between(one: float, other: float) -> float:
    """Degrees between two courses, 0 to 180."""
    return abs((one - other + 180) % 360 - 180)


def _seconds(one: Approach, where: Position) -> float:
    speed = max((where.speed or 0.0) / 3.6, SLOWEST_MPS)
    return distance_m(where.point, one.point) / speed


def _duration_ms(where: Position) -> int:
    speed = max((where.speed or 0.0) / 3.6, SLOWEST_MPS)
    return round(min(max(2_000 * (where.radius_m or 0.0) / speed, LEAST_MS), MOST_MS))


def _package(one: Asked, kind: str, duration_ms: int | None = None) -> Json:
    """SignalRequestPackage."""
    about = one.approach
    request: Json = {
        "id": {"region": about.region, "id": about.intersection},
        "requestID": one.number,
        "requestType": kind,
        "inBoundLane": {"approach": about.approach},
    }
    if duration_ms is None:
        return {"request": request}
    minute, second = minute_of_year(one.at_us)
    return {"request": request, "minute": minute, "second": second, "duration": duration_ms}


def _vector(where: Position) -> Json:
    """RequestorPositionVector."""
    place = {"lat": round(where.point.latitude * 1e7), "long": round(where.point.longitude * 1e7)}
    told: Json = {"position": place}
    if where.course is not None:
        told["heading"] = round(where.course / 0.0125) % 28_800
    if where.speed is not None:
        told["speed"] = {"transmisson": "unavailable", "speed": min(round(where.speed / 3.6 / 0.02), 8_190)}
    return told


@dataclass(frozen=True, slots=True)
class Status:
    """What the city says of one request."""

    station: int
    request: int
    region: int
    intersection: int
    status: Response


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Vehicle(_Model):
    station: int = Field(alias="stationID", ge=0, le=0xFFFFFFFF)


class _Requester(_Model):
    id: _Vehicle
    request: int = Field(ge=0, le=255)


class _StatusPackage(_Model):
    requester: _Requester
    status: Response


class _Intersection(_Model):
    region: int = Field(0, ge=0, le=65_535)
    id: int = Field(ge=0, le=65_535)


class _SignalStatus(_Model):
    id: _Intersection
    sig_status: list[_StatusPackage] = Field(alias="sigStatus", max_length=32)


class _SignalStatusMessage(_Model):
    status: list[_SignalStatus] = Field(max_length=32)


def read_status(payload: bytes) -> list[Status] | None:
    """What a SignalStatusMessage says, as JSON; None: it is none."""
    if len(payload) > LARGEST:
        return None
    try:
        message = _SignalStatusMessage.model_validate_json(payload)
    except ValidationError:
        return None
    return list(_statuses(message))


def _statuses(message: _SignalStatusMessage) -> Iterator[Status]:
    for at in message.status:
        for one in at.sig_status:
            who = one.requester
            yield Status(who.id.station, who.request, at.id.region, at.id.id, one.status)
