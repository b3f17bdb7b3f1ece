"""Transfer syntaxes (PS3.5, annex A; PS3.6, A-1): what can be decoded, what can be made."""

from typing import Final

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
DEFLATED_FRAMES: Final = "1.2.840.10008.1.2.8.1"
RLE: Final = "1.2.840.10008.1.2.5"
_JPEG: Final = "1.2.840.10008.1.2.4."
JPEG_BASELINE: Final = _JPEG + "50"
JPEG_EXTENDED: Final = _JPEG + "51"
JPEG_LOSSLESS: Final = _JPEG + "57"
JPEG_LOSSLESS_SV1: Final = _JPEG + "70"
JPEG_LS: Final = _JPEG + "80"
JPEG_LS_NEAR: Final = _JPEG + "81"
JPEG_2000_LOSSLESS: Final = _JPEG + "90"
JPEG_2000: Final = _JPEG + "91"
HTJ2K_LOSSLESS: Final = _JPEG + "201"
HTJ2K_LOSSLESS_RPCL: Final = _JPEG + "202"
HTJ2K: Final = _JPEG + "203"

NATIVE: Final = frozenset((IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN))
JPEG: Final = frozenset((JPEG_BASELINE, JPEG_EXTENDED, JPEG_LOSSLESS, JPEG_LOSSLESS_SV1))
WAVELETS: Final = frozenset((JPEG_2000_LOSSLESS, JPEG_2000, HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL, HTJ2K))
HIGH_THROUGHPUT: Final = frozenset((HTJ2K_LOSSLESS, HTJ2K_LOSSLESS_RPCL, HTJ2K))
DECODES: Final = NATIVE | JPEG | WAVELETS | {RLE, DEFLATED_FRAMES, JPEG_LS, JPEG_LS_NEAR}
"""What `Decoder` reads."""
SEVERAL_IN_ONE: Final = frozenset(
    _JPEG + last
    for last in (
        *("92", "93", "100", "100.1", "101", "101.1", "102", "102.1", "103", "103.1", "104", "104.1"),
        *("105", "105.1", "106", "106.1", "107", "108"),
    )
)
"""Those of which one fragment may hold several frames: video, JPEG 2000 part 2 (PS3.5, A.4.5 … A.4.8)."""
LOSSY: Final = frozenset((JPEG_BASELINE,))
ENCODES: Final = LOSSY | {
    IMPLICIT,
    EXPLICIT,
    DEFLATED,
    RLE,
    JPEG_LOSSLESS_SV1,
    JPEG_LS,
    JPEG_2000_LOSSLESS,
    HTJ2K_LOSSLESS,
}
"""What `Decoder.transcode` makes; LOSSY ones lose something and become another instance."""
