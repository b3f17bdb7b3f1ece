"""What the demo's pharmacy has, and what is known of the demo's patients: people who do not exist.

pharmacy = Pharmacy.of(folder)             # the starter's products, each with a GTIN; codes of packs to scan
await tell_facts(controller_config)        # birth dates, allergies, weights, an out-patient at home
"""

import csv
import io
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from controller.clock import SystemClock
from controller.config import load
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE
from controller.patient_access.homes import Homes
from controller.patients.model import Meant, Person, Sex, Substance
from controller.patients.register import Patients
from controller.prescriptions.books import Books
from controller.prescriptions.cold.boxes import Boxes
from controller.prescriptions.gs1 import check_digit
from controller.store import Store
from hil.cold_box import PLACE
from hil.demo_cds import tell_genotype
from hil.demo_home import HOME, OUT_PATIENT, OUT_PATIENT_NAME
from hil.ward import WARD, Folder

_BY = By("demo")
_STARTER = files("controller.prescriptions.checks").joinpath("starter", "products.csv")
EXPIRY, BATCH = "291231", "DEMO1"
"""Of every pack: YYMMDD, as GS1 has it."""


@dataclass(frozen=True, slots=True)
class _Known:
    birth_date: str
    sex: Sex
    weight_kg: float
    allergy: str = ""
    """In words; "": somebody said that there is none."""


PATIENTS = {
    "DEMO-0001": _Known("1951-03-14", "female", 61, "penicillin"),
    "DEMO-0002": _Known("1978-11-02", "male", 84),
    "DEMO-0003": _Known("1989-06-21", "female", 58),
    OUT_PATIENT: _Known("1960-01-30", "male", 92),
}
"""Of the others nothing is known: the pages say so."""


@dataclass(frozen=True, slots=True)
class Pharmacy:
    """Its files. `formulary`: for `[prescriptions]`; `packs`: what a scanner reads of a pack of each, in the
    form for people."""

    formulary: Path
    packs: Path

    @classmethod
    def of(cls, folder: Folder) -> "Pharmacy":
        """Written into the demo's folder."""
        root, products = folder.root / "pharmacy", _products()
        root.mkdir(parents=True, exist_ok=True)
        made = cls(root / "products.csv", root / "packs.txt")
        text = io.StringIO()
        writer = csv.DictWriter(text, list(products[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(products)
        made.formulary.write_text(text.getvalue(), encoding="utf-8")
        codes = (f"(01)0{one['gtin']}(17){EXPIRY}(10){BATCH}  {one['name_en']}\n" for one in products)
        made.packs.write_text("".join(codes), encoding="utf-8")
        return made


async def tell_facts(controller_config: Path) -> None:
    """Put what is known of the patients into the controller's register, before it runs; once. The pharmacy's
    place is a cooled box."""
    store = await Store.open(load(controller_config).database)
    try:
        patients = Patients(store, SystemClock())
        looked_after = {one.identifier for one in await patients.listed(WHOLE) if one.ward}
        await Boxes(Books(store, SystemClock())).use(PLACE, _BY, in_use=True)
        await Homes(store, SystemClock()).use(HOME, _BY, is_home=True)
        if OUT_PATIENT not in looked_after:
            person = Person(None, None, OUT_PATIENT_NAME)
            await patients.register(Meant(OUT_PATIENT), person, WARD, _BY)
        for identifier, facts in PATIENTS.items():
            held = await patients.find(identifier)
            if held.birth_date is None:
                await _tell(patients, Meant(identifier), facts)
        await tell_genotype(store, SystemClock(), _BY)
    finally:
        await store.close()


async def _tell(patients: Patients, who: Meant, known: _Known) -> None:
    await patients.set_person(who, Person(known.birth_date, known.sex), _BY)
    await patients.measure(who, "weight", known.weight_kg, _BY)
    if known.allergy:
        await patients.add_allergy(who, Substance(known.allergy, criticality="high"), _BY)
    else:
        await patients.say_no_known_allergies(who, _BY)


def _products() -> list[dict[str, str]]:
    """The starter's, with numbers of GS1's prefix 20, which every hospital may use for itself (GS1 General
    Specifications, 1.4.2: restricted circulation)."""
    rows = list(csv.DictReader(io.StringIO(_STARTER.read_text(encoding="utf-8"))))
    for number, row in enumerate(rows, 1):
        digits = f"20{number:010}"
        row["gtin"] = digits + check_digit(digits)
    return rows
