"""What a codec said, put as briefly as the expectations beside the captures."""

from devices.replay import brief, briefly

__all__ = ["brief", "briefly"]
