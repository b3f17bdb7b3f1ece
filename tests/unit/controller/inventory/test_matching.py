"""From a label to profiles: several fits are offered, and none is said plainly."""

import pytest
from biip.gtin import Gtin

from controller.inventory.labels import read
from controller.inventory.matching import Fit, bonds, fits, known_gtins
from devices.profiles import profiles

OF_BEURER = "(01)04211125658212(21)A17"


def test_the_table_names_profiles_that_exist_and_beginnings_of_gtins() -> None:
    for begins, names in known_gtins().items():
        assert names and set(names) <= profiles().keys()
        assert begins.isdecimal() and len(begins) <= 14
        assert len(begins) < 14 or Gtin.parse(begins)


def test_a_gtin_offers_every_model_of_its_maker() -> None:
    assert fits(read(OF_BEURER)) == [Fit("beurer-bm59", "gtin"), Fit("beurer-bm85", "gtin")]


def test_what_this_site_recorded_comes_first_and_each_profile_once() -> None:
    found = fits(read(OF_BEURER), ["beurer-bm85"])
    assert found == [Fit("beurer-bm85", "site"), Fit("beurer-bm59", "gtin")]


def test_a_gtin_of_nobody_known_fits_nothing() -> None:
    assert fits(read("(01)00833166000122")) == []


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        ("Nonin3230_501900083", {"nonin-3230"}),
        ("A&D_UC-352BLE_A1B2C3", {"and-uc-352ble", "and-uc-352ble-old"}),
        ("Polar H10 12345678", {"polar-h10", "polar-h10-ecg"}),
    ],
)
def test_an_advertised_name_fits_the_profiles_that_listen_for_it(scan: str, expected: set[str]) -> None:
    assert expected <= {fit.profile for fit in fits(read(scan))}


@pytest.mark.parametrize("scan", ["Beurer BM85", "https://example.org/devices/bm-85?lang=de", "BM 85 SN 7"])
def test_a_models_name_in_the_text_is_found(scan: str) -> None:
    assert "beurer-bm85" in {fit.profile for fit in fits(read(scan))}


@pytest.mark.parametrize("scan", ["SN 323099", "XBM851", "501900083", "00:1c:05:ff:e8:74"])
def test_a_number_is_no_models_name(scan: str) -> None:
    assert fits(read(scan)) == []


def test_which_profiles_ask_for_a_bond() -> None:
    assert bonds("and-ua-651ble")
    assert not bonds("polar-h10") and not bonds("masimo-rad8") and not bonds("no-such")
