"""The demo's decision support: the example of pharmacogenomics as a process, and `[cds]` of the controller.

support = DemoSupport(port)
support.command(8080)       # of its process, for a controller at this port
support.section             # TOML
"""

from dataclasses import dataclass

from controller.clock import Clock
from controller.identity.certificates import By
from controller.patients.genotypes import Genotypes, Said
from controller.patients.model import Meant
from controller.store import Store

PATIENT = "DEMO-0001"
"""Who does not exist, and whose genotype matters for clopidogrel (CLOP75T of the formulary)."""
_YEARS_MS = 2 * 365 * 86_400_000


@dataclass(frozen=True, slots=True)
class DemoSupport:
    """It listens at `port`."""

    port: int

    @property
    def section(self) -> str:
        """`[cds]`."""
        service = f'name = "Pharmacogenomics"\nurl = "http://127.0.0.1:{self.port}"\nhooks = ["order-sign"]\n'
        return f'[cds]\nissuer = "urn:wardlink:demo"\n[[cds.services]]\n{service}'

    def command(self, http: int) -> tuple[str, ...]:
        """Its module and arguments."""
        keys = f"http://127.0.0.1:{http}/.well-known/jwks.json"
        return "hil.sims.pgx", "--port", str(self.port), "--keys", keys


async def tell_genotype(store: Store, clock: Clock, by: By) -> None:
    """What a laboratory found two years ago; once."""
    genotypes = Genotypes(store, clock)
    if not await genotypes.of(PATIENT):
        at_ms = clock.now_us() // 1000 - _YEARS_MS
        await genotypes.say(Meant(PATIENT), Said("CYP2C19", "*2/*2", "Sample laboratory", at_ms), by)
