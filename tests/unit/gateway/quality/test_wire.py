"""What is asked and answered, held against an independent reading of the published document."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ApiRefused
from gateway.quality import wire
from gateway.quality.wire import QosStatus
from hil.sims.camara import CreateSession
from tests.unit.gateway.quality.made import configured

# The document's SESSION_UNAVAILABLE_EXAMPLE.
EXAMPLE: dict[str, Any] = {
    "duration": 2428,
    "applicationServer": {"ipv4Address": "198.51.100.0/24"},
    "qosProfile": "QOS_L",
    "sink": "https://application-server.com/notifications",
    "sessionId": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "startedAt": "2024-06-01T12:00:00Z",
    "expiresAt": "2024-06-01T12:40:28Z",
    "qosStatus": "UNAVAILABLE",
    "statusInfo": "NETWORK_TERMINATED",
}


def test_a_session_is_asked_for_in_the_documents_words() -> None:
    assert wire.create(configured()) == {
        "device": {"phoneNumber": "+123456789"},
        "applicationServer": {"ipv4Address": "198.51.100.7"},
        "applicationServerPorts": {"ports": [8883]},
        "qosProfile": "QOS_L",
        "duration": 600,
    }


@pytest.mark.parametrize(
    ("given_as", "device"),
    [
        (
            {"public_address": "203.0.113.0", "public_port": 59765},
            {"ipv4Address": {"publicAddress": "203.0.113.0", "publicPort": 59765}},
        ),
        (
            {"public_address": "203.0.113.0", "private_address": "10.1.2.3"},
            {"ipv4Address": {"publicAddress": "203.0.113.0", "privateAddress": "10.1.2.3"}},
        ),
        ({"ipv6_address": "2001:DB8::7"}, {"ipv6Address": "2001:db8::7"}),
    ],
)
def test_the_device_is_named_in_each_way_that_the_document_allows(
    given_as: dict[str, Any], device: dict[str, object]
) -> None:
    asked = wire.create(configured(phone_number=None, server="[2001:db8::1]", **given_as))
    assert asked["device"] == device
    assert asked["applicationServer"] == {"ipv6Address": "2001:db8::1"}
    assert "applicationServerPorts" not in asked
    CreateSession.model_validate_json(json.dumps(asked))


def test_a_sink_goes_with_a_token_of_its_own_that_is_in_no_description_of_it() -> None:
    sink = wire.Sink("https://hospital.example/api/quality/notifications", "ab" * 32, 1_717_243_200_000_000)
    asked = wire.create(configured(), sink)
    read = CreateSession.model_validate_json(json.dumps(asked))
    assert str(read.sink) == sink.address
    assert asked["sinkCredential"] == {
        "credentialType": "ACCESSTOKEN",
        "accessToken": sink.token,
        "accessTokenExpiresUtc": "2024-06-01T12:00:00Z",
        "accessTokenType": "bearer",
    }
    assert sink.token not in repr(sink)


def test_an_answer_is_read() -> None:
    told = wire.session_info(json.dumps(EXAMPLE).encode())
    assert told.id == "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    assert (told.qos_status, told.status_info, told.duration) == (
        QosStatus.UNAVAILABLE,
        "NETWORK_TERMINATED",
        2428,
    )


@pytest.mark.parametrize("lacks", ["sessionId", "duration", "qosStatus", "applicationServer"])
def test_an_answer_without_what_it_must_have_is_none(lacks: str) -> None:
    told = {name: value for name, value in EXAMPLE.items() if name != lacks}
    with pytest.raises(ApiRefused, match="502 BAD_ANSWER"):
        wire.session_info(json.dumps(told).encode())


def test_of_the_devices_sessions_only_those_to_our_server_are_ours() -> None:
    other = EXAMPLE | {"sessionId": str(UUID(int=1)), "applicationServer": {"ipv4Address": "192.0.2.1"}}
    ours = EXAMPLE | {"applicationServer": {"ipv4Address": "198.51.100.7/32"}}
    body = json.dumps([other, ours]).encode()
    assert [one.id for one in wire.sessions_to(configured(), body)] == [EXAMPLE["sessionId"]]


@given(st.binary(max_size=200))
def test_whatever_an_operator_sends_is_read_or_refused(body: bytes) -> None:
    for read in (wire.session_info, lambda data: wire.sessions_to(configured(), data)):
        with pytest.raises(ApiRefused):
            read(body)
            raise ApiRefused(0, "it could be read")
