"""Medicines to choose from: found while a person types, and which of them two people check.

medicines = Medicines(starter_formulary(base), Knowledge((base,)))
medicines.search("metop 50")          # [Choice, …], the best first
"""

from dataclasses import dataclass

from controller.prescriptions.checking import ingredient_of
from controller.prescriptions.checks import model as asked
from controller.prescriptions.checks.formulary import Formulary, Product
from controller.prescriptions.checks.knowledge import Knowledge
from controller.prescriptions.checks.model import ATC, RXNORM
from controller.prescriptions.checks.search import Index
from controller.prescriptions.checks.units import written
from controller.prescriptions.cold.record import Range
from controller.prescriptions.model import Coded, Ingredient, Medicine


@dataclass(frozen=True, slots=True)
class Choice:
    """A medicine, ready to be prescribed: `name_en` and `name_zh` for people."""

    medicine: Medicine
    name_en: str
    name_zh: str
    gtin: str
    routes: tuple[str, ...]
    pack: str
    """How much is in a pack, in `pack_unit` (UCUM)."""
    pack_unit: str
    high_alert: bool
    cooled: bool


class Medicines:
    """The formulary of a site."""

    def __init__(self, formulary: Formulary, knowledge: Knowledge) -> None:
        self._formulary = formulary
        self._knowledge = knowledge
        self._index = Index(formulary.products.values())

    def search(self, text: str) -> list[Choice]:
        """Those that have every word of `text`."""
        return [_choice(one) for one in self._index.search(text)]

    def of_gtin(self, gtin: str) -> Choice | None:
        """The one with this GTIN (14 digits); None: the formulary has none."""
        one = self._formulary.by_gtin.get(gtin)
        return one and _choice(one)

    def of_code(self, code: str) -> Choice | None:
        """The one that the formulary calls so."""
        one = self._formulary.products.get(code)
        return one and _choice(one)

    def with_gtin(self) -> list[Choice]:
        """All that have one."""
        return [_choice(one) for one in self._formulary.by_gtin.values()]

    def storage(self, what: Medicine) -> Range | None:
        """Within which it is kept, by the formulary; None: it has no need to be, or nobody knows."""
        product = self._formulary.products.get(what.code.code)
        return product.storage if product and product.medicine.system == what.code.system else None

    def common_codes(self, one: Ingredient) -> list[Coded]:
        """The codes of ATC and RxNorm that the bases have for a substance: what others know it by."""
        part = ingredient_of(one, "")
        found = [known for base in self._knowledge.bases if (known := base.find(part))]
        codes = [(ATC, code) for known in found for code in known.atc]
        codes += [(RXNORM, known.rxnorm) for known in found if known.rxnorm]
        return [Coded(system, code, one.substance.display) for system, code in dict.fromkeys(codes)]

    def is_high_alert(self, what: Medicine) -> bool:
        """Whether two people check it: because of the product, or of one of its substances."""
        product = self._formulary.products.get(what.code.code)
        if product is not None and product.medicine.system == what.code.system and product.high_alert:
            return True
        parts = [ingredient_of(one, "") for one in what.ingredients]
        bases = self._knowledge.bases
        return any(known.high_alert for one in parts for base in bases if (known := base.find(one)))


def _choice(one: Product) -> Choice:
    what = one.medicine
    parts = tuple(_ingredient(part) for part in what.ingredients)
    return Choice(
        medicine=Medicine(Coded(what.system, what.code, what.display), one.form, parts),
        name_en=one.name.en,
        name_zh=one.name.zh,
        gtin=one.gtin,
        routes=one.routes,
        pack=written(one.pack.value),
        pack_unit=one.pack.unit,
        high_alert=one.high_alert,
        cooled=one.storage is not None,
    )


def _ingredient(one: asked.Ingredient) -> Ingredient:
    """By the first of its codes, which is the base's own."""
    code = one.codes[0] if one.codes else asked.Coding("", "")
    strength = f"{one.strength.amount}/{one.strength.per}" if one.strength else ""
    return Ingredient(Coded(code.system, code.code, one.display), strength)
