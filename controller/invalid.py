"""What pydantic finds wrong with what somebody sent, as sentences: where, and what was expected there."""

from pydantic import ValidationError


def problems(error: ValidationError, whole: str = "body") -> list[str]:
    """One for each place; `whole`: what the thing is called. What was sent is not repeated: it may be a
    patient's."""
    found = error.errors(include_input=False, include_url=False)
    return [
        f"{'.'.join(map(str, one['loc'])) or whole}: "
        + one["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
        for one in found
    ]
