"""The first installation of a box: a folder with a release in slot a, the launcher, and the root of trust.

    PYTHONPATH=wardlink-gateway-1-….zip/site python3 -P -m gateway.updates.install \\
        wardlink-gateway-1-….zip --root 1.root.json --to /opt/wardlink

It needs Python and nothing else: this module runs from inside the bundle.
"""

import argparse
import shutil
from importlib.resources import files
from pathlib import Path

from gateway.errors import UpdateError
from gateway.updates.launcher import SLOTS, State, sync_folder, write_state
from gateway.updates.release import Release, read_release
from gateway.updates.slots import unpack


def install(bundle: Path, root: Path, folder: Path) -> Release:
    """Make `folder` from the release in `bundle` and the repository's `root` (TUF metadata), both believed.

    Raises UpdateError, also when there is an installation already; OSError.
    """
    if (folder / "state.json").exists():
        raise UpdateError("busy", f"{folder} is an installation already: it updates itself")
    folder.mkdir(parents=True, exist_ok=True)
    unpack(bundle, folder / SLOTS[0])
    release = read_release(folder / SLOTS[0])
    shutil.copyfile(root, folder / "root.json")
    program = files("gateway.updates").joinpath("launcher.py").read_bytes()
    (folder / "launcher.py").write_bytes(program)
    write_state(folder, State(SLOTS[0]))  # last: from here on it is one
    sync_folder(folder)
    return release


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Installs a gateway that updates itself.")
    parser.add_argument("bundle", type=Path, help="a release, as its maintainer gives it out")
    parser.add_argument(
        "--root", type=Path, required=True, help="whose releases this box will take (TUF metadata)"
    )
    parser.add_argument("--to", type=Path, required=True, help="the folder of the installation")
    given = parser.parse_args()
    try:
        release = install(given.bundle, given.root, given.to)
    except (UpdateError, OSError) as error:
        raise SystemExit(str(error)) from None
    launcher = given.to.absolute() / "launcher.py"
    print(f"release {release.number} is installed: python3 {launcher} CONFIG")  # noqa: T201 - no typer in a bare box


if __name__ == "__main__":
    main()
