"""A bundle: a zip file whose manifest has the SHA-256 of every other file, and is signed by the bench.

    data = pack({"report.html": html, ...}, key)
    files = opened(data, trusted={"9f86d0…"})     # raises BadBundle, with the reason

Nothing is compressed, and every byte of the zip file follows from its files: so the same run is the same
bytes with every zlib, nothing is larger than it looks, and nothing hides between entries or in comments.
"""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Collection, Mapping
from typing import cast

from hil.errors import BadBundle
from hil.evidence.bench_key import BenchKey, fingerprint, verify

MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.cose", "bench-key.pem"
LARGEST = 512 * 1024 * 1024
"""Bytes of a bundle at the most: it is read into memory."""
_FORMAT = 1
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


def is_name(name: str) -> bool:
    """Whether a file in a bundle may have this name: relative, without dots in front, the same everywhere."""
    return len(name) <= 200 and _NAME.fullmatch(name) is not None


def pack(files: Mapping[str, bytes], key: BenchKey) -> bytes:
    """The bundle of `files`, signed."""
    signed = {**files, PUBLIC_KEY: key.public_pem}
    told = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in signed.items()
    }
    manifest = json.dumps({"format": _FORMAT, "files": told}, indent=1, sort_keys=True).encode()
    data = _zipped({**signed, MANIFEST: manifest, SIGNATURE: key.sign(manifest)})
    if len(data) > LARGEST:
        raise BadBundle(f"{len(data)} bytes of evidence, at most {LARGEST} are read again: attach less")
    return data


def opened(data: bytes, trusted: Collection[str]) -> dict[str, bytes]:
    """The files of a bundle that is whole and signed by a key with one of the `trusted` fingerprints.

    Raises BadBundle for anything else. What an unknown key has signed proves nothing: anybody has a key.
    """
    files = _unzipped(data)
    for name in (MANIFEST, SIGNATURE, PUBLIC_KEY):
        if name not in files:
            raise BadBundle(f"{name} is missing: this is no evidence, or it was taken out")
    verify(files[MANIFEST], files[SIGNATURE], files[PUBLIC_KEY])
    _compare(_manifest(files[MANIFEST]), files)
    if _zipped(files) != data:
        raise BadBundle("the zip file is not as it was packed: something hides beside its files")
    signer = fingerprint(files[PUBLIC_KEY])
    if signer not in trusted:
        raise BadBundle(
            f"it is whole, but signed by an unknown key, {signer}: anybody could have made it. Ask the bench "
            "for its fingerprint by another way; if that is it, trust it with --trust"
        )
    return files


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as file:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            file.writestr(info, data)
    return buffer.getvalue()


def _unzipped(data: bytes) -> dict[str, bytes]:
    """What is in a zip file, if it could be a bundle's. Nothing is written anywhere."""
    if len(data) > LARGEST:
        raise BadBundle(f"{len(data)} bytes are more than the {LARGEST} that a bundle has at the most")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            entries = file.infolist()
            _check_entries(entries, len(data))
            return {entry.filename: file.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise BadBundle(f"the zip file cannot be read: {error}") from error


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    names = set[str]()
    for entry in entries:
        if not is_name(entry.filename) or entry.orig_filename != entry.filename:
            raise BadBundle(f"the name {entry.orig_filename!r} leads out of the bundle, or is none")
        if entry.filename in names:
            raise BadBundle(f"{entry.filename} is there twice: readers would see different ones")
        if entry.compress_type != zipfile.ZIP_STORED:
            raise BadBundle(f"{entry.filename} is compressed: a bundle's files are not")
        names.add(entry.filename)
    if sum(entry.file_size for entry in entries) > size:
        raise BadBundle("its files are larger than itself: they overlap")


def _manifest(data: bytes) -> dict[str, tuple[str, int]]:
    """SHA-256 and size by name. Raises BadBundle."""
    try:
        match json.loads(data):
            case {"format": 1, "files": dict(files)}:
                told = cast("dict[str, dict[str, object]]", files)
                return {name: (str(one["sha256"]), int(str(one["size"]))) for name, one in told.items()}
            case _:
                raise BadBundle(f"expected a manifest of format {_FORMAT}: take a newer Wardlink to read it")
    except (ValueError, LookupError, TypeError) as error:
        raise BadBundle(f"the manifest cannot be read: {error}") from error


def _compare(told: Mapping[str, tuple[str, int]], files: Mapping[str, bytes]) -> None:
    here = files.keys() - {MANIFEST, SIGNATURE}
    if missing := sorted(told.keys() - here):
        raise BadBundle(f"missing: {', '.join(missing)}")
    if extra := sorted(here - told.keys()):
        raise BadBundle(f"not in the manifest: {', '.join(extra)}: put there afterwards")
    for name, (digest, size) in told.items():
        if (hashlib.sha256(files[name]).hexdigest(), len(files[name])) != (digest, size):
            raise BadBundle(f"{name} was changed: its SHA-256 is not the one that was signed")
