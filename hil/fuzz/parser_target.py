"""The atheris target of one reader of `parsers`: `python -m hil.fuzz.parser_target NAME CORPUS [options]`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports, reportMissingModuleSource] - by ./run campaign only

with atheris.instrument_imports(  # pyright: ignore[reportAttributeAccessIssue]
    include=["devices", "controller", "biip"]
):
    from hil.fuzz.parsers import parser


def main(name: str, corpus: Path, options: Sequence[str]) -> None:
    """Fuzz until libFuzzer's options end it; a failure leaves its input in the folder of the corpus."""
    target = parser(name)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    artifacts = f"-artifact_prefix={corpus}/failed-"

    def one(data: bytes) -> None:
        target.endure(data)

    atheris.Setup([sys.argv[0], str(corpus), artifacts, *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
