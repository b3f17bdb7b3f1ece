"""What laboratories found of genes: the newest counts, mistakes are taken back, it goes with its stay."""

import sqlite3

import pytest

from controller.errors import NotFound, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.patients.follow import follow
from controller.patients.genotypes import Genotypes, Said
from controller.patients.model import Meant
from controller.registry import Patient
from tests.unit.controller.conftest import Desk

BY = By("anna", "10.0.0.1")


@pytest.fixture
async def genotypes(desk: Desk) -> Genotypes:
    await desk.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nina")
    return Genotypes(desk.store, desk.clock)


async def held(genotypes: Genotypes, patient: str = "4711") -> list[tuple[str, str]]:
    return [(one.gene, one.value) for one in await genotypes.of(patient)]


async def test_the_newest_of_a_gene_counts_and_a_mistake_is_taken_back(genotypes: Genotypes) -> None:
    for gene, value in (("CYP2C19", "*1/*2"), ("CYP2C19", "*2/*2"), ("TPMT", "*1/*3A"), ("TPMT", "")):
        await genotypes.say(Meant("4711"), Said(gene, value, "Lab", 1), BY)
    assert await held(genotypes) == [("CYP2C19", "*2/*2")]


@pytest.mark.parametrize(
    "said",
    [Said("BRCA1", "*1/*1", "", 1), Said("TPMT", "<b>", "", 1), Said("TPMT", "*1/*1", "", 2**52)],
)
async def test_what_cannot_be_is_not_entered(genotypes: Genotypes, said: Said) -> None:
    with pytest.raises(OrderError):
        await genotypes.say(Meant("4711"), said, BY)


async def test_of_whom_one_does_not_see_nothing_is_told_nor_entered(genotypes: Genotypes) -> None:
    nobody = Sight(frozenset())
    with pytest.raises(NotFound):
        await genotypes.of("4711", nobody)
    with pytest.raises(NotFound):
        await genotypes.say(Meant("4711", nobody), Said("TPMT", "*1/*1", "", 1), BY)
    with pytest.raises(NotFound):
        await genotypes.of("nobody")


async def test_it_goes_along_when_the_stay_was_somebody_else_s(genotypes: Genotypes, desk: Desk) -> None:
    await genotypes.say(Meant("4711"), Said("DPYD", "*1/*2A", "Lab", 1), BY)
    [stay] = await desk.store.read("SELECT id FROM stay WHERE identifier = '4711'")

    def corrected(db: sqlite3.Connection) -> None:
        db.execute("UPDATE stay SET identifier = '4712' WHERE id = ?", (stay["id"],))
        follow(db, "4711", "4712", "Muster, Eva", [stay["id"]])

    await desk.store.write(corrected)
    assert await held(genotypes, "4712") == [("DPYD", "*1/*2A")]
