"""An ambulance's oxygen and suction: two pressure transmitters and a flow meter on one RS-485 line."""

from decimal import Decimal
from functools import partial

from devices.codecs.modbus.codec import ModbusReader
from devices.codecs.modbus.frames import HOLDING, Question
from devices.codecs.modbus.registers import Form, Register
from devices.profiles import Evidence, Profile, SerialLink

_CYLINDER, _FLOW, _SUCTION = 1, 2, 3
_OVERLOAD = frozenset((0x7FFF, 0x8000))

REGISTERS = (
    Register(
        "o2_cylinder_pressure",
        Question(_CYLINDER, HOLDING, 0x0004, 1),
        "bar",
        Decimal("0.1"),
        Form.SIGNED,
        none=_OVERLOAD,
    ),
    Register("o2_flow", Question(_FLOW, HOLDING, 0x003A, 2), "L/min", Decimal("0.001")),
    Register(
        "suction_pressure",
        Question(_SUCTION, HOLDING, 0x0004, 1),
        "kPa",
        Decimal("-0.1"),
        Form.SIGNED,
        none=_OVERLOAD,
    ),
)

PROFILE = Profile(
    name="modbus-oxygen-suction",
    manufacturer="Siargo (flow), any (pressure)",
    model="MF5700 flow meter, two RS-485 pressure transmitters",
    source=(
        "Modbus Organization, MODBUS Application Protocol V1.1b3 and MODBUS over Serial Line V1.02; Siargo, "
        "MF5700 User Manual, p. 27 (flow at 003A, in mL/min; its example of 20.340 L/min); Lobaro, pages on "
        "RS-485 pressure transmitters (pressure at 0004, unit at 0002, decimal point at 0003)"
    ),
    evidence=Evidence.EXAMPLE,
    metrics=tuple(register.metric for register in REGISTERS),
    link=SerialLink(baudrate=9600, codec=partial(ModbusReader, REGISTERS)),
    note=(
        "Units 1 (oxygen cylinder, in bar to 0.1), 2 (oxygen flow) and 3 (suction, in kPa to 0.1, below the "
        "room is negative there and positive here), all at 9600 8N1; check unit and decimal point of the "
        "transmitters first. They are set with their makers' tools: nothing is ever written. Other devices "
        "are another profile with another map of registers. What another master reads of them on the same "
        "line is taken, too. No recording of such a line was found in public."
    ),
)
