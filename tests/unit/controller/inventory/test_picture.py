"""Photos of labels: real symbols, turned and blurred; and pictures that are made to do harm."""

import io
import struct
import zlib
from pathlib import Path

import pytest
import segno
import zxingcpp
from PIL import Image, ImageFilter

from controller.errors import BadLabel
from controller.inventory import picture
from controller.inventory.labels import read
from controller.inventory.picture import read_picture

UDI = "(01)04211125658212(17)260101(21)A17"


def symbol(text: str, kind: zxingcpp.BarcodeFormat, **options: bool) -> Image.Image:
    """A symbol in the middle of a white label."""
    made = zxingcpp.create_barcode(text, kind, **options)
    drawn = Image.fromarray(made.to_image(scale=6)).convert("L")
    label = Image.new("L", (drawn.width * 2, drawn.height * 2), 255)
    label.paste(drawn, (drawn.width // 2, drawn.height // 2))
    return label


def data_matrix() -> Image.Image:
    return symbol(UDI, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)


def photo(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("angle", [0, 17, 90, 200])
@pytest.mark.parametrize("blur", [0, 1.5])
def test_a_udi_in_a_data_matrix_is_read_turned_and_blurred(angle: int, blur: float) -> None:
    turned = data_matrix().rotate(angle, expand=True, fillcolor=255).filter(ImageFilter.GaussianBlur(blur))
    [text] = read_picture(photo(turned, quality=60))
    assert (read(text).gtin, read(text).serial, read(text).expires) == ("04211125658212", "A17", "2026-01-01")


def test_a_qr_code_made_by_another_program_is_read() -> None:
    out = io.BytesIO()
    segno.make("Nonin3230_501900083").save(out, kind="png", scale=5)
    [text] = read_picture(out.getvalue())
    assert read(text).text == "Nonin3230_501900083"


def test_a_line_code_is_read_from_a_dark_noisy_photo() -> None:
    drawn = symbol("4211125658212", zxingcpp.BarcodeFormat.EAN13)
    noisy = Image.blend(drawn, Image.effect_noise(drawn.size, 60), 0.3).point(lambda level: level * 0.5)
    assert read(read_picture(photo(noisy))[0]).gtin == "04211125658212"


def test_several_symbols_come_the_largest_first_and_each_once() -> None:
    large, small = data_matrix(), symbol("SN7", zxingcpp.BarcodeFormat.QRCode).resize((200, 200))
    sheet = Image.new("L", (large.width + 460, max(large.height, 240)), 255)
    for at, one in ((0, large), (large.width + 10, small), (large.width + 230, small)):
        sheet.paste(one, (at, 0))
    texts = read_picture(photo(sheet, "PNG"))
    assert [read(text).serial for text in texts] == ["A17", "SN7"]


def test_a_large_photo_that_lies_on_its_side_is_read() -> None:
    sheet = Image.new("L", (5000, 4000), 255)
    sheet.paste(data_matrix().resize((1200, 1200)), (900, 900))
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read(read_picture(photo(sheet, exif=exif))[0]).serial == "A17"


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes((width + 1) * 10))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no picture that can be read"),
        (b"GIF89a" + bytes(50), "no picture that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "no picture that can be read"),
        (photo(Image.new("L", (200, 200), 255), "PNG")[:-40], "no picture that can be read"),
        (photo(Image.new("L", (200, 200), 255)), "no barcode in this picture"),
        (bomb(9_000, 9_000), "at most 50000000 pixels, got 9000 x 9000"),
        (bomb(60_000, 60_000), "no picture that can be read"),
        (bytes(picture.LARGEST_BYTES + 1), "at most 8000000 bytes"),
    ],
    ids=["empty", "gif", "postscript", "cut", "blank", "large", "bomb", "heavy"],
)
def test_what_is_no_photo_of_a_label_is_refused_with_what_to_do(data: bytes, why: str) -> None:
    with pytest.raises(BadLabel, match=f"{why}.*take a photo of the label alone"):
        read_picture(data)


def test_nothing_is_written_to_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path, mode: str = "r", *_: object, **__: object) -> None:
        assert not set(mode) & set("wax+"), path

    monkeypatch.setattr("builtins.open", forbidden)
    assert read_picture(photo(data_matrix()))
