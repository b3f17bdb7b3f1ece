"""What may be asked of a gateway: known names, within their bounds."""

import pytest

from devices.errors import BadOrder
from devices.model.orders import (
    ACKNOWLEDGE,
    ANSWER,
    COMMANDS,
    HANDED_OVER,
    LOOK_AT_QUALITY,
    PICTURE,
    SETTINGS,
    TIMELESS,
    Arguments,
    check_command,
    check_settings,
)
from devices.wire.topics import LANES


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("rebirth", {}),
        ("identify", {}),
        ("set-log-level", {"level": "debug"}),
        ("discover", {"seconds": 60}),
        ("forget", {"device": "ox-1", "address": ""}),
        ("forget", {"device": "ox-1", "address": "00:1C:05:FF:E8:74"}),
    ],
)
def test_a_command_with_what_it_needs_is_good(name: str, arguments: Arguments) -> None:
    check_command(name, arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("explode", {}, "unknown"),
        ("", {}, "unknown"),
        ("identify", {"level": "debug"}, "arguments"),
        ("set-log-level", {}, "arguments"),
        ("discover", {"seconds": 61}, "arguments"),
        ("discover", {"seconds": "8"}, "arguments"),
        ("forget", {"device": "Ox 1", "address": ""}, "arguments"),
        ("forget", {"device": "ox-1", "address": "00:1c:05:ff:e8:74"}, "arguments"),
        ("forget", {"device": "ox-1"}, "arguments"),
        ("set-log-level", {"level": "loud"}, "arguments"),
        ("set-log-level", {"level": 10}, "arguments"),
    ],
)
def test_any_other_command_is_refused_with_a_code(name: str, arguments: Arguments, why: str) -> None:
    with pytest.raises(BadOrder) as refused:
        check_command(name, arguments)
    assert refused.value.why == why


def test_what_a_gateway_does_without_knowing_the_time_changes_nothing_there() -> None:
    assert set(COMMANDS) > TIMELESS
    assert {name for name in TIMELESS if COMMANDS[name]} == {
        ACKNOWLEDGE,
        ANSWER,
        HANDED_OVER,
        LOOK_AT_QUALITY,
        PICTURE,
    }  # a number that does not come again; a picture that never goes back to where it was


def test_each_lane_has_its_dscp() -> None:
    assert {name for name in SETTINGS if name.startswith("dscp-")} == {f"dscp-{lane}" for lane in LANES}


@pytest.mark.parametrize(
    "settings",
    [{}, {"dscp-alert": 0}, {"dscp-bulk": 63, "journal-quota-mb": 16}, {"log-level": "error"}],
)
def test_settings_within_their_bounds_are_good(settings: Arguments) -> None:
    check_settings(settings)


@pytest.mark.parametrize(
    "settings",
    [
        *(
            {"dscp-alert": -1},
            {"dscp-alert": 64},
            {"dscp-alert": True},
            {"dscp-alert": 8.0},
            {"dscp-other": 1},
        ),
        *({"journal-quota-mb": 15}, {"journal-quota-mb": 1_000_001}, {"journal-quota-mb": "512"}),
        *({"log-level": "DEBUG"}, {"log-level": ["debug"]}, {"log": {"level": "debug"}}, {"device": []}),
    ],
)
def test_any_other_setting_is_refused_by_name(settings: Arguments) -> None:
    with pytest.raises(BadOrder, match=next(iter(settings))):
        check_settings(settings)
