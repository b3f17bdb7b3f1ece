"""A device serves one bed: no other bed's value is taken for its own, on whatever connection it comes."""

from decimal import Decimal

import pytest

from devices.codecs import Said
from devices.codecs.hl7.bed import Bed
from devices.codecs.hl7.pcd01 import Pcd01, of_one_bed
from devices.model.observation import EventKind, Instant, Reading, later
from devices.profiles import TcpLink, profile

NOW = Instant(1_000_000_000_000)


def message(bed: str, spo2: int, patient: str = "P1") -> bytes:
    lines = (
        "MSH|^~\\&|VENDOR^1^EUI-64|||ICU|20260101020304||ORU^R01^ORU_R01|1|P|2.6",
        f"PID|||{patient}^^^H^PI",
        f"PV1||I|{bed}" if bed else "PV1||I",
        "OBR|1|||X",
        f"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1|{spo2}|262688^MDC_DIM_PERCENT^MDC|||||R",
    )
    return b"\x0b" + "\r".join(lines).encode() + b"\r\x1c\r"


def shown(said: list[Said]) -> list[Decimal | None]:
    return [one.value for one in said if isinstance(one, Reading)]


def kept(said: list[Said]) -> int:
    return sum(getattr(one, "kind", None) == EventKind.UNMAPPED for one in said)


def test_the_bed_of_the_first_message_holds_over_all_connections() -> None:
    connect = of_one_bed()
    assert shown(connect().receive_data(message("ICU^1", 97), NOW)) == [97]
    again = connect()
    other = again.receive_data(message("ICU^2", 85, "P2"), NOW)
    assert (shown(other), kept(other)) == ([], 1)
    assert shown(again.receive_data(message("ICU^1", 96), NOW)) == [96]


def test_another_device_has_a_bed_of_its_own() -> None:
    of_one_bed()().receive_data(message("ICU^1", 97), NOW)
    assert shown(of_one_bed()().receive_data(message("ICU^2", 85), NOW)) == [85]


def test_the_profile_asks_for_it() -> None:
    link = profile("ihe-pcd-01").link
    assert isinstance(link, TcpLink)
    make, other = link.codecs(), link.codecs()
    make().receive_data(message("ICU^1", 97), NOW)
    assert shown(make().receive_data(message("ICU^2", 85), NOW)) == []
    assert shown(other().receive_data(message("ICU^2", 85), NOW)) == [85]


def test_a_new_patient_in_the_same_bed_is_the_bed_s() -> None:
    codec = Pcd01()
    codec.receive_data(message("ICU^1", 97, "P1"), NOW)
    assert shown(codec.receive_data(message("ICU^1", 95, "P2"), NOW)) == [95]


@pytest.mark.parametrize(("seconds", "taken"), [(0, False), (599, False), (601, True)])
def test_where_no_bed_is_named_another_patient_waits_until_the_first_is_silent(
    seconds: float, taken: bool
) -> None:
    bed = Bed()
    assert bed.is_of("", "P1", NOW)
    assert bed.is_of("", "P2", later(NOW, seconds)) == taken


def test_a_patient_who_is_told_of_again_and_again_keeps_the_device() -> None:
    bed = Bed()
    for minute in range(60):
        assert bed.is_of("", "P1", later(NOW, 60 * minute))
        assert not bed.is_of("", "P2", later(NOW, 60 * minute + 30))
