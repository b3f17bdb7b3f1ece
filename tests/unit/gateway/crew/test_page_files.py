"""The crew's page as it is served: complete words, whole imports, nothing that the content policy forbids."""

import json
import re
from pathlib import Path

import pytest

from devices.model.crew import CHECKLISTS, CLASSES, MARKS, RESOURCES, SEXES
from gateway.crew.pages import files
from gateway.crew.shell import known, worker

ROOT = Path(__file__).parents[4]
WEB = ROOT / "gateway/crew/web"
SERVED = {path: file.body.decode() for path, file in files().items()}
SCRIPTS = {path: text for path, text in SERVED.items() if path.endswith(".js")}
PAGE = SERVED["index.html"]


def words(language: str) -> dict[str, str]:
    folders = (ROOT / "screen/words", WEB / "words")
    text = "\n".join(path.read_text("utf-8") for one in folders for path in one.glob(f"*{language}.js"))
    return dict(re.findall(r'^  "([^"]+)": "(.*)",$', text, re.MULTILINE))


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    english, chinese = words("en"), words("zh")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", chinese[key])), key


def test_every_word_that_page_and_scripts_name_exists() -> None:
    named = set(re.findall(r'data-t(?:-label)?="([^"]+)"', PAGE))
    for path, text in SCRIPTS.items():
        if not path.startswith("screen/"):
            named |= set(re.findall(r'(?:\bt\(|"data-t": )"([a-z0-9.-]+)"', text))
    assert named - words("en").keys() == set()


def test_whatever_a_crew_may_tell_has_words() -> None:
    expected = {
        *(f"mark.{code}" for code in MARKS),
        *(f"request.{name}" for name in RESOURCES),
        *(f"sex.{name}" for name in SEXES),
        *(f"class.{name}" for name in CLASSES),
        *(f"checklist.{name}" for name in CHECKLISTS),
        *(f"checklist.{name}.{item}" for name, items in CHECKLISTS.items() for item in items),
    }
    assert expected - words("en").keys() == set()


def test_every_file_that_is_named_is_served() -> None:
    for path, text in SERVED.items():
        folder = "/" + path.rpartition("/")[0]
        for name in re.findall(r'(?:from |import |src=|href=)"([./][^"]+)"', text):
            at = f"{folder.rstrip('/')}/{name[2:]}" if name.startswith("./") else name
            assert at[1:] in SERVED, (path, name)


def test_nothing_makes_html_of_text_and_nothing_is_inline_or_foreign() -> None:
    for path, text in SCRIPTS.items():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), path
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://|<script(?![^>]* src=)", PAGE)


@pytest.mark.parametrize("path", sorted(WEB.rglob("*.*")), ids=lambda path: path.name)
def test_our_files_are_not_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_the_page_knows_the_words_that_the_box_believes() -> None:
    found = dict(re.findall(r"^export const (\w+) = (.*);$", known().decode(), re.MULTILINE))
    assert json.loads(found["MARKS"]) == list(MARKS)
    assert json.loads(found["CHECKLISTS"]) == {name: list(items) for name, items in CHECKLISTS.items()}


def shell(script: bytes, bodies: dict[str, bytes]) -> dict[str, object]:
    first, _, rest = worker(script, bodies).partition(b"\n")
    assert rest == script
    return json.loads(first.removeprefix(b"self.SHELL = ").removesuffix(b";"))


def test_the_worker_keeps_every_file_and_the_page_at_its_own_address() -> None:
    assert shell(b"go", {"index.html": b"x", "a.js": b"y"})["paths"] == ["/", "/a.js"]
    first = SERVED["sw.js"].partition("\n")[0]
    assert '"/main.js"' in first
    assert "sw.js" not in first


def test_any_change_of_any_file_is_another_version() -> None:
    bodies = {"index.html": b"x", "a.js": b"y"}
    versions = {
        json.dumps(shell(*one)["version"])
        for one in (
            (b"go", bodies),
            (b"go!", bodies),
            (b"go", {**bodies, "a.js": b"z"}),
            (b"go", {"index.html": b"x", "b.js": b"y"}),
            (b"go", {**bodies, "c.js": b""}),
        )
    }
    assert len(versions) == 5
    assert shell(b"go", bodies) == shell(b"go", dict(reversed(bodies.items())))
