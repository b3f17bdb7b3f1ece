"""Wi-Fi, and the MQTT broker behind it: ESP32 and Pico W, where the file `broker.json` is.

Beside what `firmware.hal.broker` reads, the file has `network` and `secret` (of the Wi-Fi), and may have
`time`, a server of NTP (RFC 5905) in place of pool.ntp.org: a certificate is good from a day to a day, so the
broker is not spoken to before the clock is set. NTP is not authenticated: who rules the Wi-Fi can make an old
certificate good again, but needs its key, too.
"""

import network
import ntptime

from firmware.hal.broker import Broker

AGAIN_MS = 20000
"""Without a connection, or without the time: it is tried again after this."""


class Wifi:
    """The station of a board."""

    def __init__(self, settings: dict) -> None:
        self._settings = settings
        self._station = network.WLAN(network.STA_IF)
        self._station.active(True)
        self._again = 0
        self._knows_time = False
        ntptime.host = settings.get("time", ntptime.host)

    def is_ready(self, now_ms: int) -> bool:
        """Whether there is a connection, and the clock is set; tries, if not. NTP takes up to a second."""
        is_up = self._station.isconnected()
        if now_ms >= self._again and not (is_up and self._knows_time):
            self._again = now_ms + AGAIN_MS
            try:
                if is_up:
                    ntptime.settime()
                    self._knows_time = True
                else:
                    self._station.connect(self._settings["network"], self._settings["secret"])
            except OSError:
                return False
        return is_up and self._knows_time


class Network:
    """The node's stream by Wi-Fi, as one of the radios of `firmware.hal.main`."""

    def __init__(self, settings: dict) -> None:
        self._wifi = Wifi(settings)
        self._broker = Broker(settings)

    def turn(self, now_ms: int) -> bytes:
        """Do what can be done now. Returns the bytes of the host."""
        return self._broker.turn(now_ms) if self._wifi.is_ready(now_ms) else b""

    def send(self, frame: bytes) -> None:
        """Publish a frame; one that cannot go now will come again."""
        if self._broker.is_free():
            self._broker.write(frame)

    def is_connected(self) -> bool:
        """Whether there is a broker that a host may listen at."""
        return self._broker.is_open()
