"""What most Bluetooth models have beside their measurements: a battery level, and who they are."""

from devices.codecs import battery, device_information
from devices.profiles import BleCharacteristic

BATTERY = BleCharacteristic(battery.LEVEL, battery.BatteryCodec, read=True, optional=True)
IDENTITY = tuple(
    BleCharacteristic(uuid, codec, read=True, subscribe=False, optional=True)
    for uuid, codec in device_information.CODECS.items()
)
