"""What is wrong with what was sent, in sentences."""

import pytest
from pydantic import BaseModel, Field, ValidationError

from controller.invalid import problems


class Dose(BaseModel):
    name: str
    times: list[int] = Field(max_length=2)


def told(text: str, whole: str = "body") -> list[str]:
    with pytest.raises(ValidationError) as refused:
        Dose.model_validate_json(text)
    return problems(refused.value, whole)


def test_each_place_is_named_with_what_was_expected_there() -> None:
    assert told('{"times": [1, "noon"]}') == [
        "name: Field required",
        "times.1: expected a valid integer, unable to parse string as an integer",
    ]


def test_what_was_sent_is_not_repeated() -> None:
    assert "4711" not in "".join(told('{"name": 4711, "times": "4711"}'))


def test_the_whole_has_the_name_that_it_is_given() -> None:
    assert told("[1]", "the file") == ["the file: expected an object"]
