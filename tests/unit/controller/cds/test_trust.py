"""JWTs: ours hold for one call; those of clients are taken if a known key signed them, for here and now."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from pydantic import ValidationError

from controller.cds.errors import Untrusted
from controller.cds.keys import CdsKeys
from controller.cds.section import CdsClient, CdsSection, CdsService
from controller.cds.trust import Trust
from controller.errors import ConfigError

HERE, NOW = "https://here.example/cds-services/wardlink-news2", 1_800_000_000
KEY, OTHER = ECKey.generate_key("P-384"), ECKey.generate_key("P-384")
CLAIMS: dict[str, Any] = {"iss": "https://ehr.example", "aud": HERE, "iat": NOW, "exp": NOW + 60}


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    path = tmp_path / "ehr.json"
    path.write_text(json.dumps({"keys": [KEY.as_dict(private=False)]}))
    one = CdsClient(issuer="https://ehr.example", keys=path, wards=("ward-a",))
    return Trust(CdsSection(clients=(one,)))


def signed(key: Any = KEY, alg: str = "ES384", **claims: Any) -> str:
    held = {name: one for name, one in {**CLAIMS, "jti": "12345678", **claims}.items() if one is not None}
    return jwt.encode({"alg": alg, "typ": "JWT"}, held, key, algorithms=[alg])


def test_a_known_client_is_known_once(trust: Trust) -> None:
    assert trust.client(signed(), HERE, NOW).wards == ("ward-a",)
    with pytest.raises(Untrusted, match="used already"):
        trust.client(signed(), HERE, NOW)
    assert trust.client(signed(jti="87654321"), HERE, NOW)


@pytest.mark.parametrize(
    "text",
    [
        signed(OTHER),
        signed(OctKey.import_key("secret" * 8), "HS256"),
        signed(iss="https://stranger.example"),
        signed(aud="https://here.example/cds-services/wardlink-checks"),
        signed(exp=NOW - 100),
        signed(iat=NOW + 100),
        signed(exp=NOW + 100_000),
        signed(jti=None),
        signed(jti="short"),
        signed(exp="soon"),
        signed(exp=float("nan")),
        signed(iat=float("nan"), exp=NOW + 10**9),
        signed(exp=10**400),
        "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2Voci5leGFtcGxlIn0.",
        "a.b.c",
        "",
        "." * 9000,
    ],
)
def test_any_other_jwt_is_refused(trust: Trust, text: str) -> None:
    with pytest.raises(Untrusted):
        trust.client(text, HERE, NOW)


def test_our_jwt_is_for_one_endpoint_and_its_key_stays(tmp_path: Path) -> None:
    keys = CdsKeys(tmp_path / "keys" / "cds.json", "https://here.example")
    header = keys.headers("https://pgx.example/cds-services", NOW, "j")["Authorization"]
    again = CdsKeys(tmp_path / "keys" / "cds.json", "https://here.example")
    public: Any = again.public
    token = jwt.decode(header.removeprefix("Bearer "), KeySet.import_key_set(public), ["ES384"])
    assert token.header["alg"] == "ES384"
    assert token.claims["aud"] == "https://pgx.example/cds-services"
    assert token.claims["exp"] - token.claims["iat"] <= 120
    assert (tmp_path / "keys" / "cds.json").stat().st_mode & 0o077 == 0
    assert "d" not in again.public["keys"][0], "the private half stays here"


def test_a_broken_key_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "cds.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"cds\.json"):
        CdsKeys(tmp_path / "cds.json", "x")


@pytest.mark.parametrize(
    "url", ["http://pgx.example", "ftp://x", "https://u:p@pgx.example", "https://pgx.example?x=1", "https://"]
)
def test_a_service_is_reached_by_tls_or_on_this_machine(url: str) -> None:
    with pytest.raises(ValidationError):
        CdsService(name="x", url=url)
    assert CdsService(name="x", url="http://127.0.0.1:1/").url == "http://127.0.0.1:1"
