"""What runs a larger site in containers is whole: programs that read such files take them, and ours do."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import yaml

from controller.config import load as load_controller
from gateway.config import load as load_gateway

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def taken(*command: object) -> str:
    done = subprocess.run([*map(str, command)], cwd=DEPLOY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_docker_compose_takes_the_file() -> None:
    """Debian's: it knows the format, and says so without an engine."""
    profiles = "--profile", "prepare", "--profile", "gateway"
    taken("docker-compose", "-f", "compose.yaml", *profiles, "config", "--quiet")


def test_haproxy_takes_its_configuration() -> None:
    taken("/usr/sbin/haproxy", "-c", "-f", DEPLOY / "compose" / "haproxy.cfg")


def test_every_file_that_is_mounted_is_here_and_every_script_can_be_read() -> None:
    mounted = {volume.split(":")[0] for one in SERVICES.values() for volume in one.get("volumes", [])}
    files = {name for name in mounted if name.startswith("./")}
    # Claims are made by a controller.
    assert {name for name in files if not (DEPLOY / name).exists()} == {"./compose/ward-a.claim"}
    for script in (DEPLOY / "compose").glob("*.sh"):
        taken("bash", "-n", script)


def test_controllers_and_gateway_take_their_files_and_name_services_that_there_are(tmp_path: Path) -> None:
    for name in ("controller.toml", "gateway.toml"):
        shutil.copyfile(DEPLOY / "compose" / name, tmp_path / name)
    config = load_controller(tmp_path / "controller.toml")
    assert config.cluster.replicas
    brokers = set(re.findall(r"mqtts://([\w-]+):", " ".join(config.mqtt.members)))
    databases = set(re.findall(r"@([\w,-]+)/", config.store.url or "")[0].split(","))
    assert brokers | databases <= SERVICES.keys()
    assert load_gateway(tmp_path / "gateway.toml").gateway.id == "ward-a"


def test_the_balancer_knows_every_controller() -> None:
    text = (DEPLOY / "compose" / "haproxy.cfg").read_text(encoding="utf-8")
    controllers = {name for name in SERVICES if name.startswith("controller-")}
    assert set(re.findall(r"(controller-\d):", text)) == controllers
    assert len(controllers) == 3


def test_the_image_has_every_package_that_is_installed_but_the_rigs() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = set(re.findall(r"^COPY (\w+)/ ", text, re.MULTILINE))
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(wheel["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert copied == packages - {"hil"}
    ignored = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8")
    assert copied <= {line[1:] for line in ignored.splitlines() if line.startswith("!")}


def test_no_secret_is_here() -> None:
    folder = DEPLOY / "compose" / "secrets"
    assert [one.name for one in folder.iterdir()] == [".gitignore"]
    for secret in COMPOSE["secrets"].values():
        assert (DEPLOY / secret["file"]).parent == folder
