"""Filling a slot: what a bundle may hold, what may not happen meanwhile, what is left of what was there."""

import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpdateError
from gateway.updates import launcher, slots
from gateway.updates.install import install
from gateway.updates.release import Release, platform, read_release, target
from gateway.updates.slots import Slots, unpack
from hil.faults.releases import tiny
from release.bundle import pack


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Release 1 in slot a."""
    root = tmp_path / "root.json"
    root.write_text("{}", encoding="utf-8")
    install(tiny(tmp_path, 1), root, tmp_path / "box")
    return tmp_path / "box"


def nothing(_: Path) -> None:
    """No check of the configuration."""


def refuse(_: Path) -> None:
    raise UpdateError("unfit", "no")


def refusal(box: Path, bundle: Path) -> str:
    with pytest.raises(UpdateError) as refused:
        Slots(box).fill(bundle, nothing)
    return refused.value.why


def archive(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for name, data in entries:
            made.writestr(name, data)
    return path


def test_the_other_slot_holds_the_release_and_the_good_one_is_untouched(tmp_path: Path, box: Path) -> None:
    assert Slots(box).fill(tiny(tmp_path, 2), nothing) == Release(2, "0.0.0", platform())
    assert (Slots(box).release("a"), Slots(box).release("b")) == (1, 2)
    assert Slots(box).state().good == "a"


def test_a_box_is_installed_once(tmp_path: Path, box: Path) -> None:
    with pytest.raises(UpdateError, match="it updates itself"):
        install(tiny(tmp_path, 2), tmp_path / "root.json", box)
    assert Slots(box).release("a") == 1


def test_what_is_judged_unfit_leaves_the_slot_as_it_was(tmp_path: Path, box: Path) -> None:
    Slots(box).fill(tiny(tmp_path, 2), nothing)
    with pytest.raises(UpdateError, match="no"):
        Slots(box).fill(tiny(tmp_path, 3), refuse)
    assert Slots(box).release("b") == 2


def test_the_slot_on_trial_is_not_filled(tmp_path: Path, box: Path) -> None:
    Slots(box).fill(tiny(tmp_path, 2), nothing)
    Slots(box).ask_for_trial(1)
    assert refusal(box, tiny(tmp_path, 3)) == "busy"
    assert Slots(box).release("b") == 2


def test_a_slot_without_a_release_is_not_tried(box: Path) -> None:
    with pytest.raises(UpdateError, match="fill it first"):
        Slots(box).ask_for_trial(1)


def test_two_do_not_fill_at_once(tmp_path: Path, box: Path) -> None:
    def again(_: Path) -> None:
        assert refusal(box, tiny(tmp_path, 3)) == "busy"

    assert Slots(box).fill(tiny(tmp_path, 2), again).number == 2


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "a\\..\\evil"])
def test_no_file_is_written_outside_the_slot(tmp_path: Path, box: Path, name: str) -> None:
    assert (
        refusal(box, archive(tmp_path / "evil.zip", ("release.json", b"{}"), (name, b"evil"))) == "bad-bundle"
    )
    assert [path for path in tmp_path.rglob("*evil") if path.suffix != ".zip"] == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, box: Path, kind: int) -> None:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (kind | 0o777) << 16
    assert refusal(box, archive(tmp_path / "link.zip", (entry, b"/etc/passwd"))) == "bad-bundle"


def test_a_bundle_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tiny(tmp_path, 2)
    monkeypatch.setattr(slots, "LARGEST", 10)
    assert refusal(box, bundle) == "bad-bundle"
    assert not (box / "b").exists()


@pytest.mark.parametrize(
    "about",
    [b"", b"{}", b"[]", b'{"release": 0, "version": "1", "platform": "x"}', b"\xff", b'{"release": "2"}'],
)
def test_a_release_that_does_not_say_what_it_is_is_refused(tmp_path: Path, box: Path, about: bytes) -> None:
    assert refusal(box, archive(tmp_path / "odd.zip", ("release.json", about))) == "bad-bundle"


def test_a_release_for_another_platform_is_refused(
    tmp_path: Path, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("release.bundle.platform", lambda: "cpython-39-plan9")
    site = tmp_path / "site"
    site.mkdir()
    assert refusal(box, pack(site, 2, "1", "{}", tmp_path).bundle) == "platform"


def judged(bundle: Path, data: bytes, folder: Path) -> str:
    """Why a bundle of these bytes is refused; empty if it is not."""
    bundle.write_bytes(data)
    try:
        unpack(bundle, folder)
        read_release(folder)
    except UpdateError as error:
        return error.why
    return ""


def test_a_bundle_with_a_byte_changed_anywhere_is_refused_or_still_a_release(tmp_path: Path) -> None:
    whole = tiny(tmp_path, 2).read_bytes()
    seen = set[str]()
    for place in range(len(whole)):
        data = whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :]
        seen.add(judged(tmp_path / "changed.zip", data, tmp_path / f"new-{place}"))
    assert seen <= {"", "bad-bundle", "platform"}
    assert "bad-bundle" in seen


@given(st.integers(0, 400))
def test_a_bundle_that_was_cut_off_is_refused(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole = tiny(folder, 2).read_bytes()
    assert judged(folder / "cut.zip", whole[:length], folder / "new") == "bad-bundle"


def test_the_name_of_a_bundle_has_its_number_and_this_platform(tmp_path: Path) -> None:
    assert tiny(tmp_path, 7).name == target(7)


def test_the_launcher_that_is_installed_is_that_of_the_release(box: Path) -> None:
    assert (box / "launcher.py").read_bytes() == Path(launcher.__file__).read_bytes()
