"""What can go wrong in `hil`.

HilError
├── DemoRunning      another demo uses the data folder: stop it, or take another folder
├── NotReady         a process did not come up in time, or died while it did: its log says why
├── Refused          a controller refused what somebody of the demo's story did: its words say why
├── BadOrder         a word that a simulated device does not know
├── BadDial          a dial that there is not, or that cannot be turned so: the range is said
├── BadMeasurement   a value, a limit or a series that cannot be judged
├── BadBundle        evidence that is not what was signed, or by whom: never read on
└── Broken           a codec that does what none may: the input that made it do so is the test to keep
"""


class HilError(Exception):
    """Anything that `hil` refuses."""


class DemoRunning(HilError):
    """Another demo uses the data folder."""


class NotReady(HilError):
    """A process did not come up in time."""


class Refused(HilError):
    """A controller refused what somebody of the demo's story did."""


class BadOrder(HilError):
    """A word that a simulated device does not know."""


class BadDial(HilError):
    """A dial that there is not, or that cannot be turned so."""


class Broken(HilError):
    """A codec that does what none may."""


class BadMeasurement(HilError):
    """A value, a limit or a series that cannot be judged."""


class BadBundle(HilError):
    """Evidence that is not what was signed, or not by whom one trusts."""
