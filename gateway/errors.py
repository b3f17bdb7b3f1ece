"""What can go wrong in `gateway`, split by what the caller should do.

GatewayError
├── ConfigError        the person who wrote the configuration mends it
├── JournalError       the journal's folder cannot be used: another gateway has it, or rights are missing
├── NotKept            the disk gave something up: whoever waits for it acknowledges nothing
├── LinkError          a device's port or radio cannot be used now: the link tries again
├── Unreachable        the controller or its broker cannot be reached now: the uplink tries again
├── NotShaped          this host's network cannot be shaped: said once, and the gateway goes on
├── Refused            the broker does not take these credentials: tried again, and shown
├── Busy               it is done already, for somebody else: asked again later
├── OrderRefused       a command or a configuration that this gateway must not obey: counted, and an alert
├── AlarmUnknown       nobody can acknowledge it: it is over
├── LimitRefused       a limit that cannot be that patient's: whoever sets it looks again
├── PinWeak            a PIN or a name that nobody of a crew may have: take another one
├── CrewRefused        the crew's page is refused something: the message says what was expected
├── CaseConflict       what a crew or the hospital says of the patient on board cannot be so now
├── ApiRefused         somebody else's API says no (the mobile network's operator): asked again later, told
├── UpdateError        a release that cannot be used: the gateway goes on with the software it has
├── EnrolmentError     this box gets no certificate: an engineer does what the message says
└── IdentityError      the certificate that this box has cannot be used
    └── NotEnrolled    it has none yet: `wardlink gateway enrol`
"""


class GatewayError(Exception):
    """Anything that `gateway` refuses."""


class ConfigError(GatewayError):
    """A configuration that cannot be used: names file, key, what was expected, what came, the remedy."""


class JournalError(GatewayError):
    """The journal's folder cannot be used."""


class NotKept(GatewayError):
    """Something that was handed to the journal was given up, and written down as a gap."""


class LinkError(GatewayError):
    """A device's port or radio cannot be used now. `why` is the code for machines, the message for people."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class Unreachable(GatewayError):
    """The controller or its broker cannot be reached now."""


class NotShaped(GatewayError):
    """The queues of this host's network cannot be set: no right, no iproute2, or somebody else did."""


class Refused(GatewayError):
    """The broker does not take these credentials."""


class Busy(GatewayError):
    """What was asked for is being done already."""


class OrderRefused(GatewayError):
    """A command or a configuration that this gateway must not obey. `why` is the code for machines."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class AlarmUnknown(GatewayError):
    """There is no such alarm, or not any more."""


class LimitRefused(GatewayError):
    """A limit of an alarm that cannot be set so for this patient: nothing is changed."""


class PinWeak(GatewayError):
    """A PIN that is guessed at once, or a name that cannot be one."""


class CrewRefused(GatewayError):
    """A request to the crew's page that is refused with this HTTP `status`; again after `wait_s` seconds."""

    def __init__(self, status: int, message: str, wait_s: int = 0) -> None:
        super().__init__(message)
        self.status, self.wait_s = status, wait_s


class CaseConflict(GatewayError):
    """What is said of the patient on board cannot be so now: the message says what is."""


class ApiRefused(GatewayError):
    """Somebody else's API says no: HTTP `status` and the `code` of its error (0: never asked).

    `retry_after_s` is for how long it is not to be asked again, seconds. Its message is not passed on.
    """

    def __init__(self, status: int, code: str, retry_after_s: float = 0) -> None:
        super().__init__(" ".join(filter(None, (str(status or ""), code))))
        self.status, self.code, self.retry_after_s = status, code, retry_after_s


class UpdateError(GatewayError):
    """A release that cannot be used. `why` is the code for machines, the message for people.

    `no-slots` (this gateway does not run from slots), `no-release` (none of that number for this platform),
    `older`, `platform`, `bad-bundle`, `untrusted` (the metadata is not what the root's holders signed, or is
    out of date), `unreachable`, `unfit` (it would not start with this configuration), `busy`, `too-late`,
    `unhealthy` (tried, and gone back), `clock` (this box does not know the time).
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class EnrolmentError(GatewayError):
    """This box gets no certificate. `why` is the code for machines, the message for people.

    `no-claim` (nothing to read it from), `claim-expired`, `other-gateway` (the claim is another's),
    `untrusted` (who answers is not the controller of the claim: it got no token), `refused` (the controller
    says no), `bad-answer` (what it gave is not ours).
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class IdentityError(GatewayError):
    """The identity that this box keeps cannot be used."""


class NotEnrolled(IdentityError):
    """This box has no identity yet."""
