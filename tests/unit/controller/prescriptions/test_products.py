"""The products of the pharmacy: those of the formulary, and what the pharmacy says."""

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.errors import NotFound, Outdated
from controller.prescriptions.books import Books
from controller.prescriptions.checks.formulary import COLUMNS, read_products
from controller.prescriptions.checks.reading import starter
from controller.prescriptions.medicines import Medicines
from controller.prescriptions.products import Product, Products
from tests.support.prescriptions import KNOWLEDGE, PIA, Pharmacy, pharmacy, why

AMOX = "04012345678901"
ROWS = f"""{",".join(COLUMNS)}
A1,{AMOX},Amox,阿莫西林,,amoxicillin=500 mg/1 {{capsule}},capsule,oral,24,{{capsule}},no,room,
HEP,,Heparin,肝素,,heparin=5000 [iU]/1 mL,solution,intravenous,10,mL,no,room,
"""


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Pharmacy]:
    async with pharmacy(tmp_path) as made:
        yield made


@pytest.fixture
def shelf(here: Pharmacy) -> Products:
    formulary = read_products(ROWS.encode(), (starter(),))
    return Products(Books(here.store, here.clock), Medicines(formulary, KNOWLEDGE))


async def test_what_the_formulary_has_with_a_gtin_is_there_by_itself(here: Pharmacy, shelf: Products) -> None:
    known = await shelf.find(AMOX)
    assert known is not None
    assert (known.medicine.code.code, known.revision) == ("A1", 0)
    assert AMOX in {one.gtin for one in await shelf.listed()}

    def work(db: sqlite3.Connection) -> Product:
        return shelf.of(db, AMOX)

    assert await here.store.write(work) == known
    with pytest.raises(NotFound, match="record it"):
        await here.store.write(lambda db: shelf.of(db, "00000000000000"))


async def test_of_two_who_say_what_a_gtin_is_the_second_looks_again(here: Pharmacy, shelf: Products) -> None:
    known = await shelf.find(AMOX)
    assert known is not None
    said = replace(known, high_alert=True)
    assert await shelf.put(said, 0, PIA) == 1
    with pytest.raises(Outdated):
        await shelf.put(known, 0, PIA)
    assert await shelf.find(AMOX) == replace(said, revision=1)
    assert [line["detail"]["revision"] for line in await here.trail("product-recorded")][-1] == 1


async def test_a_high_alert_substance_is_one_whatever_the_product_says(shelf: Products) -> None:
    what = shelf._medicines.of_code("HEP")
    assert what is not None
    assert shelf.is_high_alert(what.medicine, Product(AMOX, what.medicine, high_alert=False))


async def test_recalls_are_listed_with_batch_and_reason(shelf: Products) -> None:
    await shelf.recall(AMOX, "B7", why(PIA, "glass"))
    [one] = await shelf.recalls()
    assert (one.gtin, one.batch, one.why, one.by) == (AMOX, "B7", "glass", "pia")
