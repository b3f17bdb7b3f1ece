"""`[crew]` of the configuration."""

import pytest
from pydantic import ValidationError

from gateway.crew.config import CrewConfig


def config(**told: object) -> CrewConfig:
    return CrewConfig.model_validate({"vehicle": "amb-1", **told})


def test_a_vehicle_is_enough_and_nobody_else_reaches_the_page_then() -> None:
    made = config()
    assert (made.where.host, made.where.port, made.is_local) == ("127.0.0.1", 8090, True)
    assert made.hosts == {"127.0.0.1", "localhost"}
    assert made.cylinder_l == 2


def test_in_the_vehicles_network_it_is_reached_by_address_and_names() -> None:
    made = config(address="192.168.8.1", names=["Crew.LAN", "amb-1.local."])
    assert (str(made.where), made.is_local) == ("192.168.8.1:8090", False)
    assert made.hosts == {"192.168.8.1", "crew.lan", "amb-1.local"}


@pytest.mark.parametrize(
    ("address", "is_local"),
    [("[::1]:8090", True), ("127.0.0.2", True), ("[fd00::1]:443", False), ("10.1.1.1:1", False)],
)
def test_private_addresses_will_do(address: str, is_local: bool) -> None:
    assert config(address=address).is_local == is_local


@pytest.mark.parametrize("address", ["0.0.0.0:8090", "[::]:80", "8.8.8.8", "crew.lan:80", "127.0.0.1:x", ""])
def test_the_page_is_not_for_everyone(address: str) -> None:
    with pytest.raises(ValidationError):
        config(address=address)


@pytest.mark.parametrize(
    "told", [{"names": ["a b"]}, {"names": ["-a"]}, {"cylinder_l": 0}, {"vehicle": "/"}, {"x": 1}]
)
def test_what_cannot_be_used_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        config(**told)
