"""What of a platform's answer is used: active services of the name, where they speak MQTT over TLS."""

import json
from contextlib import suppress
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ApiRefused
from gateway.mec.wire import MOST, endpoints, services
from hil.sims.mec import service
from tests.support.mec_schema import SERVICES

NAME = "wardlink-controller"


def found(*told: dict[str, Any]) -> tuple[str, ...]:
    jsonschema.validate(list(told), SERVICES)
    return endpoints(json.dumps(told).encode(), NAME)


def test_the_service_is_asked_for_by_its_name() -> None:
    assert services("a b") == "/mec_service_mgmt/v1/services?ser_name=a+b"


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ({"uris": ["mqtts://edge.example"]}, "mqtts://edge.example:8883"),
        ({"uris": ["https://edge.example", "mqtts://edge.example:9000"]}, "mqtts://edge.example:9000"),
        ({"addresses": [{"host": "192.0.2.7", "port": 8883}]}, "mqtts://192.0.2.7:8883"),
        ({"addresses": [{"host": "2001:db8::7", "port": 8883}]}, "mqtts://[2001:db8::7]:8883"),
    ],
)
def test_both_ways_to_say_where_it_is_are_read(endpoint: dict[str, Any], address: str) -> None:
    assert found(service(NAME, endpoint)) == (address,)


@pytest.mark.parametrize(
    "told",
    [
        service("other", {"uris": ["mqtts://edge.example"]}),
        service(NAME, {"uris": ["mqtts://edge.example"]}, state="INACTIVE"),
        service(NAME, {"addresses": [{"host": "192.0.2.7", "port": 443}]}, protocol="HTTP"),
        service(NAME, {"uris": ["mqtt://edge.example", "mqtts://user:secret@edge.example", "mqtts://"]}),
        service(NAME, {"addresses": [{"host": "a/b@c", "port": 1}]}),
        service(NAME, {"alternative": {"mqtts": "mqtts://edge.example"}}),
    ],
)
def test_what_is_no_active_controller_behind_tls_is_passed_over(told: dict[str, Any]) -> None:
    assert found(told) == ()
    good = service(NAME, {"uris": ["mqtts://good.example"]})
    assert found(told, good) == ("mqtts://good.example:8883",)


def test_an_entry_that_cannot_be_read_hides_no_other() -> None:
    told = [{"serName": NAME}, {}, service(NAME, {"uris": ["mqtts://good.example"]})]
    assert endpoints(json.dumps(told).encode(), NAME) == ("mqtts://good.example:8883",)


def test_of_very_many_only_the_first_are_used_and_each_once() -> None:
    uris = [f"mqtts://edge-{number // 2}.example" for number in range(100)]
    assert found(service(NAME, {"uris": uris})) == tuple(
        f"mqtts://edge-{number}.example:8883" for number in range(MOST)
    )


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["serName", "state", "transportInfo", "endpoint", "uris"]), inner
            )
        ),
    ).map(lambda told: json.dumps([told]).encode())
)
def test_whatever_a_platform_sends_is_read_or_refused(body: bytes) -> None:
    with suppress(ApiRefused):
        assert isinstance(endpoints(body, NAME), tuple)
