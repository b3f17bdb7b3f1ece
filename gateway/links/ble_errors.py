"""bleak's errors, and those it lets through from D-Bus, as LinkError. The only place that knows them.

`why`: `no-adapter` (no Bluetooth, switched off, or its service does not run), `timeout`, `needs-pairing`,
`refused` (the device answered with an ATT error), else what the caller says.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak.exc import BleakGATTProtocolErrorCode as AttError
from dbus_fast.errors import DBusFastError

from gateway.errors import LinkError

# KeyError, AttributeError and AssertionError are how bleak fails when BlueZ takes an object away under it;
# EOFError and OSError are a D-Bus connection that dies or is not there.
BLUETOOTH_ERRORS = (
    BleakError,
    DBusFastError,
    OSError,
    EOFError,
    KeyError,
    AttributeError,
    AssertionError,
)

_NEEDS_PAIRING = {
    AttError.INSUFFICIENT_AUTHENTICATION,
    AttError.INSUFFICIENT_AUTHORIZATION,
    AttError.INSUFFICIENT_ENCRYPTION,
    AttError.INSUFFICIENT_ENCRYPTION_KEY_SIZE,
}


@contextmanager
def bluetooth_errors(why: str, doing: str) -> Iterator[None]:
    """Raise what goes wrong inside as LinkError; `doing` says what was tried, and with which device."""
    try:
        yield
    except BleakBluetoothNotAvailableError as error:
        remedy = "is the Bluetooth adapter plugged in and switched on?"
        raise LinkError("no-adapter", f"{doing}: {error.args[0]}: {remedy}") from error
    except BleakGATTProtocolError as error:
        raise _answered(error, doing) from error
    except TimeoutError as error:
        raise LinkError("timeout", f"{doing}: no answer in time; it is tried again") from error
    except OSError as error:
        remedy = "does Bluetooth's service run here (systemctl status bluetooth)?"
        raise LinkError(why, f"{doing}: {error}: {remedy}") from error
    except BLUETOOTH_ERRORS as error:
        raise LinkError(why, f"{doing}: {error or type(error).__name__}") from error


def _answered(error: BleakGATTProtocolError, doing: str) -> LinkError:
    if error.code in _NEEDS_PAIRING:
        remedy = "the device must be paired (anew): make it pairable; its profile must have bond=True"
        return LinkError("needs-pairing", f"{doing}: {error.args[1]}: {remedy}")
    return LinkError("refused", f"{doing}: {error.args[1]}")
