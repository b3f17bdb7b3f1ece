"""Janus's configuration, made anew at each start: one plugin, one door on loopback, secrets of that start."""

import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from controller.files import write_private
from controller.ports import free_port

PACKAGE = "apt-get install --no-install-recommends janus"
_LIBRARIES = "/usr/lib"
_MAIN = """general: {{
  configs_folder = "{folder}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  events_folder = "{folder}/none"
  loggers_folder = "{folder}/none"
  log_to_stdout = false
  log_to_file = "{folder}/janus.log"
  debug_level = 2
  debug_colors = false
  api_secret = "{secret}"
  session_timeout = 30
  hide_dependencies = true
}}
media: {{ rtp_port_range = "{rtp_ports}" }}
nat: {{ {interface} ice_lite = true ignore_mdns = true }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
_DOOR = """general: {{ json = "compact" ws = true ws_port = {port} ws_ip = "127.0.0.1" wss = false }}
admin: {{ admin_ws = false }}
"""


@dataclass(frozen=True, slots=True)
class Started:
    """What is known of one start: where it answers, and what it answers to."""

    url: str
    secret: str = field(repr=False)
    admin_key: str = field(repr=False)
    """Who may make rooms."""


def find() -> str | None:
    """The program, if Debian's janus is installed."""
    return shutil.which("janus") if _library() else None


def prepare(folder: Path, interface: str | None, rtp_ports: str) -> Started:
    """Write the files for one start. `interface`: by name, None: all but loopback; `rtp_ports`: "first-last".

    Raises OSError, ControllerError: there is no port.
    """
    port = free_port("127.0.0.1", 0, "Janus")
    started = Started(f"ws://127.0.0.1:{port}", secrets.token_hex(16), secrets.token_hex(16))
    library = _library()
    main = _MAIN.format(
        folder=folder,
        library=library,
        secret=started.secret,
        rtp_ports=rtp_ports,
        interface=f'ice_enforce_list = "{interface}"' if interface else "",
        plugins=_all_but(library, "plugins", "videoroom"),
        transports=_all_but(library, "transports", "websockets"),
    )
    write_private(folder / "janus.jcfg", main)
    key = f'general: {{ admin_key = "{started.admin_key}" }}\n'
    write_private(folder / "janus.plugin.videoroom.jcfg", key)
    write_private(folder / "janus.transport.websockets.jcfg", _DOOR.format(port=port))
    return started


def command(program: str, folder: Path) -> list[str]:
    """That starts it with the files of `folder`, and without a dump of its memory, where keys are, when it
    crashes: 1.1.2 does so now and then as it ends (prlimit of util-linux, as setpriv)."""
    quiet = ["prlimit", "--core=0", "--"] if shutil.which("prlimit") else []
    return [*quiet, program, "-F", str(folder), "-C", str(folder / "janus.jcfg")]


def _library() -> Path | None:
    """Where Debian puts its parts, whatever the machine."""
    return next(Path(_LIBRARIES).glob("*/janus"), None)


def _all_but(library: Path | None, kind: str, wanted: str) -> str:
    found = sorted(one.name for one in library.glob(f"{kind}/*.so")) if library else []
    return ",".join(name for name in found if wanted not in name)
