"""A configuration that cannot be used says in which file, at which key, what was expected, and the remedy."""

from pathlib import Path

import pytest

from gateway.config import load
from gateway.errors import ConfigError

GOOD = """
[gateway]
id = "ward-a"
data = "data"
[controller]
address = "mqtts://127.0.0.1:8883"
claim = "ward-a.claim"
[controller.lanes.wave]
dscp = 10
[journal]
quota_mb = 64
[[device]]
id = "ox-1"
profile = "nonin-xpod"
bed = "bed-1"
port = "/dev/ttyUSB0"
[[device]]
id = "belt-1"
profile = "polar-h10"
address = "C0:00:00:00:00:01"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "ward-a.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text))
    assert str(folder / "ward-a.toml") in str(caught.value)
    return str(caught.value)


def test_a_good_file_is_read_and_its_paths_start_at_its_folder(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD))
    assert config.gateway.data == tmp_path / "data"
    assert config.controller.claim == tmp_path / "ward-a.claim"
    assert [device.id for device in config.devices] == ["ox-1", "belt-1"]
    assert (config.controller.lanes.wave.dscp, config.controller.lanes.alert.dscp) == (10, 46)


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ("quota_mb", "quota_mbs", ["journal.quota_mbs", "unknown key", "'quota_mb'"]),
        ('bed = "bed-1"', 'bedd = "bed-1"', ["device[1].bedd", "'bed'"]),
        ("lanes.wave", "lanes.waves", ["controller.lanes.waves", "'wave'"]),
        ('id = "ward-a"', "id = 7", ["gateway.id", "expected a valid string", "got 7"]),
        ('id = "ward-a"', 'id = "Ward A"', ["gateway.id", "'Ward A'", "a-z 0-9"]),
        ("quota_mb = 64", "quota_mb = -1", ["journal.quota_mb", "greater than 0", "got -1"]),
        ("dscp = 10", "dscp = 64", ["controller.lanes.wave.dscp", "less than or equal to 63", "got 64"]),
        ('id = "belt-1"', 'id = "ox-1"', ["'ox-1' is used twice"]),
        ('port = "/dev/ttyUSB0"', "", ["device[1]", "ox-1 is serial", "port ="]),
        ('address = "C0:00:00:00:00:01"', "", ["device[2]", "belt-1 speaks BLE", "address ="]),
        ('"polar-h10"', '"polar-h1"', ["device[2].profile", "did you mean 'polar-h10'", "nonin-xpod"]),
        ('"polar-h10"', '"stethoscope"', ["device[2].profile", "There are:", "nonin-xpod"]),
        ("mqtts://127.0.0.1:8883", "http://127.0.0.1", ["controller.address", "mqtts://HOST", "got 'http"]),
        ("mqtts://127.0.0.1:8883", "mqtt://127.0.0.1", ["controller.address", "mqtts://HOST", "got 'mqtt:"]),
        ("mqtts://127.0.0.1:8883", "mqtts://h:99999", ["controller.address", "port", "0-65535"]),
        ("quota_mb = 64", "quota_mb = ", ["not TOML", "line 11"]),
    ],
)
def test_a_mistake_is_named_with_its_key_and_remedy(
    tmp_path: Path, good: str, bad: str, words: list[str]
) -> None:
    message = refusal(tmp_path, GOOD.replace(good, bad, 1))
    assert [word for word in words if word not in message] == []


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, GOOD.replace("quota_mb", "quota").replace("dscp = 10", "dscp = 64"))
    assert len(message.splitlines()) == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read"):
        load(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ward-a.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not TOML"):
        load(path)


NETWORK = """
[gateway]
id = "ward-a"
[controller]
address = "mqtts://127.0.0.1:8883"
[[device]]
id = "net-1"
profile = "{profile}"
{where}
"""


@pytest.mark.parametrize(
    ("profile", "where"),
    [
        ("hl7-oru-laboratory", 'address = "127.0.0.1:2575"\npeer = "127.0.0.9"'),
        ("hl7-oru-laboratory", 'address = "[::1]:2575"'),
        ("bthome-sensor", 'address = "C0:00:00:00:00:01"'),
    ],
)
def test_a_device_on_a_network_or_on_the_air_needs_an_address(
    tmp_path: Path, profile: str, where: str
) -> None:
    (device,) = load(written(tmp_path, NETWORK.format(profile=profile, where=where))).devices
    assert device.address is not None


@pytest.mark.parametrize(
    ("profile", "where", "words"),
    [
        ("hl7-oru-laboratory", "", ["connects to the gateway", "127.0.0.1:2575"]),
        ("hl7-oru-laboratory", 'address = "127.0.0.1:99999"', ["expected HOST or HOST:PORT"]),
        ("hl7-oru-laboratory", 'address = "::1"', ["brackets"]),
        ("bthome-sensor", 'port = "/dev/ttyUSB0"', ["speaks BLE", "AA:BB:CC:DD:EE:FF"]),
    ],
)
def test_an_address_that_is_missing_or_none_is_refused_with_an_example(
    tmp_path: Path, profile: str, where: str, words: list[str]
) -> None:
    message = refusal(tmp_path, NETWORK.format(profile=profile, where=where))
    assert all(word in message for word in words), message


def test_several_uplinks_at_once_are_used_only_when_asked_for(tmp_path: Path) -> None:
    assert not load(written(tmp_path, GOOD)).controller.mptcp
    asked = GOOD.replace("[controller]", "[controller]\nmptcp = true")
    assert load(written(tmp_path, asked)).controller.mptcp


def test_nothing_is_shaped_unless_asked_for_and_then_to_a_rate_that_can_be(tmp_path: Path) -> None:
    assert load(written(tmp_path, GOOD)).controller.shape_kbit is None
    asked = GOOD.replace("[controller]", "[controller]\nshape_kbit = 900")
    assert load(written(tmp_path, asked)).controller.shape_kbit == 900
    assert "controller.shape_kbit" in refusal(tmp_path, asked.replace("900", "15"))


NODE = """
[gateway]
id = "ward-a"
[[device]]
id = "node-1"
profile = "wardlink-node-vitals"
broker = "mqtts://broker.example"
node = "n1"
credentials = "broker.toml"
"""


TWIN = NODE[NODE.index("[[device]]") :].replace("node-1", "node-2")


def test_a_node_at_a_broker_has_its_credentials_beside_the_file_and_the_usual_port(tmp_path: Path) -> None:
    node = load(written(tmp_path, NODE)).devices[0]
    assert (node.broker, node.node) == ("mqtts://broker.example:8883", "n1")
    assert node.credentials == tmp_path / "broker.toml"


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ('node = "n1"', "", ['node = "NAME"']),
        ('credentials = "broker.toml"', "", ['credentials = "FILE"']),
        ('node = "n1"', 'node = "a/b"', ["device[1].node"]),
        ("wardlink-node-vitals", "nonin-xpod", ["in place of a port"]),
        ('node = "n1"', 'node = "n1"\nport = "/dev/ttyUSB0"', ["in place of a port"]),
        ("mqtts:", "mqtt:", ["device[1].broker", "mqtts://HOST"]),
        ("[[device]]", f"{TWIN}[[device]]", ["the same node or robot"]),
    ],
)
def test_a_node_at_a_broker_is_named_whole_and_once(
    tmp_path: Path, good: str, bad: str, words: list[str]
) -> None:
    assert all(word in refusal(tmp_path, NODE.replace(good, bad)) for word in words)


ROBOT = """
[gateway]
id = "ward-a"
[[device]]
id = "robot-1"
profile = "vda5050-vehicle"
broker = "mqtts://broker.example"
address = "uagv/v2/Acme/AGV-1"
credentials = "robots.toml"
"""


def test_a_robot_is_named_by_how_its_topics_begin(tmp_path: Path) -> None:
    [robot] = load(written(tmp_path, ROBOT)).devices
    assert robot.address == "uagv/v2/Acme/AGV-1"
    assert robot.credentials == tmp_path / "robots.toml"


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ('broker = "mqtts://broker.example"', "", ["give broker"]),
        ('credentials = "robots.toml"', "", ['credentials = "FILE"']),
        ("uagv/v2/Acme/AGV-1", "uagv/v2/Acme", ["interface/v2/manufacturer/serial"]),
        ("uagv/v2/Acme/AGV-1", "uagv/v1/Acme/AGV-1", ["expected version v2 or v3"]),
        ('id = "robot-1"', 'id = "robot-1"\nport = "/dev/ttyUSB0"', ["is a robot at a broker"]),
        ("[[device]]", ROBOT.partition("[[device]]")[2].join(("[[device]]", "[[device]]")), ["device id"]),
    ],
)
def test_a_robot_that_cannot_be_reached_is_refused(
    tmp_path: Path, good: str, bad: str, words: list[str]
) -> None:
    assert all(word in refusal(tmp_path, ROBOT.replace(good, bad, 1)) for word in words)
