"""What the checks of a site know, and the medicines that it has: the starter's, its own, or both.

knowledge, formulary = set_up(PrescriptionsSection(knowledge=[Path("base")], formulary=Path("products.csv")))
"""

from functools import cache

from controller.prescriptions.checks.formulary import Formulary, read_file, starter_formulary
from controller.prescriptions.checks.knowledge import Base, Knowledge
from controller.prescriptions.checks.reading import read_folder, starter
from controller.prescriptions.checks.tables import KnowledgeError
from controller.sections import PrescriptionsSection


def set_up(section: PrescriptionsSection) -> tuple[Knowledge, Formulary]:
    """The bases, the starter one last, and the formulary, whose substances are of the first base that has
    them. Raises KnowledgeError: file, row, column, what was expected and what came."""
    own = tuple(map(read_folder, section.knowledge))
    _check_names(own)
    bases = (*own, _starter()) if section.starter else own
    if section.formulary is not None:
        return Knowledge(bases), read_file(section.formulary, bases)
    return Knowledge(bases), _starter_formulary() if section.starter else Formulary({}, {})


def _check_names(own: tuple[Base, ...]) -> None:
    """A hint says by its name which base it is of."""
    names = [one.source.name for one in (*own, _starter())]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise KnowledgeError(
            f"[prescriptions] knowledge: expected bases of different names, got {twice[0]!r} twice"
        )


@cache
def _starter() -> Base:
    """It is of the software itself and never changes: read once, as its formulary is."""
    return starter()


@cache
def _starter_formulary() -> Formulary:
    return starter_formulary(_starter())
