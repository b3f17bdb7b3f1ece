"""How both sides of the virtual radio pair: LE Secure Connections, Just Works, bonded."""

from pathlib import Path

from bumble.device import Connection
from bumble.keys import JsonKeyStore, KeyStore, MemoryKeyStore
from bumble.pairing import PairingConfig, PairingDelegate


def just_works(_connection: Connection) -> PairingConfig:
    """Pair without a display or keys, as bedside sensors do (Core 5.4, Vol 3, Part H, 2.3.5.1).

    No identity key is distributed: every address here is static, and bumble waits without a time-out
    for the advertisement of a peer whose identity key it holds.
    """
    keys = PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY
    delegate = PairingDelegate(
        PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT,
        local_initiator_key_distribution=keys,
        local_responder_key_distribution=keys,
    )
    return PairingConfig(sc=True, mitm=False, bonding=True, delegate=delegate)


def key_store(owner: str, path: Path | None) -> KeyStore:
    """The bonds of `owner`: kept in the JSON file `path`, or in memory when there is none."""
    return JsonKeyStore(owner, str(path)) if path else MemoryKeyStore()
