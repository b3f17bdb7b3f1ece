"""The algorithms give on MicroPython, number for number, what they give here."""

from itertools import islice
from pathlib import Path

from firmware.hal import gatt
from firmware.sensors.oximetry import Oximetry
from hil.oximetry.finger import Conditions, Finger
from tests.support.node_process import run_on_unix

_PROGRAM = """
from firmware.hal import gatt
from firmware.robot.wheels import Wheels
from firmware.sensors.oximetry import Oximetry
oximetry = Oximetry(50)
with open("light.txt") as light:
    for line in light:
        red, infrared = line.split()
        oximetry.add(int(red), int(infrared))
        if infrared.endswith("7"):
            said = oximetry.result()
            print(said.spo2, said.pulse, said.pi, said.reason, said.quality)
print(gatt.plx_continuous(oximetry.result()).hex())
wheels = Wheels(2000)
for turn in range(30):
    wheels.update(turn * 900 % 65536, -turn * 700 % 65536, turn * 10)
print(wheels.speeds, wheels.travelled)
"""


def test_oximetry_gatt_and_odometry_are_the_same_on_micropython(tmp_path: Path) -> None:
    finger = Finger(Conditions(spo2=88.0, motion=3.0), seed=4)
    light = list(islice(finger.samples(50), 1500))
    tmp_path.joinpath("light.txt").write_text("".join(f"{red} {infrared}\n" for red, infrared in light))
    tmp_path.joinpath("program.py").write_text(_PROGRAM)
    oximetry, expected = Oximetry(50), list[str]()
    for red, infrared in light:
        oximetry.add(red, infrared)
        if infrared % 10 == 7:
            said = oximetry.result()
            expected.append(f"{said.spo2} {said.pulse} {said.pi} {said.reason} {said.quality}")
    expected += [gatt.plx_continuous(oximetry.result()).hex(), "(45000, -35000) 1450"]
    assert run_on_unix(tmp_path, "program.py").splitlines() == expected
    assert any(not line.startswith("None") for line in expected[:-2])
