"""How flags, reasons and priorities are spelled for pages."""

from functools import lru_cache

from devices.model.observation import NoValue, Quality

PRIORITIES = {1: "low", 2: "medium", 3: "high"}


def reason_name(reason: int) -> str:
    """`sensor-off` for NoValue.SENSOR_OFF."""
    return NoValue(reason).name.lower().replace("_", "-")


def quality_names(quality: int) -> list[str]:
    """`["artifact", "stored"]` for Quality.ARTIFACT | Quality.STORED."""
    return [*_flags(quality)]


@lru_cache(maxsize=1024)
def _flags(quality: int) -> tuple[str, ...]:
    """There are few, and each reading asks."""
    return tuple(flag.name.lower().replace("_", "-") for flag in Quality if flag & quality and flag.name)
