"""What is built of the firmware: generated files are up to date, all compiles, the smallest is the same."""

import ast
from pathlib import Path
from typing import Any

import pytest

from firmware import build
from firmware.build import ROOT
from firmware.image import file_system
from firmware.small import files

CORE = sorted((ROOT / "firmware/core").glob("*.py"))


def test_the_table_of_metrics_is_up_to_date() -> None:
    assert build.TABLE.read_text(encoding="utf-8") == build.table()


def test_the_golden_vectors_are_up_to_date() -> None:
    assert build.VECTORS.read_text(encoding="utf-8") == build.vectors()


def test_every_file_compiles_for_micropython() -> None:
    sizes = build.sizes()
    assert {name for name, _, _ in sizes} >= {"firmware/core/node.py", "firmware/core/wire.py"}
    assert all(0 < compiled < source for _, source, compiled in sizes)


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_imports_nothing_but_itself_and_struct(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    froms = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= {"struct"}
    assert all(name.startswith(("firmware.core", "devices.codecs.node")) for name in froms)


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_the_core_has_no_syntax_later_than_that_of_python_3_5(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 5))
    late = ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.Match | ast.AsyncFunctionDef
    assert [node for node in ast.walk(tree) if isinstance(node, late)] == []
    arguments = [node for node in ast.walk(tree) if isinstance(node, ast.arguments)]
    assert not any(one.kwonlyargs or one.posonlyargs for one in arguments)


def test_the_smallest_program_computes_the_same() -> None:
    source = '''
"""A module."""
SIX = 6
class Box:
    """A box."""
    def __init__(self, size: int) -> None:
        self.size = size
    def grown(self, by: int) -> int:
        """Larger."""
        return self.size * SIX + by
    def unused(self) -> None:
        """Nobody calls it."""
result = [Box(n).grown(1) for n in range(3)]
'''
    made = files({"main": source})
    assert "unused" not in str(made) and "grown" not in str(made) and '"""' not in str(made)
    space: dict[str, Any] = {}
    exec(made["p0"] + made["main.py"].partition("gc.collect()\n")[2].partition("gc.collect()\n")[2], space)
    assert space["result"] == [1, 7, 13]


def test_files_lie_in_chunks_as_micropython_for_the_micro_bit_reads_them() -> None:
    pages = file_system({"a": "x" * 130, "b": "y"})
    assert pages[:2] == b"\xfd\xff"
    first, second, third = (pages[1024 + n * 128 : 1152 + n * 128] for n in range(3))
    assert first[:4] == bytes((0xFE, 7, 1, ord("a"))) and first[127] == 2
    assert second[:8] == b"\x01" + b"x" * 7 and second[127] == 0xFF
    assert third[:5] == bytes((0xFE, 4, 1, ord("b"), ord("y")))


def test_a_file_never_ends_with_its_chunk() -> None:
    pages = file_system({"a": "x" * 123})
    assert pages[1024 + 1] == 1 and pages[1024 + 128 + 1] == ord("\n")


def test_the_command_lays_the_tree_and_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build.main(["--lay", str(tmp_path)]) == 0
    assert "from firmware.core import wire" in (tmp_path / "firmware/core/node.py").read_text(
        encoding="utf-8"
    )
    monkeypatch.setattr(build, "PROGRAM", tmp_path / "none.hex")
    assert build.main(["--microbit", str(tmp_path / "out.hex")]) == 1
    assert "apt-get install firmware-microbit-micropython" in capsys.readouterr().err
