"""What can go wrong in `controller`.

ControllerError
├── ConfigError        the configuration file: names file, key and remedy
├── BrokerError        the message broker cannot be started or used
├── StoreError         the database cannot be opened, read or written
│   └── Unstorable     because of the data itself: trying again will not help
└── RegistryError      a change of the registry that cannot be made
    ├── NotFound       no ward, bed, gateway or device of that name
    └── Conflict       the name is taken, or the bed is
"""


class ControllerError(Exception):
    """Anything that `controller` refuses."""


class ConfigError(ControllerError):
    """The configuration cannot be used."""


class BrokerError(ControllerError):
    """The broker cannot be started or used."""


class StoreError(ControllerError):
    """The database cannot be opened, read or written."""


class Unstorable(StoreError):
    """The database will never take these data."""


class RegistryError(ControllerError):
    """A change of the registry that cannot be made."""


class NotFound(RegistryError):
    """No such ward, bed, gateway or device."""


class Conflict(RegistryError):
    """The name, or the bed, is taken already."""
