"""One simulated robot: the vehicle core of VDA 5050 on a simulated base. Time comes in, messages go out.

machine = Machine(Identity("Wardlink", "robot-1", Version.V2_1), base, state_s=1.0)
machine.tick(now_us)
machine.obey(Trouble.E_STOP)
machine.core.take()                  # [(topic, bytes)]
"""

from devices.codecs.vda5050.factsheet import (
    AgvAction,
    Factsheet,
    LoadSpecification,
    MaxStringLens,
    PhysicalParameters,
    ProtocolFeatures,
    ProtocolLimits,
    Timing,
    TypeSpecification,
)
from devices.codecs.vda5050.header import Header, timestamp_of
from devices.codecs.vda5050.state import Error, Reference
from devices.codecs.vda5050.vehicle import Identity, Vehicle
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ActionScope, ErrorLevel, OperatingMode
from hil.sims.robots.base import ACTIONS, AT_ONCE, Kind, SimBase
from hil.sims.robots.trouble import FULL, LOW, Trouble

_WIDTH_M = 0.6


class Machine:
    """The robot. While it is dead nothing happens in it; it wakes with a fresh core."""

    def __init__(self, identity: Identity, base: SimBase, state_s: float = 1.0) -> None:
        self.identity = identity
        self.base = base
        self.is_dead = False
        self._state_s = state_s
        self._last_us: int | None = None
        self.core = self._fresh()

    def tick(self, now_us: int) -> None:
        """Time has passed."""
        before, self._last_us = self._last_us, now_us
        self.base.advance(0.0 if before is None else (now_us - before) / 1_000_000)
        self.core.own_errors = self._errors()
        self.core.tick(now_us)

    def obey(self, word: Trouble) -> None:
        """Somebody does something to it."""
        base = self.base
        match word:
            case Trouble.BLOCKED | Trouble.CLEAR:
                base.is_blocked, base.waits_at = word is Trouble.BLOCKED, ""
            case Trouble.E_STOP | Trouble.RELEASED:
                base.is_stopped = word is Trouble.E_STOP
            case Trouble.BATTERY_LOW | Trouble.BATTERY_FULL:
                base.charge = LOW if word is Trouble.BATTERY_LOW else FULL
            case Trouble.LOST | Trouble.FOUND:
                base.is_lost = word is Trouble.LOST
            case Trouble.TAKEN_OVER | Trouble.HANDED_BACK:
                taken = word is Trouble.TAKEN_OVER
                self.core.operating_mode = OperatingMode.MANUAL if taken else OperatingMode.AUTOMATIC
            case Trouble.DEAD:
                self.is_dead = True
            case Trouble.ALIVE:
                self.is_dead, self._last_us = False, None

    def wake(self) -> None:
        """It is switched on: of the last order nothing is known."""
        self.base.stop()
        self.core = self._fresh()

    def _fresh(self) -> Vehicle:
        return Vehicle(
            self.identity, self.base, factsheet(self.identity, self.base.kind), at_least_s=self._state_s
        )

    def _errors(self) -> tuple[Error, ...]:
        base = self.base
        found: list[Error] = []
        if base.is_blocked and base.waits_at:
            about = (Reference(reference_key="edgeId", reference_value=base.waits_at),)
            found.append(_error("pathBlocked", "something stands in the way", ErrorLevel.WARNING, about))
        if base.empty:
            found.append(_error("batteryEmpty", "the battery is empty", ErrorLevel.FATAL))
        return tuple(found)


def _error(kind: str, why: str, level: ErrorLevel, about: tuple[Reference, ...] | None = None) -> Error:
    return Error(error_type=kind, error_description=why, error_level=level, error_references=about)


def factsheet(identity: Identity, kind: Kind) -> Factsheet:
    """What it says that it is: a small robot with a differential drive and a drawer."""
    return Factsheet(
        header=Header(
            header_id=0,
            timestamp=timestamp_of(0),
            version=identity.version.value,
            manufacturer=identity.manufacturer,
            serial_number=identity.serial_number,
        ),
        type_specification=TypeSpecification(
            series_name="simulated",
            agv_kinematic="DIFF",
            agv_class="CARRIER",
            max_load_mass=20,
            localization_types=("NATURAL",),
            navigation_types=("AUTONOMOUS",),
        ),
        physical_parameters=PhysicalParameters(
            speed_min=0.05,
            speed_max=kind.speed_m_s,
            acceleration_max=0.5,
            deceleration_max=0.8,
            height_min=1.2,
            height_max=1.2,
            width=_WIDTH_M,
            length=0.8,
        ),
        protocol_limits=ProtocolLimits(
            max_string_lens=MaxStringLens(),
            max_array_lens={},
            timing=Timing(min_order_interval=0.2, min_state_interval=0.1, default_state_interval=1.0),
        ),
        protocol_features=ProtocolFeatures(
            optional_parameters=(),
            agv_actions=tuple(_action(one, identity.version) for one in ACTIONS),
        ),
        agv_geometry={},
        load_specification=LoadSpecification(),
    )


def _action(name: str, version: Version) -> AgvAction:
    at_once = (ActionScope.INSTANT,) if name in AT_ONCE else (ActionScope.NODE,)
    is_3 = version.major > 2
    return AgvAction(
        action_type=name,
        action_scopes=at_once,
        pause_allowed=False if is_3 else None,
        cancel_allowed=True if is_3 else None,
    )
