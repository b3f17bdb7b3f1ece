"""Names that can stand in topics, file names and addresses without escaping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadIdentity
from devices.model.identity import NAME_PATTERN, device_id, gateway_id, location_id


@given(st.from_regex(NAME_PATTERN, fullmatch=True))
def test_a_name_of_the_form_is_itself(text: str) -> None:
    assert device_id(text) == gateway_id(text) == location_id(text) == text


@pytest.mark.parametrize("text", ["", "Bed1", "-a", ".a", "a/b", "a b", "a+", "ä", "a\n", "a" * 49])
def test_any_other_name_is_refused_with_the_form_that_is_expected(text: str) -> None:
    for check in (device_id, gateway_id, location_id):
        with pytest.raises(BadIdentity, match="use 1 to 48 of a-z"):
            check(text)
