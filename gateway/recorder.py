"""A capture of a live device: its link runs as in a ward, and every arrival is written down with its time.

    await record(device_config, profile, Path("capture.txt"), clock, print)       # until cancelled

The file is what `wardlink decode` reads. It is synced before a device is told that it may forget something.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from devices.codecs import Codec, Host, Said, journals
from devices.model.observation import Instant
from devices.profiles import BleLink, Profile
from gateway.clock import Clock
from gateway.links import Link, Outlet

Write = Callable[[Instant, bytes], None]
Show = Callable[[Said], None]


@dataclass(slots=True)
class Tap:
    """A codec that writes down what arrives, and is else the one inside."""

    inner: Codec
    write: Write

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """See `Codec`."""
        self.write(now, data)
        return self.inner.receive_data(data, now)

    def data_to_send(self) -> bytes:
        """See `Codec`."""
        return self.inner.data_to_send()

    def next_timer(self) -> Instant | None:
        """See `Codec`."""
        return self.inner.next_timer()

    def handle_timer(self, now: Instant) -> list[Said]:
        """See `Codec`."""
        return self.inner.handle_timer(now)

    def awaits_journal(self) -> bool:
        """See `JournalledCodec`."""
        return journals(self.inner) and self.inner.awaits_journal()

    def journalled(self, now: Instant) -> None:
        """See `JournalledCodec`."""
        if journals(self.inner):
            self.inner.journalled(now)


@dataclass(slots=True)
class Recorder:
    """The file of one capture, and the outlet of the link that is recorded."""

    file: TextIO
    show: Show
    began: Instant
    host: Host

    def tapped(self, profile: Profile) -> Profile:
        """`profile` with every codec tapped."""
        link = profile.link
        if isinstance(link, BleLink):
            bare = tuple(replace(one, codec=None) for one in link.characteristics)

            def linked(host: Host) -> dict[str, Codec]:
                codecs = link.codecs(host)
                return {uuid: Tap(codec, self._writer(_short(uuid))) for uuid, codec in codecs.items()}

            return replace(profile, link=replace(link, characteristics=bare, linked=linked))
        make, source = link.codec, _short(getattr(link, "service_data", ""))
        return replace(profile, link=replace(link, codec=lambda: Tap(make(), self._writer(source))))

    def _writer(self, source: str) -> Write:
        def write(at: Instant, data: bytes) -> None:
            seconds = f"{(at - self.began) / 1e9:.6f}"
            self.file.write(" ".join(part for part in (seconds, source, data.hex()) if part) + "\n")
            self.file.flush()

        return write

    def __call__(self, said: Sequence[Said]) -> None:
        """See `Outlet`."""
        for one in said:
            self.show(one)

    async def kept(self) -> None:
        """See `Outlet`."""
        await asyncio.to_thread(os.fsync, self.file.fileno())

    async def remember(self) -> None:
        """See `Outlet`: each recording begins anew."""


def _short(uuid: str) -> str:
    """A UUID as captures have it."""
    return uuid[4:8] if uuid.endswith("-0000-1000-8000-00805f9b34fb") else uuid


async def record(
    profile: Profile,
    path: Path,
    clock: Clock,
    link: Callable[[Profile, Outlet], Link],
    show: Show,
) -> None:
    """Run the link that `link` makes until cancelled, and write what arrives to `path`."""
    file = await asyncio.to_thread(path.open, "w", encoding="utf-8")
    with file:
        began = clock.now()
        utc_us = clock.block_clock().utc_us
        file.write(f"# {profile.name}, recorded at UTC microseconds {utc_us}\n")
        recorder = Recorder(file, show, began, Host(clock.local_time))
        await link(recorder.tapped(profile), recorder).run()
