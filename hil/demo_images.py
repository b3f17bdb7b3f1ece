"""The demo's images: what a CT, an X-ray, an ultrasound and an ECG made of some of its patients."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from controller.imaging.client import ImagingClient
from controller.imaging.errors import ServiceSilent
from controller.imaging.sight import WHOLE
from controller.imaging.speaker import Speaker
from hil.sims.imaging.chest import chest_radiograph
from hil.sims.imaging.ecg import twelve_leads
from hil.sims.imaging.head import head_ct
from hil.sims.imaging.objects import Examination, Patient
from hil.sims.imaging.ultrasound import heart_cine
from hil.ward import Ward, WardBed

_DEMO = Speaker("demo", "", frozenset({"imaging:read", "imaging:write"}), WHOLE)
_BOUNDARY = "of-the-demo"
_STARTS_S = 60.0
_BORN, _SEX = ("19610412", "19480930", "19750105", "19870822"), "FMFM"


async def send_images(socket: Path, ward: Ward) -> int:
    """Send each study that the archive behind `socket` has not. Returns how many instances were sent.

    Raises ServiceSilent: no archive has answered within a minute.
    """
    client, sent = ImagingClient(socket), 0
    try:
        for number, bed in enumerate(ward.beds[: len(_BORN)]):
            if await _has(client, bed.patient_identifier):
                continue
            instances = await asyncio.to_thread(lambda n=number, of=bed: list(_study(n, of)))
            headers = {"Content-Type": f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'}
            async with client.request(
                _DEMO, "POST", "/dicom-web/studies", headers=headers, data=_body(instances)
            ) as answer:
                await answer.read()
            sent += len(instances)
    finally:
        await client.close()
    return sent


async def _has(client: ImagingClient, patient: str) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + _STARTS_S
    while True:
        try:
            return bool(
                await client.json(
                    _DEMO, "GET", "/dicom-web/studies", params={"PatientID": patient, "limit": "1"}
                )
            )
        except ServiceSilent:
            if loop.time() > until:
                raise
        await asyncio.sleep(0.5)


def _body(instances: list[bytes]) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return b"".join(head + one + b"\r\n" for one in instances) + f"--{_BOUNDARY}--\r\n".encode()


def _study(number: int, bed: WardBed) -> Iterator[bytes]:
    """What was made of the patient in the bed: yesterday, at the hour of its number."""
    first, _, last = bed.patient_name.partition(" ")
    patient = Patient(bed.patient_identifier, f"{last}^{first}", _BORN[number], _SEX[number])
    at = (datetime.now() - timedelta(days=1)).replace(hour=9 + number, minute=20, second=0, microsecond=0)  # noqa: DTZ005 — modalities write local time
    examination = Examination(patient, at, f"DEMO-ACC-{number + 1}", number + 1)
    if number == 0:
        yield from head_ct(examination, slices=32, size=256, bleeding=True)
    elif number == 1:
        yield chest_radiograph(examination, size=1024)
    elif number == 2:
        yield heart_cine(examination, frames=30)
    else:
        yield twelve_leads(examination, elevation_uv=150)
