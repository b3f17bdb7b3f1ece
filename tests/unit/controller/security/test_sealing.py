"""Sealed secrets: their key's file opens them, for whom they were sealed, and nothing else does."""

import base64
import stat
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import ConfigError, SealBroken
from controller.security.sealing import MARK, Sealing, is_sealed


@pytest.fixture
def sealing(tmp_path: Path) -> Sealing:
    return Sealing(tmp_path / "keys" / "second-factor.key")


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Sealing:
    return Sealing(tmp_path_factory.mktemp("keys") / "a.key")


@given(secret=st.text(max_size=64), whose=st.text(max_size=80))
def test_what_was_sealed_is_read_again(lasting: Sealing, secret: str, whose: str) -> None:
    kept = lasting.seal(secret, whose)
    assert is_sealed(kept)
    assert lasting.unseal(kept, whose) == secret


@given(kept=st.text(max_size=120))
def test_whatever_else_is_there_is_refused_in_words(lasting: Sealing, kept: str) -> None:
    for text in (kept, MARK + kept):
        with pytest.raises(SealBroken):
            lasting.unseal(text, "user/anna")


def test_the_same_secret_never_looks_the_same(sealing: Sealing) -> None:
    assert sealing.seal("A", "user/anna") != sealing.seal("A", "user/anna")


def test_a_single_changed_character_is_noticed(sealing: Sealing) -> None:
    kept = sealing.seal("JBSWY3DPEHPK3PXP", "user/anna")
    for place in range(len(MARK), len(kept)):
        for other in set("ABCDEFGH+/=") - {kept[place]}:
            with pytest.raises(SealBroken):
                sealing.unseal(kept[:place] + other + kept[place + 1 :], "user/anna")


def test_bits_that_the_last_character_has_to_spare_are_not_there_to_be_changed(sealing: Sealing) -> None:
    digits = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    kept = sealing.seal("JBSWY3DPEHPK3PXP", "user/anna")
    assert kept.endswith("=")
    same_bytes = kept[:-2] + digits[digits.index(kept[-2]) + 1] + "="
    assert base64.b64decode(same_bytes.removeprefix(MARK)) == base64.b64decode(kept.removeprefix(MARK))
    with pytest.raises(SealBroken):
        sealing.unseal(same_bytes, "user/anna")


def test_the_key_is_made_once_and_only_its_owner_may_read_it(sealing: Sealing) -> None:
    kept = sealing.seal("A", "user/anna")
    assert stat.S_IMODE(sealing.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(sealing.path.parent.stat().st_mode) == 0o700
    assert Sealing(sealing.path).unseal(kept, "user/anna") == "A"


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("f" * 64, 0o640, "chmod 600"),
        ("f" * 63, 0o600, "64 hexadecimal digits"),
        ("g" * 64, 0o600, "64 hexadecimal digits"),
        ("é" * 64, 0o600, "cannot be read"),
        ("", 0o600, "64 hexadecimal digits"),
    ],
)
def test_a_file_that_is_no_key_is_named_with_what_to_do(
    sealing: Sealing, text: str, mode: int, said: str
) -> None:
    sealing.path.parent.mkdir()
    sealing.path.write_text(text, encoding="utf-8")
    sealing.path.chmod(mode)
    with pytest.raises(ConfigError, match=said) as caught:
        sealing.seal("A", "user/anna")
    assert str(sealing.path) in str(caught.value)
    assert sealing.path.read_text(encoding="utf-8") == text
