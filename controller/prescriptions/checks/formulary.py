"""The medicines that a hospital has: products.csv, read strictly.

`ingredients`: substances of a base, each with its strength ("amoxicillin=500 mg/1 {capsule}"), semicolons
between. `gtin`: GS1 General
Specifications, 8, 12, 13 or 14 digits with a right check digit, or empty. `group`: products that may
stand for each other.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from pathlib import Path

from controller.prescriptions.checks.knowledge import Base, Substance, codings
from controller.prescriptions.checks.model import Ingredient, Medicine, Strength, Text
from controller.prescriptions.checks.reading import ROUTES
from controller.prescriptions.checks.tables import KnowledgeError, Row, rows
from controller.prescriptions.checks.units import Quantity, quantity
from controller.prescriptions.cold.record import COLD, Range
from controller.prescriptions.gs1 import gtin_14

PRODUCTS = "products.csv"
SYSTEM = "urn:wardlink:product"
COLUMNS = ("code", "gtin", "name_en", "name_zh", "synonyms", "ingredients", "form", "routes", "pack",
           "pack_unit", "high_alert", "storage", "group")  # fmt: skip
_STORAGE = re.compile(r"(-?[0-9]{1,2}(?:\.[0-9])?)\.\.(-?[0-9]{1,2}(?:\.[0-9])?)")
_YES_NO = {"yes": True, "no": False}
_PART = re.compile(r"([a-z0-9][a-z0-9-]*)=([0-9.]{1,12}) ([^ /]+)/([0-9.]{1,12}) ([^ /]+)")


@dataclass(frozen=True, slots=True)
class Product:
    """One pack as it is bought and handed out."""

    code: str
    gtin: str
    """14 digits, or ""."""
    name: Text
    synonyms: tuple[str, ...]
    """Its own, and what its substances are called besides."""
    medicine: Medicine
    form: str
    routes: tuple[str, ...]
    pack: Quantity
    high_alert: bool
    """By the product, or because one of its substances is."""
    storage: Range | None
    """To be kept within, also on its way; None: at room temperature."""
    group: str
    """Of products that may stand for each other; "": none."""


@dataclass(frozen=True, slots=True)
class Formulary:
    """All products, by code and by GTIN."""

    products: Mapping[str, Product]
    by_gtin: Mapping[str, Product]

    def instead_of(self, product: Product) -> list[Product]:
        """Others that may stand for it, in the order of their codes."""
        others = (one for one in self.products.values() if product.group and one.group == product.group)
        return sorted((one for one in others if one.code != product.code), key=lambda one: one.code)


def read_products(data: bytes, bases: Iterable[Base], file: str = PRODUCTS) -> Formulary:
    """The formulary; the ingredients are of the first base that has them. Raises KnowledgeError."""
    known = tuple(bases)
    products: dict[str, Product] = {}
    by_gtin: dict[str, Product] = {}
    for row in rows(file, data, COLUMNS):
        product = _product(row, known)
        if product.code in products:
            raise row.wrong("code", "a code that is not above already")
        if product.gtin in by_gtin:
            raise row.wrong("gtin", "a GTIN that is not above already")
        products[product.code] = product
        if product.gtin:
            by_gtin[product.gtin] = product
    return Formulary(products, by_gtin)


def read_file(path: Path, bases: Iterable[Base]) -> Formulary:
    """The formulary of a file. Raises KnowledgeError."""
    try:
        return read_products(path.read_bytes(), bases, path.name)
    except OSError as error:
        raise KnowledgeError(f"{path}: expected a formulary, got {error}") from error


def starter_formulary(base: Base) -> Formulary:
    """The small one that comes along, of the substances of the starter set."""
    files = resources.files("controller.prescriptions.checks") / "starter"
    return read_products((files / PRODUCTS).read_bytes(), (base,))


def _product(row: Row, bases: tuple[Base, ...]) -> Product:
    code = row.code("code")
    name = Text(row.text("name_en"), row.text("name_zh"))
    parts = [_ingredient(row, part, bases) for part in row.names("ingredients")]
    alert = row.choice("high_alert", _YES_NO) or any(one.high_alert for _, one in parts)
    if not parts:
        raise row.wrong("ingredients", "at least one, as amoxicillin=500 mg/1 {capsule}")
    routes = row.words("routes")
    if not set(routes) <= ROUTES:
        raise row.wrong("routes", " or ".join(sorted(ROUTES)))
    form = row.text("form")
    return Product(
        code=code,
        gtin=row.made("gtin", gtin_14, "a GTIN with a right check digit, or nothing")
        if row.cells["gtin"]
        else "",
        name=name,
        synonyms=(
            *row.names("synonyms"),
            *(name for _, one in parts for name in (one.name.zh, *one.synonyms)),
        ),
        medicine=Medicine(SYSTEM, code, name.en, tuple(one for one, _ in parts), form),
        form=form,
        routes=routes,
        pack=_pack(row),
        high_alert=alert,
        storage=row.made("storage", _storage, "room, cooled, or a range in °C, as 2..8"),
        group=row.code("group") if row.cells["group"] else "",
    )


def _pack(row: Row) -> Quantity:
    pack = row.quantity("pack", "pack_unit")
    if not pack.value:
        raise row.wrong("pack", "more than 0")
    return pack


def _ingredient(row: Row, part: str, bases: tuple[Base, ...]) -> tuple[Ingredient, Substance]:
    """The ingredient, and the substance that it is."""
    form = "substance=amount unit/amount unit, as amoxicillin=500 mg/1 {capsule}"
    if not (found := _PART.fullmatch(part)):
        raise row.wrong("ingredients", form)
    code, *numbers = found.groups()
    strength = row.made(
        "ingredients", lambda _: _strength(*numbers), f"amounts above 0 in known units: {form}"
    )
    for base in bases:
        if one := base.substances.get(code):
            return Ingredient(one.name.en, codings(one, base.system), strength), one
    raise row.wrong("ingredients", f"substances of a base, which {code} is not")


def _storage(text: str) -> Range | None:
    if text in ("room", "cooled"):
        return COLD if text == "cooled" else None
    if (found := _STORAGE.fullmatch(text)) is None:
        raise ValueError(text)
    made = Range(*map(Decimal, found.groups()))
    if made.low >= made.high:
        raise ValueError(text)
    return made


def _strength(amount: str, unit: str, per: str, per_unit: str) -> Strength:
    strength = Strength(quantity(amount, unit), quantity(per, per_unit))
    if min(strength.amount.value, strength.per.value) <= Fraction(0):
        raise ValueError(amount)
    return strength
