"""What labgrid lacks, for rigs: `imports: [hil.rig.drivers]` in an environment file.

Only these modules and those under tests/rig import labgrid, which has a venv of its own (`./run rig`).
"""

from hil.rig.drivers import bench, cable, network, nodes, parts, player, qtest, radio

__all__ = ["bench", "cable", "network", "nodes", "parts", "player", "qtest", "radio"]
