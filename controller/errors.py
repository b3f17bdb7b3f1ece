"""What can go wrong in `controller`.

ControllerError
├── ConfigError        the configuration file: names file, key and remedy
│   └── BadMap             the robots' map: names node or edge, and remedy
├── BrokerError        the message broker cannot be used
├── ChildError         a process of ours that cannot be started
├── StoreError         the database cannot be opened, read or written
│   ├── Unstorable     because of the data itself: trying again will not help
│   ├── LeaseGone      another controller takes in what these gateways send
│   └── Unknown        the server was lost while it committed: ask if it did before trying again
├── BadHead            a published head of the audit trail that cannot be read, or that nobody known signed
├── BadSignature       something signed that cannot be read, or whose signature does not hold
├── LoginRefused       a login by identity provider or passkey that does not hold: `code` says which check
├── ProviderError      the identity provider does not answer, or not as it should
├── PaymentSilent      the payment provider does not answer, or not as documented: nothing is known of it
├── PartnerSilent      a partner site does not answer, or not as documented
├── SealBroken         a secret in the database that our key does not open
├── SoftwareError      a repository of releases that cannot be used
├── FirmwareError      an image of a node's firmware that cannot be used, or that there is none
├── BadScope           a scope of an API token that is not of the allowed form
├── LakeError          the lake of Parquet files, or what is made of it, cannot be read or written
├── ModelError         a model of early warning, or what it is trained on, that cannot be read or made
├── IdentityError      a certificate, a key or a request for one that cannot be used
│   ├── AuthorityError     the authority's own files
│   │   └── ClockNotSet    the host's clock says a time that cannot be
│   └── EnrolmentRefused   this one gets no certificate
└── RegistryError      a change of the registry that cannot be made
    ├── NotFound       no ward, bed, gateway or device of that name
    ├── Conflict       the name is taken, or the bed is
    │   ├── Outdated       what was to be replaced is not the newest any more
    │   ├── NotProved      who somebody is was not proved: a wrong PIN or badge, or too many tries
    │   └── PaymentRefused the payment provider refuses a price or a card
    ├── BadLabel       what was scanned, or the picture of it, says nothing of use
    ├── BadCard        what was given as a partner site's card is none
    ├── BadBundle      what a partner site sent as a case or a letter is none
    ├── OrderError     a command or a configuration that no gateway would take
    │   └── NeedsSecond    a second person has to be shown: another try with one may succeed
    ├── BadAccount     a person's name, password, roles or wards that cannot be used
    └── BadRecord      what was to be recorded of a device: names column, expected, came and remedy
"""


class ControllerError(Exception):
    """Anything that `controller` refuses."""


class ConfigError(ControllerError):
    """The configuration cannot be used."""


class BadMap(ConfigError):
    """The robots' map cannot be used: each line names a node or an edge, and what to do."""


class BrokerError(ControllerError):
    """The broker cannot be used."""


class ChildError(ControllerError):
    """A process of ours cannot be started."""


class StoreError(ControllerError):
    """The database cannot be opened, read or written."""


class Unstorable(StoreError):
    """The database will never take these data."""


class LeaseGone(StoreError):
    """Nothing may be committed for `gateways`: another controller holds the leases of their shards."""

    def __init__(self, message: str, gateways: frozenset[str]) -> None:
        super().__init__(message)
        self.gateways = gateways


class Unknown(StoreError):
    """The database's server was lost while it committed. `mark`: its number, for Store.settled."""

    def __init__(self, message: str, mark: int) -> None:
        super().__init__(message)
        self.mark = mark


class LakeError(ControllerError):
    """The lake of Parquet files, or what is made of it, cannot be read or written."""


class ModelError(ControllerError):
    """A model of early warning, or the cohort that one is trained on, cannot be read or made."""


class BadHead(ControllerError):
    """A published head of the audit trail that cannot be read, or that nobody known signed."""


class BadSignature(ControllerError):
    """Something signed that cannot be read, or whose signature does not hold."""

    def __init__(self, message: str, code: str = "form") -> None:
        super().__init__(message)
        self.code = code
        """Which check failed, for programs: "form", "changed", "foreign", "certificate", "receipt",
        "revoked", "person", "time"."""


class LoginRefused(ControllerError):
    """A login by identity provider or passkey that does not hold."""

    def __init__(self, code: str, message: str, user: str = "") -> None:
        super().__init__(message)
        self.code = code
        """Which check failed, for programs: "state", "nonce", "signature", …"""
        self.user = user
        """Whose login it was, where that is known."""


class ProviderError(ControllerError):
    """The identity provider does not answer, or not as it should."""


class PaymentSilent(ControllerError):
    """The payment provider does not answer, or not as documented: it is not known what it did."""


class MediaError(ControllerError):
    """The server for pictures is not there, does not answer, or refused."""


class PartnerSilent(ControllerError):
    """A partner site does not answer, or not as documented: it is not known what it did."""


class SealBroken(ControllerError):
    """A secret in the database that our key does not open."""


class BadScope(ControllerError):
    """A scope that is not of the allowed form."""


class IdentityError(ControllerError):
    """A certificate, a key or a request for one cannot be used."""


class AuthorityError(IdentityError):
    """The files of the certificate authority cannot be used."""


class ClockNotSet(AuthorityError):
    """The host's clock says a time that cannot be: nothing is signed with it."""


class EnrolmentRefused(IdentityError):
    """This one gets no certificate."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """Which check failed, for programs and the audit trail: "used-token", "foreign-name", …"""


class SoftwareError(ControllerError):
    """A repository of releases that cannot be used, or a release that it does not have."""


class FirmwareError(ControllerError):
    """An image of a node's firmware that cannot be used, or one that there is not."""


class RegistryError(ControllerError):
    """A change of the registry that cannot be made."""


class NotFound(RegistryError):
    """No such ward, bed, gateway or device."""


class Conflict(RegistryError):
    """The name, or the bed, is taken already."""


class NotProved(Conflict):
    """Who somebody is was not proved."""


class Outdated(Conflict):
    """What was to be replaced is not the newest any more: somebody else was first."""


class PaymentRefused(Conflict):
    """The payment provider refuses a price or a card."""


class BadLabel(RegistryError):
    """What was scanned, or the picture of it, says nothing of use."""


class BadRecord(RegistryError):
    """Something that was to be recorded of a device cannot be."""


class BadCard(RegistryError):
    """What was given as a partner site's card is none."""


class BadBundle(RegistryError):
    """What a partner site sent as a patient's case, or as a letter, is none."""


class OrderError(RegistryError):
    """A command or a configuration that no gateway would take."""


class NeedsSecond(OrderError):
    """Two people do this: nobody else was shown, nor was it said why there is none."""


class BadAccount(RegistryError):
    """What was to be kept of a person cannot be."""
