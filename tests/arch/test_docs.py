"""The documents point at things that exist."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
COMMAND = re.compile(r"`(?:\./run|wardlink) ([a-z-]+)")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [target for target in LINK.findall(text(page)) if not (page.parent / target).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_path_that_is_named_exists(page: Path) -> None:
    named = re.findall(
        r"`((?:devices|gateway|controller|hil|tests|docs|requirements)/[\w./-]*\w)`", text(page)
    )
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_readme_shows_the_two_commands() -> None:
    assert "./run demo" in text(ROOT / "README.md")
    assert "./run test" in text(ROOT / "README.md")


def test_every_command_that_the_documents_name_is_one() -> None:
    named = {command for page in PAGES for command in COMMAND.findall(text(page))}
    own = set(re.findall(r"^  ([a-z]+)\)", text(ROOT / "run"), re.MULTILINE))
    listed = subprocess.run([ROOT / "run", "--help"], capture_output=True, text=True, check=True).stdout
    known = own | set(re.findall(r"[a-z-]+", listed))
    assert named <= known


@pytest.mark.parametrize(
    "person", ["nurse", "biomedical-engineer", "ambulance-crew", "physician-pharmacist", "integrator"]
)
def test_each_person_has_a_page_of_a_readable_length(person: str) -> None:
    page = ROOT / "docs" / f"{person}.md"
    assert 10 <= len(text(page).splitlines()) <= 120
