"""Every message that a version can say comes back as it went out, and others' validators take it."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.vda5050.factsheet import Factsheet, LoadSpecification
from devices.codecs.vda5050.messages import Message, decode, encode, kind_of, topic_of
from devices.codecs.vda5050.topics import SINCE_3, Topic
from devices.codecs.vda5050.version import Version
from tests.support.vda5050_messages import faults_in_2_0, made, messages

SPOKEN = [
    (topic, version) for version in Version for topic in Topic if version.major > 2 or topic not in SINCE_3
]
OLD = [topic for topic in Topic if topic not in SINCE_3]


@pytest.mark.parametrize(("topic", "version"), SPOKEN)
@given(data=st.data())
@settings(max_examples=20)
def test_what_is_encoded_is_decoded_as_it_was(topic: Topic, version: Version, data: st.DataObject) -> None:
    message = data.draw(messages(kind_of(topic), version))
    sent = encode(message, version)
    assert topic_of(message) is topic
    assert decode(topic, sent) == message
    assert decode(topic, sent, version) == message
    assert encode(decode(topic, sent)) == sent


def test_the_validators_of_vda_5050_lib_take_what_is_encoded_in_2_0() -> None:
    asked = [_without_loads(made(kind_of(topic), Version.V2_0, seed)) for topic in OLD for seed in range(40)]
    told = faults_in_2_0(asked)
    assert [(why, json.loads(encode(one))) for why, one in zip(told, asked, strict=True) if why] == []


def _without_loads(message: Message) -> Message:
    """Their factsheet has a string for a load's theta, and an integer for its description."""
    return (
        replace(message, load_specification=LoadSpecification())
        if isinstance(message, Factsheet)
        else message
    )
