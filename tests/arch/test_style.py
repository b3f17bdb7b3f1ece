"""The size, shape and manners of the code, as CONTRIBUTING.md promises them."""

import ast
import statistics
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("devices", "gateway", "controller", "firmware", "hil", "host", "release", "screen")
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))] + [
    ROOT / "wardlink.py"
]
pytestmark = pytest.mark.xdist_group("style")
"""In one worker, which then reads every file once."""
SUPERVISORS = {"gateway/supervisor.py", "controller/kept.py", "firmware/hal/loader.py"}
"""The only places that may catch every Exception: a failing part is reported and started again, or left."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(node: ast.AST) -> Iterator[Function]:
    return (child for child in ast.walk(node) if isinstance(child, Function))


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def public(node: ast.Module | ast.ClassDef) -> Iterator[ast.AST]:
    for child in node.body:
        if isinstance(child, Function | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


def is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in kinds)


@dataclass(frozen=True)
class Facts:
    """What there is to say of a file: its syntax tree is made once, and not kept."""

    lines: int
    lengths: list[tuple[str, int]]
    """Name and lines of each function."""
    silent: list[str]
    """Public classes and functions without a docstring, and "" for the module."""
    bare: list[str]
    """Functions that do not say what they return."""
    broad: list[int]
    """Lines of handlers that catch everything."""
    swallowing: list[int]
    """Lines of handlers that do nothing."""


@cache
def facts(path: Path) -> Facts:
    text = path.read_text(encoding="utf-8")
    module = ast.parse(text)
    found = list(functions(module))
    handlers = [node for node in ast.walk(module) if isinstance(node, ast.ExceptHandler)]
    silent = [getattr(node, "name", "") for node in (module, *public(module)) if not ast.get_docstring(node)]  # type: ignore[arg-type]
    return Facts(
        lines=len(text.splitlines()),
        lengths=[(f.name, length(f)) for f in found],
        silent=silent,
        bare=[f.name for f in found if f.returns is None],
        broad=[h.lineno for h in handlers if is_broad(h)],
        swallowing=[h.lineno for h in handlers if len(h.body) == 1 and isinstance(h.body[0], ast.Pass)],
    )


def offending(wrong: Callable[[Facts], object], allowed: Collection[str] = ()) -> dict[str, object]:
    """By file, what is wrong with it."""
    found = {str(path.relative_to(ROOT)): wrong(facts(path)) for path in FILES}
    return {name: what for name, what in found.items() if what and name not in allowed}


def test_there_is_code_to_judge() -> None:
    assert len(FILES) > 40


def test_no_file_is_longer_than_300_lines() -> None:
    assert offending(lambda file: file.lines if file.lines > 300 else None) == {}


def test_no_function_is_longer_than_a_screen() -> None:
    assert offending(lambda file: [(name, lines) for name, lines in file.lengths if lines > 50]) == {}


def test_functions_are_short_as_a_rule() -> None:
    lengths = sorted(lines for path in FILES for _, lines in facts(path).lengths)
    assert statistics.median(lengths) <= 10
    assert lengths[len(lengths) * 95 // 100] <= 40


def test_every_module_class_and_public_function_says_what_it_is() -> None:
    assert offending(lambda file: file.silent) == {}


def test_every_function_is_annotated() -> None:
    assert offending(lambda file: file.bare) == {}


def test_only_the_supervisors_catch_everything() -> None:
    assert offending(lambda file: file.broad, allowed=SUPERVISORS) == {}


def test_no_exception_is_swallowed_in_silence() -> None:
    assert offending(lambda file: file.swallowing) == {}


def test_there_is_at_least_as_much_test_as_product() -> None:
    """The rigs in `hil` are neither: they are what the product is tested with."""

    def lines(*folders: str) -> int:
        files = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
        return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)

    assert lines("tests") >= lines("devices", "gateway", "controller", "host")
