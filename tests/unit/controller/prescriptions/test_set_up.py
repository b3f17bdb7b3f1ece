"""A site's own knowledge and formulary, from the configuration file on."""

from pathlib import Path

import pytest

from controller.config import load
from controller.errors import ConfigError
from controller.prescriptions.checks.formulary import COLUMNS
from controller.prescriptions.set_up import set_up
from controller.sections import PrescriptionsSection

HEAD = """name = "Own"
edition = "2026-11-01"
licence = "ours"
system = "urn:example:substance"
languages = ["en"]
not_covered = []
"""
SUBSTANCES = """code,name_en,name_zh,atc,rxnorm,groups,synonyms,high_alert
ownium,Ownium,,,,,,yes
"""
GROUPS = "code,name_en,name_zh,synonyms,duplicate\n"
PRODUCT = "OWN1,04012345678901,Ownium 5 mg,欧宁 5 mg,,ownium=5 mg/1 {tablet},tablet,oral,10,{tablet},no,room,"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    base = tmp_path / "base"
    base.mkdir()
    (base / "base.toml").write_text(HEAD + 'reviewed_by = "P. Harm, 2026-11-02"\n')
    (base / "substances.csv").write_text(SUBSTANCES)
    (base / "groups.csv").write_text(GROUPS)
    (tmp_path / "products.csv").write_text(f"{','.join(COLUMNS)}\n{PRODUCT}\n")
    return tmp_path


def section(folder: Path, text: str) -> PrescriptionsSection:
    file = folder / "controller.toml"
    file.write_text(f"[prescriptions]\n{text}\n")
    return load(file).prescriptions


def test_own_bases_and_an_own_formulary_are_read_from_beside_the_file(folder: Path) -> None:
    asked = section(folder, 'knowledge = ["base"]\nformulary = "products.csv"\nstarter = false')
    knowledge, formulary = set_up(asked)
    [own] = [one.source for one in knowledge.bases]
    assert (own.name, own.reviewed_by) == ("Own", "P. Harm, 2026-11-02")
    assert formulary.products["OWN1"].high_alert


def test_an_own_base_stands_beside_the_starter_one_unless_that_is_left_out(folder: Path) -> None:
    knowledge, formulary = set_up(section(folder, 'knowledge = ["base"]'))
    assert [one.source.name for one in knowledge.bases] == ["Own", "Wardlink starter set"]
    assert len(formulary.products) > 50
    knowledge, formulary = set_up(section(folder, "starter = false"))
    assert (knowledge.bases, formulary.products) == ((), {})


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("base/substances.csv", SUBSTANCES.replace(",yes", ",maybe"), "substances.csv, row 2"),
        ("base/base.toml", HEAD + "reviewed_by = 3\n", "reviewed_by: expected some text"),
        ("base/base.toml", HEAD.replace("Own", "Wardlink starter set"), "different names"),
        ("products.csv", "code\n", "products.csv"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_and_says_where(
    folder: Path, file: str, text: str, told: str
) -> None:
    (folder / file).write_text(text)
    asked = section(folder, 'knowledge = ["base"]\nformulary = "products.csv"')
    with pytest.raises(ConfigError, match=told):
        set_up(asked)


def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"base\.toml: expected this file"):
        set_up(section(folder, 'knowledge = ["nowhere"]'))
