"""How flags, reasons and priorities are spelled for pages."""

from devices.model.observation import NoValue, Quality

PRIORITIES = {1: "low", 2: "medium", 3: "high"}


def reason_name(reason: int) -> str:
    """`sensor-off` for NoValue.SENSOR_OFF."""
    return NoValue(reason).name.lower().replace("_", "-")


def quality_names(quality: int) -> list[str]:
    """`["artifact", "stored"]` for Quality.ARTIFACT | Quality.STORED."""
    return [flag.name.lower().replace("_", "-") for flag in Quality if flag & quality and flag.name]
