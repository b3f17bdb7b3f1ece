"""Two mosquittos of the hospital's that know nothing of each other: both carry, and both are ruled."""

from contextlib import ExitStack

import pytest
from typer.testing import CliRunner

from controller.cli import app
from controller.config import load
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_external_site import delivering
from tests.integration.controller.test_letting_in import wardlink
from tests.support.broker_process import free_port
from tests.support.mosquitto import Mosquitto
from tests.support.sender import Sender, until


def configured(site: Site, urls: list[str]) -> Site:
    """The site with several brokers of the hospital's."""
    file = site.folder / "controller.toml"
    text = file.read_text(encoding="utf-8")
    listed = ", ".join(f'"{url}"' for url in urls)
    file.write_text(text.replace("[mqtt]\nport = 0", f"[mqtt]\nurl = [{listed}]"), encoding="utf-8")
    return Site(site.folder, load(file), site.tls)


async def test_both_carry_and_a_revoked_gateway_is_cut_off_at_both(site: Site) -> None:
    ports = [free_port(), free_port()]
    urls = [f"mqtts://127.0.0.1:{port}" for port in ports]
    site = configured(site, urls)
    with ExitStack() as stack:
        mosquittos = list[Mosquitto]()
        for port, url in zip(ports, urls, strict=True):
            files = site.folder / f"mosquitto-{port}"
            asked = "broker-config", "--out", str(files), "--where", str(files), "--broker", url
            await wardlink(site, *asked)
            mosquittos.append(Mosquitto(files, port))
            mosquittos[-1].start()
            stack.callback(mosquittos[-1].kill)
        async with site.running():
            async with delivering(site, mosquittos[0], Sender()):
                pass
            second = Sender("ward-b", "ox-2")
            await until(lambda: all("CN=ward-b," in str(one.users()) for one in mosquittos))
            second.block()
            async with second.connected(ports[1], site.tls["ward-b"]) as connection:
                await connection.drain()
            await wardlink(site, "gateway", "revoke", "ward-a", "--why", "lost")
            await until(lambda: not any("CN=ward-a," in str(one.users()) for one in mosquittos))


@pytest.mark.parametrize("broker", [(), ("--broker", "mqtts://other:8883")])
def test_of_several_it_must_be_said_whose_files_are_wanted(site: Site, broker: tuple[str, ...]) -> None:
    configured(site, ["mqtts://m1:8883", "mqtts://m2:8883"])
    out, file = str(site.folder / "out"), str(site.folder / "controller.toml")
    answer = CliRunner().invoke(app, ["broker-config", "--out", out, *broker, "-c", file])
    assert (answer.exit_code, "expected one of mqtts://m1:8883, mqtts://m2:8883" in answer.output) == (
        1,
        True,
    )
