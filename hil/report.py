"""What the demo shows a person: the welcome, the line of the ward's state, and the proof at the end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rich.table import Table

from controller.ledger import LedgerRow
from hil.board import Live
from hil.demo_ambulance import CREW
from hil.demo_home import CUFF
from hil.demo_payments import CARDS
from hil.endcheck import Compared
from hil.stack import Stack

_COUNTS = ("produced", "committed", "missing", "duplicated", "quarantined", "shed", "resent")
EXPLANATION = (
    "sent: what the simulated devices wrote down themselves. stored: what the controller's database has.",
    "pleth: packets of 25 samples, each compared sample by sample; a part of one counts as not stored.",
    "unheard: sent while no gateway had a link to the device, or before a killed gateway had written it.",
)


def welcome(say: Callable[[str], None], board: str, people: Mapping[str, str], stack: Stack) -> None:
    """Where everything is, who may log in by which password, and how to pull a plug."""
    folder = stack.folder.root
    (nurse, password), *others = people.items()
    say("")
    say(f"  The nurse's board:  {board.replace('127.0.0.1', 'localhost')}")
    say(f"  User and password:  {nurse}  {password}")
    say("  Others, each good for one login:")
    for name, once in others:
        say(f"    {name:<16}  {once}")
    if (addresses := stack.addresses()) and addresses.imaging:
        say(f"  Images:             {board.replace('127.0.0.1', 'localhost')}/imaging")
    if stack.pharmacy:
        say("  Medicines:          /prescriptions, /pharmacy, /round, /robots; a key to sign: /account")
        say("  Video visits:       /visits; who is invited opens a link and needs a code")
        for line in stack.rooms.reduced if stack.rooms else ():
            say(f"    reduced:          {line}")
        say(f"  Packs to scan:      {stack.pharmacy.packs}")
        say(f"  Cards that pay:     {CARDS}; no money moves")
        say(f"  All of it, played:  ./run demo --story{_data(folder)}      (in another terminal)")
    if stack.home:
        say(f"  The cuff at home:   echo measure > {folder / 'plugs' / CUFF}      (its button)")
    if stack.ambulance:
        say(f"  Who comes by road:  {board.replace('127.0.0.1', 'localhost')}/arrivals")
        say(f"  The crew's page:    {stack.crew_page.replace('127.0.0.1', 'localhost')}")
        say(f"  Name and PIN:       {CREW}  {stack.pin}")
    say("")
    for process in stack.processes:
        say(f"  {process.name:<11} process {process.pid}, log {process.log}")
    say("")
    plug = folder / "plugs" / stack.ward.devices[-1].id
    say(f"  Pull a plug:        echo off > {plug}      (on, sensor-off, sensor-on, garbage, sick, well)")
    say(f"  Devices:            {' '.join(sorted(device.id for device in stack.devices))}")
    say("  Break something:    kill -9 one of the processes above; it comes back and nothing is lost")
    say("  Stop:               Ctrl-C")
    say("")


def _data(folder: Path) -> str:
    """The option that names the folder, if it is not the one that is taken anyway."""
    return "" if folder == Path("data").absolute() else f" --data {folder}"


def status(state: Live) -> str:
    """The ward in one line."""
    told = (f"{name} {condition}" for name, condition in sorted(state.gateways.items()))
    gateways = ", ".join(told) or "no gateway yet"
    connected = f"{state.connected_devices}/{state.devices} devices connected"
    return (
        f"{state.live_beds}/{state.beds} beds live, {connected}, gateway {gateways}, "
        f"{state.pending_blocks} blocks behind"
    )


def ledger(rows: Sequence[LedgerRow]) -> Table:
    """The ledger, a row for each journal and lane."""
    table = Table("gateway", "journal", "lane", title="Ledger: blocks")
    for name in _COUNTS:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(row.gateway, row.journal, row.lane, *(str(getattr(row, name)) for name in _COUNTS))
    return table


def end_check(checks: Sequence[Compared]) -> Table:
    """The end check, a row for each metric of each device."""
    names = ("sent", "stored", "unheard", "missing", "surplus")
    table = Table("device", "metric", title="End check: values of this run")
    for name in names:
        table.add_column(name, justify="right")
    for one in checks:
        table.add_row(one.device, one.metric, *(str(getattr(one, name)) for name in names))
    return table


def silent(devices: Iterable[str], checks: Sequence[Compared]) -> list[str]:
    """Those of `devices`, which measure something, of which not one value has arrived."""
    heard = {one.device for one in checks if one.stored}
    return [device for device in devices if device not in heard]


def is_clean(rows: Sequence[LedgerRow], checks: Sequence[Compared]) -> bool:
    """Nothing missing, nothing twice, nothing unreadable."""
    lost = any(row.missing or row.duplicated or row.quarantined for row in rows)
    return not lost and all(one.is_clean for one in checks)
