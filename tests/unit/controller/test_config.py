"""The configuration: everything has a default, and an error names file, key and remedy."""

from pathlib import Path

import pytest

from controller.config import Config, load
from controller.errors import ConfigError


def written(folder: Path, text: str) -> Config:
    file = folder / "controller.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    config = written(tmp_path, "")
    assert (config.http.host, config.http.port, config.mqtt.port) == ("127.0.0.1", 8080, 8883)
    assert config.data == tmp_path / "controller-data"
    assert config.discovery.interfaces == ["127.0.0.1"]


def test_a_section_may_give_its_host_only(tmp_path: Path) -> None:
    config = written(tmp_path, '[mqtt]\nhost = "10.0.0.1"\n')
    assert (config.mqtt.host, config.mqtt.port) == ("10.0.0.1", 8883)


@pytest.mark.parametrize("port", ["", ":8883"])
def test_a_brokers_address_has_a_port_whether_given_or_not(tmp_path: Path, port: str) -> None:
    assert written(tmp_path, "").mqtt.url == ()
    for host in ("broker.hospital.example", "10.0.0.7", "[fd00::7]"):
        config = written(tmp_path, f'[mqtt]\nurl = "mqtts://{host}{port}"\n')
        assert config.mqtt.url == (f"mqtts://{host}:8883",)


def test_what_is_kept_is_kept_for_sensible_times_unless_told_otherwise(tmp_path: Path) -> None:
    keep = written(tmp_path, "[history]\nreading_days = 30\n").history
    assert (keep.waveform_days, keep.reading_days, keep.rollup_days) == (7, 30, 3650)
    assert keep.robot_days == 7


BAD = [
    ("[history]\nreading_days = 0", ["history.reading_days", "greater than or equal to 1"]),
    ("[history]\nreadings = 9", ["history.readings", "unknown key", "did you mean 'reading_days'?"]),
    ("[mqtt]\nprot = 8883", ["mqtt.prot", "unknown key", "did you mean 'port'?"]),
    ("[brokr]", ["brokr", "unknown key", "known are controller, http, mqtt, est, discovery"]),
    ("[http]\nport = 99999", ["http.port", "65535", "99999"]),
    ('[http]\nport = "80"', ["http.port", "'80'"]),
    ('[controller]\nid = "Main Site"', ["controller.id", "cannot name a controller"]),
    ('[mqtt]\nurl = "mqtt://broker"', ["mqtt.url", "expected mqtts://HOST"]),
    ('[mqtt]\nurl = "mqtts://anna:secret@broker"', ["mqtt.url", "expected mqtts://HOST"]),
    ('[mqtt]\nurl = "mqtts://broker/wards"', ["mqtt.url", "expected mqtts://HOST"]),
    ('[mqtt]\nurl = "mqtts://broker:99999"', ["mqtt.url", "Port out of range 0-65535"]),
    ('[mqtt]\nhost = "10.0.0.1"\nurl = "mqtts://broker"', ["mqtt", "got both"]),
    ("[http", ["not TOML"]),
]


@pytest.mark.parametrize(("text", "told"), BAD)
def test_an_error_names_file_key_what_came_and_the_remedy(tmp_path: Path, text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        written(tmp_path, text)
    assert all(part in str(error.value) for part in ["controller.toml", *told])


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read"):
        load(tmp_path / "none.toml")


def test_the_archive_of_images_is_configured_with_its_peers(tmp_path: Path) -> None:
    config = written(
        tmp_path,
        """
        [imaging]
        quota_gb = 1.5
        retention_days = { US = 30, "*" = 3650 }
        [imaging.objects]
        endpoint = "https://s3.example"
        bucket = "images"
        key_id = "wardlink"
        secret_file = "s3-secret"
        [imaging.dimse]
        title = "ARCHIVE"
        [[imaging.dimse.peers]]
        title = "CT1"
        host = "10.1.2.3"
        may = ["store", "find"]
        """,
    )
    assert config.imaging is not None
    assert config.imaging.port == 8444
    assert config.imaging.objects is not None
    assert config.imaging.objects.secret_file == tmp_path / "s3-secret"
    assert config.imaging.dimse is not None
    assert config.imaging.dimse.title == "ARCHIVE"
    assert [(peer.title, sorted(peer.may)) for peer in config.imaging.dimse.peers] == [
        ("CT1", ["find", "store"])
    ]


def test_a_peer_that_is_written_wrongly_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"imaging\.dimse\.peers\.0\.hosts: unknown key; did you mean 'host'"
    ):
        written(tmp_path, '[imaging.dimse]\n[[imaging.dimse.peers]]\ntitle = "CT1"\nhosts = "10.1.2.3"\n')
