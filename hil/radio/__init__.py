"""The virtual radio: Bluetooth LE peripherals in one process, an unmodified bleak program in another.

    radio process                                   gateway process
    Peripheral ─┐                                   BleakScanner, BleakClient (bleak's own classes)
    Peripheral ─┼─ RadioLink ─ World.listen ═HCI═ Adapter ─ backends(adapter)
    Peripheral ─┘                (TCP or Unix socket)

Both sides are Google's bumble: a complete host (L2CAP, ATT, GATT, SMP) on an emulated controller, so the
bytes between the two processes are real HCI. `hil.radio.world` starts the left side, `hil.radio.adapter`
and `hil.radio.backend` the right one.
"""
