"""What comes after an authority's certificates, made in its folder as the command makes it."""

from datetime import datetime
from pathlib import Path

from controller.identity.authority import Authority
from controller.identity.files import ROOT_KEY, held_authority
from controller.identity.pems import read_root_key
from controller.identity.succession import next_issuing, next_root
from controller.identity.takeover import finish, locked, stage


def succeed(folder: Path, at: datetime, *, root: bool = False) -> Authority:
    """The next issuing certificate, or a new root with another one, takes over in `folder`."""
    old = staged(folder, at, root=root)
    with locked(folder):
        finish(folder)
    return old


def staged(folder: Path, at: datetime, *, root: bool = False) -> Authority:
    """The same, decided and not begun. Returns the authority that is to be followed."""
    old = held_authority(folder, at)
    key = read_root_key(folder / ROOT_KEY, lambda: "")
    new, root_key = next_root(old, key, at) if root else (next_issuing(old, key, at), None)
    with locked(folder):
        stage(folder, old, new, root_key)
    return old
