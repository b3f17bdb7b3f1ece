"""The rig's tests need labgrid, which has a venv of its own: `./run rig`. Without it there are none."""

from importlib.util import find_spec

if find_spec("labgrid"):
    from tests.rig.plugin import *  # noqa: F403 - the hooks and fixtures of the rig
else:
    collect_ignore_glob = ["*.py"]
