"""What the standard's own library finds wrong in a bill of materials.

It is imported when it is asked, for that takes more than a second, of every process that collects tests.
"""


def faults(text: str) -> object | None:
    """What CycloneDX 1.6 does not allow in `text`, strictly; None: nothing."""
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
