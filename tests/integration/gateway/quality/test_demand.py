"""A gateway and the operator of its mobile network: a patient gets worse, and the connection better."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from devices.model.observation import Alert, DeviceEvent, EventKind, Reading, later
from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.enrolment.identity import IdentityFolder
from gateway.journal.journal import Journal
from gateway.links import Link, Outlet
from gateway.orders.kept import ConfigurationFile
from gateway.quality import demand, session
from hil.sims.grants import SECRET
from tests.integration.gateway.rig import write_config
from tests.support.broker_process import BrokerProcess
from tests.support.operator import OperatorProcess
from tests.support.peer import Peer
from tests.support.waiting import until


@dataclass
class Patient:
    """A link that says the heart's rate ten times a second; the device has measured it for a while."""

    rate: int = 80
    said: int = 0

    def link(self, _device: DeviceConfig, outlet: Outlet) -> Link:
        patient = self

        class Monitor:
            async def run(self) -> None:
                while True:
                    now = SystemClock().now()
                    rate = Decimal(patient.rate)
                    outlet([Reading("hr", later(now, -5), rate), Reading("hr", now, rate)])
                    patient.said += 1
                    await asyncio.sleep(0.1)

        return Monitor()


class Ambulance:
    """The running gateway, its patient, and what the controller has heard of it."""

    def __init__(self, gateway: Gateway, patient: Patient, peer: Peer) -> None:
        self.gateway, self.patient, self._peer = gateway, patient, peer
        self.serving = asyncio.create_task(gateway.serve())

    @property
    def told(self) -> list[str]:
        """States of the quality, and why."""
        events = [one for one in self._peer.records() if isinstance(one, DeviceEvent)]
        of_it = [dict(one.detail) for one in events if one.kind == EventKind.QUALITY]
        return [" ".join(filter(None, (str(one["state"]), str(one.get("why", ""))))) for one in of_it]

    @property
    def alarms(self) -> list[tuple[bool, str]]:
        """`quality-refused`, begun and ended."""
        alerts = [one for one in self._peer.records() if isinstance(one, Alert)]
        return [
            (one.active, str(one.detail.get("why", ""))) for one in alerts if one.code == "quality-refused"
        ]

    def readings(self) -> int:
        """How many arrived."""
        return sum(isinstance(one, Reading) for one in self._peer.records())

    async def recovers(self) -> None:
        self.patient.rate = 80
        bedside = self.gateway.bedside
        await until(lambda: all(one.is_over for one in bedside.alarms.active), "the rate is good")
        for alarm in [*bedside.alarms.active]:
            await bedside.acknowledge({"alarm": alarm.number})

    async def arrives(self) -> None:
        """The crew says that the patient left the vehicle."""
        detail = {"action": "end", "event": "0" * 16, "vehicle": "amb-1", "by": "kim", "stay": "1" * 16}
        await self.gateway._say(DeviceEvent(EventKind.PATIENT, SystemClock().now(), detail))

    async def goes_on(self) -> None:
        """Its readings arrive."""
        seen = self.readings()
        await until(lambda: self.readings() > seen + 3, "more readings")


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demand, "LOOK_S", 0.02)
    monkeypatch.setattr(session, "SOON_S", 0.05)
    monkeypatch.setattr(session, "SELDOM_S", 0.1)
    monkeypatch.setattr(session, "FIRST_WAIT_S", 0.1)


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[OperatorProcess]:
    with OperatorProcess(tmp_path / "operator") as made:
        yield made


@pytest.fixture
async def ambulance(
    tmp_path: Path, broker: BrokerProcess, peer: Peer, operator: OperatorProcess
) -> AsyncIterator[Ambulance]:
    broker.start()
    path = write_config(
        tmp_path, broker.url, os.devnull, identity=broker.identity("ward-a"), extra=operator.section
    )
    config, clock, patient = load(path), SystemClock(), Patient()
    data = config.gateway.data
    journal = Journal.open(data / "journal", b"a" * 8, 10**8, clock.block_clock())
    remote = ConfigurationFile("ward-a", data / "configuration.cose")
    gateway = Gateway(config, clock, IdentityFolder(data / "identity"), journal, remote, None, patient.link)
    made = Ambulance(gateway, patient, peer)
    await until(lambda: made.told == ["released"] and made.readings(), "it runs, and holds nothing")
    yield made
    made.serving.cancel()
    await asyncio.gather(made.serving, return_exceptions=True)
    await gateway.keeper.close()


async def test_while_a_patient_is_in_danger_there_is_a_session_which_is_extended_and_then_deleted(
    ambulance: Ambulance, operator: OperatorProcess, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    operator.order(provide_s=0.3, grant_s=3)
    ambulance.patient.rate = 200
    await until(lambda: "available" in ambulance.told, "the session is available")
    [held] = operator.sessions
    assert (held["qosProfile"], held["device"]) == ("QOS_L", {"phoneNumber": "+123456789"})
    assert held["applicationServer"] == {"ipv4Address": "198.51.100.7"}
    assert held["applicationServerPorts"] == {"ports": [8883]}
    await until(lambda: operator.sessions[0]["duration"] > 600, "it is extended")
    assert operator.sessions[0]["sessionId"] == held["sessionId"]
    assert operator.sessions[0]["qosStatus"] == "AVAILABLE"
    await ambulance.recovers()
    await until(lambda: ambulance.told[-1] == "released", "it is released")
    assert operator.sessions == []
    assert ambulance.told == ["released", "requested", "available", "released"]
    assert ambulance.alarms == [(False, "")]
    assert operator.asked.count("token") == 1
    for secret in (SECRET, *operator.tokens):
        assert secret not in caplog.text
        assert secret.encode() not in b"".join(file.read_bytes() for file in journal_files(ambulance))


def journal_files(ambulance: Ambulance) -> list[Path]:
    found = [one for one in (ambulance.gateway.config.gateway.data / "journal").rglob("*") if one.is_file()]
    assert found
    return found


async def test_a_refusal_is_told_once_harms_nothing_and_ends_by_itself(
    ambulance: Ambulance, operator: OperatorProcess
) -> None:
    operator.order(refuse={"operation": "createSession", "status": 429, "code": "QUOTA_EXCEEDED"})
    ambulance.patient.rate = 200
    await until(lambda: operator.asked.count("createSession 429 QUOTA_EXCEEDED") > 1, "it was tried again")
    await ambulance.goes_on()
    assert ambulance.told == ["released", "refused 429 QUOTA_EXCEEDED"]
    assert ambulance.alarms == [(False, ""), (True, "refused: 429 QUOTA_EXCEEDED")]
    operator.order(refuse=None)
    await until(lambda: ambulance.told[-1] == "available", "it is given after all")
    await until(lambda: ambulance.alarms[-1] == (False, ""), "the alert ends")


async def test_what_the_network_ends_is_begun_anew_and_a_token_that_is_not_taken_is_renewed(
    ambulance: Ambulance, operator: OperatorProcess
) -> None:
    operator.order(token_s=1)
    operator.order(revoke=True)
    ambulance.patient.rate = 200
    await until(lambda: ambulance.told[-1] == "available", "the session is available")
    [held] = operator.sessions
    operator.order(end=True)
    await until(lambda: "ended NETWORK_TERMINATED" in ambulance.told, "its end is told")
    await until(lambda: ambulance.told[-1] == "available", "there is one again")
    [another] = operator.sessions
    assert another["sessionId"] != held["sessionId"]
    assert [one for one in operator.asked if one.startswith("createSession")].count("createSession") == 2
    assert "createSession 401 UNAUTHENTICATED" in operator.asked  # a revoked one was shown
    before = operator.asked.count("token")
    await until(lambda: operator.asked.count("token") > before + 1, "it is renewed when it nears its end")
    assert sum(one.endswith("UNAUTHENTICATED") for one in operator.asked) == 1


async def test_a_physician_who_looks_on_raises_the_session_and_arrival_ends_it(
    ambulance: Ambulance, operator: OperatorProcess, peer: Peer
) -> None:
    await peer.command("ward-a", "watched", vehicle="amb-1", by="dr-wu")
    await until(lambda: ambulance.told[-1] == "available", "it is there before the patient gets worse")
    assert len(operator.sessions) == 1
    ambulance.patient.rate = 200
    await until(lambda: ambulance.gateway.bedside.alarms.active, "and then it gets worse")
    await ambulance.arrives()
    await until(lambda: ambulance.told[-1] == "released", "nobody needs it any more")
    assert operator.sessions == []


async def test_when_nobody_looks_on_any_more_the_session_is_given_back(
    ambulance: Ambulance, operator: OperatorProcess, peer: Peer
) -> None:
    await peer.command("ward-a", "watched", vehicle="amb-1", by="dr-wu, dr-li")
    await until(lambda: ambulance.told[-1] == "available", "it is there")
    await peer.command("ward-a", "watched", vehicle="amb-1", by="")
    await until(lambda: ambulance.told[-1] == "released", "it is given back")
    assert operator.sessions == []


async def test_an_answer_that_is_lost_leaves_no_second_session(
    ambulance: Ambulance, operator: OperatorProcess
) -> None:
    operator.order(lose="createSession")
    ambulance.patient.rate = 200
    await until(lambda: ambulance.told[-1] == "available", "the session is available")
    assert len(operator.sessions) == 1
    made = [one for one in operator.asked if one in ("createSession", "deleteSession")]
    assert made == ["createSession", "deleteSession", "createSession"]


async def test_an_operator_that_is_gone_is_told_and_harms_nothing(
    ambulance: Ambulance, operator: OperatorProcess
) -> None:
    operator.kill()
    ambulance.patient.rate = 200
    await until(lambda: ambulance.told[-1].startswith("unreachable"), "it is told")
    await ambulance.goes_on()
    await until(lambda: ambulance.alarms[-1][0], "there is an alert")
    operator.start()
    await until(lambda: ambulance.told[-1] == "available", "it is back")
    await until(lambda: not ambulance.alarms[-1][0], "the alert ends")


async def test_a_gateway_that_ends_gives_the_session_back(
    ambulance: Ambulance, operator: OperatorProcess
) -> None:
    ambulance.patient.rate = 200
    await until(lambda: ambulance.told[-1] == "available", "the session is available")
    assert len(operator.sessions) == 1
    ambulance.serving.cancel()
    await asyncio.gather(ambulance.serving, return_exceptions=True)
    assert operator.sessions == []
