"""`[objects]`, and the requests that are made by it: controller/objects/settings.py, signing.py."""

from pathlib import Path

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydantic import ValidationError

from controller.clock import utc_of
from controller.config import load
from controller.errors import ConfigError
from controller.objects.section import ObjectsSection
from controller.objects.settings import KEY_ID, SECRET
from controller.objects.signing import Key, signed

FILE = """
[objects]
url = "s3://wardlink/hospital-a"
endpoint = "https://s3.hospital.example"
key_id = "wardlink"
secret_file = "s3-secret"
ca_file = "ca.pem"
[imaging]
"""


def test_images_and_recordings_have_places_of_their_own_in_the_bucket(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(FILE)
    config = load(tmp_path / "one.toml")
    assert config.imaging
    assert config.telemedicine
    for section, kind in ((config.imaging, "images"), (config.telemedicine, "recordings")):
        assert section.objects
        assert (section.objects.bucket, section.objects.prefix) == ("wardlink", f"hospital-a/{kind}")
        assert section.objects.secret_file == tmp_path / "s3-secret"
        assert section.objects.ca_file == tmp_path / "ca.pem"
    assert config.telemedicine.sfu == "off"


def test_images_have_one_place(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(FILE + 'slow_folder = "slow"\n')
    with pytest.raises(ConfigError, match="got both"):
        load(tmp_path / "one.toml")


def test_pictures_of_patients_go_over_tls() -> None:
    with pytest.raises(ValidationError, match="https"):
        ObjectsSection(url="s3://wardlink", endpoint="http://s3.hospital.example")
    ObjectsSection(url="s3://wardlink", endpoint="http://127.0.0.1:9000")


def test_credentials_are_in_a_file_or_in_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(KEY_ID, raising=False)
    monkeypatch.delenv(SECRET, raising=False)
    place = ObjectsSection(url="s3://wardlink", endpoint="https://s3.hospital.example")
    with pytest.raises(ConfigError, match=SECRET):
        place.credentials()
    monkeypatch.setenv(KEY_ID, "one")
    monkeypatch.setenv(SECRET, "secret")
    assert place.credentials() == ("one", "secret")
    (tmp_path / "secret").write_text("another\n")
    filed = place.model_copy(update={"key_id": "two", "secret_file": tmp_path / "secret"})
    assert filed.credentials() == ("two", "another")


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "https://s3.hospital.example/wardlink?versions=&prefix=a%2Fb%20c"),
        ("DELETE", "http://127.0.0.1:9000/wardlink/a/b%20c.box?versionId=x%2By%3D"),
        ("GET", "https://s3.hospital.example:9000/wardlink?uploads=&key-marker=%C3%A4&upload-id-marker=1"),
    ],
)
def test_a_request_is_signed_as_amazon_s_own_client_signs_it(method: str, url: str) -> None:
    ours = signed(Key("eu-central-1", "id", "secret"), method, url, utc_of("2026-11-27T07:00:00+00:00"))
    request = AWSRequest(method=method, url=url)
    request.context["timestamp"] = "20261127T070000Z"
    request.headers["X-Amz-Date"] = request.context["timestamp"]
    request.headers["X-Amz-Content-SHA256"] = ours["x-amz-content-sha256"]
    theirs = S3SigV4Auth(Credentials("id", "secret"), "s3", "eu-central-1")
    text = theirs.string_to_sign(request, theirs.canonical_request(request))
    assert ours["Authorization"].endswith(str(theirs.signature(text, request)))
