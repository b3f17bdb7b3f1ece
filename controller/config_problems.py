"""What pydantic finds wrong with the configuration file, as a sentence: key, expected, came, remedy."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

Fields = Mapping[str, FieldInfo]


def problem(error: ErrorDetails, fields: Fields) -> str:
    """What is wrong with the file whose keys are `fields`, and what to do."""
    if not error["loc"]:
        return error["msg"].removeprefix("Value error, ")  # of the file as a whole
    *path, last = error["loc"]
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = _keys([str(part) for part in path], fields)
        near = get_close_matches(str(last), known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"take it out; known are {', '.join(known)}"
        return f"{key}: unknown key; {hint}"
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    return f"{key}: {message}; got {error['input']!r:.60}: correct it"


def _keys(path: list[str], fields: Fields) -> list[str]:
    for part in path:
        if part.isdigit():
            continue  # the place in a list
        kinds = get_args(fields[part].annotation) or (fields[part].annotation,)
        section = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
        fields = section.model_fields if section else {}
    return list(fields)
