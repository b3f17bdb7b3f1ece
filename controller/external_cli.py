"""`wardlink controller broker-config`: what the administrator of the hospital's broker needs, once."""

from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

import typer

from controller.clock import SystemClock
from controller.command import ConfigOption, explained
from controller.config import load
from controller.errors import ConfigError
from controller.external_files import Place, broker_files, controller_name
from controller.files import write_private
from controller.identity.certificates import moment
from controller.identity.files import FOLDER, Lives, keep_controller, open_authority
from controller.registry import CONTROLLER

WHERE = Path("/etc/mosquitto/wardlink")


def broker_config(
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
    *,
    where: Annotated[Path, typer.Option(help="Their folder on the broker's host.")] = WHERE,
    request: Annotated[
        Path | None, typer.Option(help="A signing request (PEM, P-256) of that host; without: a key is made.")
    ] = None,
    broker: Annotated[str, typer.Option(help="Whose, of several: its address in the configuration.")] = "",
    config: ConfigOption = None,
) -> None:
    """Make what an external mosquitto needs: its listener, certificate and first rules.

    Again before the certificate ends, after two years; the rules are only needed for the first start.
    """
    with explained():
        loaded = load(config)
        parts, now = _which(loaded.mqtt.url, broker), moment(SystemClock().utc_us() // 1_000_000)
        folder = loaded.data / FOLDER
        authority = open_authority(folder, now)
        keep_controller(folder, authority, CONTROLLER, now, Lives().controller)
        place = Place(parts.hostname or "", parts.port or 8883, where, controller_name(folder))
        files = broker_files(place, authority, now, _read(request) if request else None)
        for name, text in files.items():
            write_private(out / name, text)
            typer.echo(out / name)


def _which(urls: tuple[str, ...], wanted: str) -> SplitResult:
    """Raises ConfigError."""
    if not urls:
        raise ConfigError(
            'mqtt.url: expected the address of the broker, there is none: add url = "mqtts://HOST:8883"'
        )
    wanted = wanted or (urls[0] if len(urls) == 1 else "")
    if wanted not in urls:
        raise ConfigError(f"--broker: expected one of {', '.join(urls)}, got {wanted!r}: say whose files")
    return urlsplit(wanted)


def _read(request: Path) -> bytes:
    try:
        return request.read_bytes()
    except OSError as error:
        raise ConfigError(f"{request}: cannot be read ({error.strerror}): give a signing request") from error
