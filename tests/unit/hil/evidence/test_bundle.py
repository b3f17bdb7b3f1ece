"""A bundle is whole, signed and trusted, or refused with its reason. Each attack is made on the real file."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from hil.errors import BadBundle
from hil.evidence.bench_key import BenchKey
from hil.evidence.bundle import MANIFEST, PUBLIC_KEY, SIGNATURE, is_name, opened, pack

KEY = BenchKey(ec.generate_private_key(ec.SECP256R1()))
FILES = {"report.html": b"<b>failed</b>", "raw/uart.bin": bytes(range(256)), "logs/gateway.log": b"hello"}
BUNDLE = pack(FILES, KEY)
TRUSTED = {KEY.fingerprint}
Change = Callable[[dict[str, bytes]], object]


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """As the packer would make it, for whoever has no key."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr, info.compress_type = 3, 0o644 << 16, compression
            file.writestr(info, data)
        file.comment = comment
    return buffer.getvalue()


def changed(change: Change) -> bytes:
    files = contents(BUNDLE)
    change(files)
    return zipped(files)


def test_what_was_packed_comes_out() -> None:
    files = opened(BUNDLE, TRUSTED)
    assert {name: files[name] for name in FILES} == FILES
    assert files.keys() - FILES.keys() == {MANIFEST, SIGNATURE, PUBLIC_KEY}


def test_zipped_again_by_hand_it_is_the_same_so_the_attacks_below_fail_for_their_own_reason() -> None:
    assert zipped(contents(BUNDLE)) == BUNDLE


def test_the_same_run_is_the_same_bytes() -> None:
    assert pack(dict(reversed(FILES.items())), KEY) == BUNDLE


def test_a_verdict_that_was_edited_in_the_report_is_refused() -> None:
    edited = changed(lambda files: files.update({"report.html": b"<b>passed</b>"}))
    with pytest.raises(BadBundle, match=r"report.html was changed"):
        opened(edited, TRUSTED)


def _edit_with_manifest(files: dict[str, bytes]) -> None:
    other = contents(pack({**FILES, "report.html": b"<b>passed</b>"}, KEY))
    files |= {name: other[name] for name in ("report.html", MANIFEST)}


def test_a_verdict_that_was_edited_in_the_manifest_too_is_refused() -> None:
    with pytest.raises(BadBundle, match="not the one that was signed"):
        opened(changed(_edit_with_manifest), TRUSTED)


def test_a_missing_file_is_refused_by_name() -> None:
    with pytest.raises(BadBundle, match=r"missing: raw/uart.bin"):
        opened(changed(lambda files: files.pop("raw/uart.bin")), TRUSTED)


def test_a_file_that_was_put_there_is_refused_by_name() -> None:
    with pytest.raises(BadBundle, match=r"not in the manifest: raw/more.bin"):
        opened(changed(lambda files: files.update({"raw/more.bin": b""})), TRUSTED)


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE, PUBLIC_KEY])
def test_without_manifest_signature_or_key_it_is_no_evidence(name: str) -> None:
    with pytest.raises(BadBundle, match=f"{name} is missing"):
        opened(changed(lambda files: files.pop(name)), TRUSTED)


def test_signed_again_with_another_key_it_is_whole_and_refused_as_unknown() -> None:
    stranger = BenchKey(ec.generate_private_key(ec.SECP256R1()))
    forged = pack({**FILES, "report.html": b"<b>passed</b>"}, stranger)
    with pytest.raises(BadBundle, match=f"unknown key, {stranger.fingerprint}: anybody"):
        opened(forged, TRUSTED)
    assert opened(forged, {stranger.fingerprint})


def test_the_benchs_key_beside_a_strangers_signature_is_refused() -> None:
    stranger = contents(pack(FILES, BenchKey(ec.generate_private_key(ec.SECP256R1()))))
    with pytest.raises(BadBundle, match="by another key"):
        opened(changed(lambda files: files.update({SIGNATURE: stranger[SIGNATURE]})), TRUSTED)


def test_a_signature_of_another_run_is_refused() -> None:
    other = contents(pack({"report.html": b"<b>passed</b>"}, KEY))
    with pytest.raises(BadBundle, match="not the one that was signed"):
        opened(changed(lambda files: files.update({SIGNATURE: other[SIGNATURE]})), TRUSTED)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(BUNDLE) - 1), st.integers(1, 255))
def test_no_changed_byte_stays_unseen(place: int, turn: int) -> None:
    data = bytearray(BUNDLE)
    data[place] ^= turn
    with pytest.raises(BadBundle):
        opened(bytes(data), TRUSTED)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(BUNDLE) - 1))
def test_no_cut_end_stays_unseen(length: int) -> None:
    with pytest.raises(BadBundle):
        opened(BUNDLE[:length], TRUSTED)


@pytest.mark.parametrize("data", [b"x" + BUNDLE, BUNDLE + b"x", zipped(contents(BUNDLE), comment=b"passed")])
def test_nothing_hides_before_after_or_in_comments(data: bytes) -> None:
    with pytest.raises(BadBundle):
        opened(data, TRUSTED)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "raw/../../evil",
        "raw\\evil",
        "C:evil",
        "raw//x",
        "",
        ".ssh",
        "a" * 201,
        "a\n",
    ],
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    assert not is_name(name)
    if name:
        with pytest.raises(BadBundle, match="leads out of the bundle"):
            opened(changed(lambda files: files.update({name: b""})), TRUSTED)


def test_a_name_cut_by_a_zero_is_refused() -> None:
    data = changed(lambda files: files.update({"raw/evil.zz": b""})).replace(b"evil.zz", b"evil\0zz")
    with pytest.raises(BadBundle, match="leads out of the bundle"):
        opened(data, TRUSTED)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({**contents(BUNDLE), "raw/bomb": bytes(30_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    with pytest.raises(BadBundle, match="is compressed"):
        opened(bomb, TRUSTED)


def test_entries_that_share_their_bytes_are_refused_before_they_are_read() -> None:
    """Each entry points at the same bytes (Fifield, a better zip bomb, 2019)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("raw/a", bytes(100_000))
        first = file.infolist()[0]
        for number in range(50):
            copy = zipfile.ZipInfo(f"raw/{number}")
            copy.header_offset, copy.CRC = first.header_offset, first.CRC
            copy.file_size = copy.compress_size = 100_000
            file.filelist.append(copy)
        file._didModify = True
    with pytest.raises(BadBundle, match="they overlap"):
        opened(buffer.getvalue(), TRUSTED)


def test_the_same_name_twice_is_refused() -> None:
    buffer = io.BytesIO(BUNDLE)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "a") as file:
        file.writestr("report.html", b"<b>passed</b>")
    with pytest.raises(BadBundle, match="there twice"):
        opened(buffer.getvalue(), TRUSTED)


def test_a_manifest_of_a_later_format_is_not_guessed_at() -> None:
    manifest = json.loads(contents(BUNDLE)[MANIFEST]) | {"format": 2}
    files = contents(BUNDLE)
    files[MANIFEST] = json.dumps(manifest).encode()
    files[SIGNATURE] = KEY.sign(files[MANIFEST])
    with pytest.raises(BadBundle, match="format 1"):
        opened(zipped(files), TRUSTED)


def test_what_is_no_zip_file_is_refused() -> None:
    with pytest.raises(BadBundle, match="cannot be read"):
        opened(b"<html>passed</html>", TRUSTED)
