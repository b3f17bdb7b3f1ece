"""Profiles: every model is complete, can be told from the others, and gives metrics that exist."""

import re

import pytest

from devices.capture import codecs_of
from devices.errors import UnknownProfile
from devices.model.metrics import METRICS
from devices.model.observation import Instant
from devices.profiles import BleBroadcast, BleLink, Profile, profile, profiles

ALL = pytest.mark.parametrize("one", profiles().values(), ids=profiles().keys())
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def test_there_is_a_model_of_each_kind() -> None:
    assert set(profiles()) >= {"polar-h10", "nonin-3230", "and-ut-201ble", "nonin-xpod"}


@ALL
def test_a_profile_is_found_by_its_name(one: Profile) -> None:
    assert profile(one.name) is one


@ALL
def test_a_profile_says_who_made_the_model_and_where_its_facts_are_from(one: Profile) -> None:
    assert one.manufacturer
    assert one.model
    assert one.source


@ALL
def test_a_profile_s_metrics_are_in_the_table(one: Profile) -> None:
    assert len(set(one.metrics)) == len(one.metrics)
    assert set(one.metrics) <= set(METRICS)


def characteristics_of(one: Profile) -> list[str]:
    return [wanted.uuid for wanted in one.link.characteristics] if isinstance(one.link, BleLink) else []


@ALL
def test_uuids_are_of_128_bits_in_lower_case_and_no_two_are_the_same(one: Profile) -> None:
    uuids = characteristics_of(one)
    assert len(set(uuids)) == len(uuids)
    assert all(re.fullmatch(UUID, uuid) for uuid in uuids)


@ALL
def test_every_connection_gets_codecs_of_its_own_that_survive_an_empty_arrival(one: Profile) -> None:
    first, second = codecs_of(one.link), codecs_of(one.link)
    for source, codec in first.items():
        assert codec is not second[source]
        codec.receive_data(b"", Instant(0))


@ALL
def test_every_characteristic_has_a_codec_and_one_at_least_must_be_there(one: Profile) -> None:
    if isinstance(one.link, BleLink):
        assert set(codecs_of(one.link)) == set(characteristics_of(one))
        assert not all(wanted.optional for wanted in one.link.characteristics)


def test_no_two_models_are_recognised_by_the_same_service_and_name() -> None:
    links = [one.link for one in profiles().values()]
    marks = [(link.service, link.name_prefix) for link in links if isinstance(link, BleLink)]
    marks += [(link.service_data, link.name_prefix) for link in links if isinstance(link, BleBroadcast)]
    assert len(set(marks)) == len(marks)


def test_an_unknown_profile_names_those_that_there_are() -> None:
    with pytest.raises(UnknownProfile, match=r"'polar'.*polar-h10"):
        profile("polar")
