"""The atheris target of one profile: `python -m hil.fuzz.target PROFILE CORPUS [libFuzzer options]`.

The input is a stream: for a port, pieces of it as they arrive; for radio and datagrams, whole values, each of
the characteristic that its first byte chooses. The corpus begins with the device's own streams.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports, reportMissingModuleSource] - by ./run campaign only

with atheris.instrument_imports(  # pyright: ignore[reportAttributeAccessIssue]
    include=["devices"]
):
    from devices.capture import Chunk, codecs_of
    from devices.model.observation import Instant
    from devices.profiles import Profile, SerialLink, TcpLink, profile
    from hil.fuzz.oracle import endure
    from hil.fuzz.streams import streams

_STEP_NS = 200_000_000
_PIECE = 61


def main(name: str, corpus: Path, options: Sequence[str]) -> None:
    """Fuzz until libFuzzer's options end it; a failure leaves its input in the folder of the corpus."""
    model = profile(name)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, stream in enumerate(streams(model)):
        (corpus / f"seed-{number}").write_bytes(_packed(model, stream))
    artifacts = f"-artifact_prefix={corpus}/failed-"
    atheris.Setup([sys.argv[0], str(corpus), artifacts, *options], lambda data: _one(model, data))
    atheris.Fuzz()


def _one(model: Profile, data: bytes) -> None:
    endure(model, _unpacked(model, data))


def _is_stream(model: Profile) -> bool:
    return isinstance(model.link, SerialLink | TcpLink)


def _packed(model: Profile, stream: Sequence[Chunk]) -> bytes:
    if _is_stream(model):
        return b"".join(chunk.data for chunk in stream)
    sources = list(codecs_of(model.link))
    parts = ((sources.index(chunk.source), chunk.data[:255]) for chunk in stream)
    return b"".join(bytes((source, len(data))) + data for source, data in parts)


def _unpacked(model: Profile, data: bytes) -> Iterator[Chunk]:
    sources, now = list(codecs_of(model.link)), 0
    if _is_stream(model):
        for start in range(0, len(data), _PIECE):
            now += _STEP_NS
            yield Chunk(Instant(now), None, data[start : start + _PIECE])
        return
    while len(data) >= 2:
        now += _STEP_NS
        source, size = sources[data[0] % len(sources)], data[1]
        yield Chunk(Instant(now), source, data[2 : 2 + size])
        data = data[2 + size :]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
