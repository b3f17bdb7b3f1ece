"""The operator of the tests keeps to the published document, and the client to whom it may trust."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.errors import Unreachable
from gateway.quality import wire
from gateway.quality.operator import Operator
from gateway.quality.session import Find
from tests.support.operator import OperatorProcess
from tests.unit.gateway.quality.made import configured

BASE = "/quality-on-demand/v1"
GOOD = wire.create(configured())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorProcess]:
    with OperatorProcess(tmp_path_factory.mktemp("network") / "operator") as made:
        yield made


def client(running: OperatorProcess, **changes: Any) -> Operator:
    url = running.url.replace("127.0.0.1", changes.pop("host", "127.0.0.1"))
    its = {"client_id": "wardlink", "secret_file": running.secret_file, "ca": running.ca}
    config = configured(**{"operator": url, "token_url": f"{url}/token", **its, **changes})
    return Operator(config, SystemClock(), Random(1))


async def authorized(running: OperatorProcess) -> dict[str, str]:
    await client(running).perform(Find())
    return {"Authorization": f"Bearer {running.tokens[-1]}"}


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"duration": 0}, (400, "INVALID_ARGUMENT")),
        ({"duration": "600"}, (400, "INVALID_ARGUMENT")),
        ({"qosProfile": "QOS L"}, (400, "INVALID_ARGUMENT")),
        ({"applicationServer": {}}, (400, "INVALID_ARGUMENT")),
        ({"device": {"phoneNumber": "123456789"}}, (400, "INVALID_ARGUMENT")),
        ({"device": {"ipv4Address": {"publicAddress": "203.0.113.0"}}}, (400, "INVALID_ARGUMENT")),
        ({"applicationServerPorts": {"ports": [65536]}}, (400, "INVALID_ARGUMENT")),
        ({"qos_profile": "QOS_L"}, (400, "INVALID_ARGUMENT")),
        ({"duration": 86_401}, (400, "QUALITY_ON_DEMAND.DURATION_OUT_OF_RANGE")),
        ({"qosProfile": "QOS_X"}, (422, "QUALITY_ON_DEMAND.QOS_PROFILE_NOT_APPLICABLE")),
        ({"device": None}, (422, "MISSING_IDENTIFIER")),
    ],
)
async def test_a_request_that_is_not_the_documents_is_refused_in_its_words(
    running: OperatorProcess, changes: dict[str, object], answer: tuple[int, str]
) -> None:
    token = await authorized(running)
    status, told = running.call("POST", f"{BASE}/sessions", GOOD | changes, **token)
    assert (status, told["status"], told["code"]) == (answer[0], *answer)
    assert isinstance(told["message"], str)


async def test_a_session_lives_as_the_document_says(running: OperatorProcess) -> None:
    token = await authorized(running)
    assert running.call("POST", f"{BASE}/sessions", GOOD)[0] == 401
    status, made = running.call("POST", f"{BASE}/sessions", GOOD, **token)
    assert (status, made["qosStatus"], made["duration"]) == (201, "AVAILABLE", 600)
    status, told = running.call("POST", f"{BASE}/sessions", GOOD, **token)
    assert (status, told["code"]) == (409, "CONFLICT")
    one = f"{BASE}/sessions/{made['sessionId']}"
    _, told = running.call("POST", f"{one}/extend", {"requestedAdditionalDuration": 60}, **token)
    assert told["duration"] == 660
    running.order(end=True)
    _, told = running.call("GET", one, **token)
    assert (told["qosStatus"], told["statusInfo"]) == ("UNAVAILABLE", "NETWORK_TERMINATED")
    status, told = running.call("POST", f"{one}/extend", {"requestedAdditionalDuration": 60}, **token)
    assert (status, told["code"]) == (409, "QUALITY_ON_DEMAND.SESSION_EXTENSION_NOT_ALLOWED")
    assert running.call("DELETE", one, **token)[0] == 204
    assert running.call("GET", one, **token)[0] == 404


async def test_an_operator_under_another_root_is_told_nothing(running: OperatorProcess) -> None:
    await client(running).perform(Find())
    asked = len(running.asked)
    with pytest.raises(Unreachable, match="certificate"):
        await client(running, ca=None).perform(Find())
    with pytest.raises(Unreachable, match="certificate"):
        await client(running, host="localhost").perform(Find())
    assert len(running.asked) == asked


async def test_roots_that_cannot_be_read_are_told(running: OperatorProcess, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"none\.pem: .*PEM"):
        await client(running, ca=tmp_path / "none.pem").perform(Find())
