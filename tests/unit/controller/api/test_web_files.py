"""The pages' files: complete words, untouched vendor files, nothing that the content policy forbids."""

import hashlib
import re
from pathlib import Path

import pytest

from controller.api.pages import TYPES, load, shared, whole
from controller.api.routes import TABLE

ROOT = Path(__file__).parents[4]
WEB = ROOT / "controller/web"
SCREEN = ROOT / "screen"
FOLDERS = sorted(path.name for path in WEB.iterdir() if path.is_dir())
SHARED = [path for path in sorted(SCREEN.rglob("*.*")) if path.suffix not in {".py", ".pyc"}]
OURS = [
    *(path for folder in FOLDERS if folder != "vendor" for path in sorted((WEB / folder).rglob("*.*"))),
    *SHARED,
]
SCRIPTS = [path for path in OURS if path.suffix == ".js"]
PAGES = [path for path in OURS if path.suffix == ".html" and path.parent.name != "shell"]


def text_of(path: Path) -> str:
    """As it is served."""
    text = path.read_text(encoding="utf-8")
    return whole(text) if path in PAGES else text


def words(language: str) -> dict[str, str]:
    folders = (SCREEN / "words", WEB / "public/words")
    files = [path for folder in folders for path in sorted(folder.glob(f"*{language}.js"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return dict(re.findall(r'^  "([^"]+)": "(.*)",$', text, re.MULTILINE))


def test_both_languages_have_the_same_words() -> None:
    assert words("en").keys() == words("zh").keys()


def test_a_sentence_has_the_same_blanks_in_both_languages() -> None:
    chinese = words("zh")
    for key, text in words("en").items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", chinese[key])), key


def test_every_word_that_a_script_names_exists() -> None:
    known = words("en")
    for path in SCRIPTS:
        named = re.findall(r'\bt\("([^"]+)"', path.read_text(encoding="utf-8"))
        assert [key for key in named if key not in known] == [], path.name


def test_every_word_that_a_page_names_exists() -> None:
    for path in PAGES:
        named = re.findall(r'data-t(?:-label)?="([^"]+)"', text_of(path))
        assert set(named) <= words("en").keys()


@pytest.mark.parametrize("folder", [WEB / "vendor", ROOT / "tests/vendor"], ids=["pages", "tests"])
def test_vendored_files_are_as_published(folder: Path) -> None:
    table = (folder / "VENDORED.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", table, re.MULTILINE))
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    del files["VENDORED.md"]
    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_files_are_of_a_type_that_is_served_and_not_long(path: Path) -> None:
    assert path.suffix[1:] in TYPES
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_html_of_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_one_whole_document_with_nothing_left_to_include(path: Path) -> None:
    text = text_of(path)
    assert load(path.parent.name)[path.name].body.decode() == text
    for once in (
        "<!doctype html>",
        "<html",
        "<meta charset",
        "<title>",
        "</head>",
        "<body",
        "</body>",
        "<h1",
    ):
        assert text.count(once) == 1, once
    assert "<!--" not in text
    assert not re.search(r"\$\w", text)
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_a_part_that_is_not_there_or_lacks_a_word_is_no_page() -> None:
    with pytest.raises(FileNotFoundError):
        whole('<!--#include "nothing"-->\n')
    with pytest.raises(KeyError, match="title"):
        whole('<!--#include "header" words="Ledger"-->\n')


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_have_no_inline_script_or_style_and_nothing_foreign(path: Path) -> None:
    text = text_of(path)
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://|<script(?![^>]* src=)", text)


def test_every_file_that_a_page_or_script_names_is_served() -> None:
    served = {f"/{folder}/{path}" for folder in FOLDERS for path in load(folder)}
    served |= {f"/screen/{path}" for path in shared()}
    served |= {route.path for route in TABLE if route.method == "GET"}
    for path in OURS:
        text = text_of(path)
        root = ROOT if SCREEN in path.parents else WEB
        base = "/" + path.parent.relative_to(root).as_posix()
        for name in re.findall(r'(?:from |src=|href=)"([./][^"]+)"', text):
            assert (f"{base}/{name[2:]}" if name.startswith("./") else name) in served, (path.name, name)
