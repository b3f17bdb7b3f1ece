"""The real gateway and controller on a clock, a disk and a network that a seed decides.

loop      virtual time, threads that are none, processes that can be killed between any two steps
disk      the gateway's file system: what was not synced is lost or torn when the power goes
database  the controller's SQLite: crashes and refusals at its transactions
network   the broker and the connections: slow, lost, doubled, disordered, broken
parts     one gateway and one controller, as their own supervisors run them
devices   the simulated devices, and what they were promised
world     an hour of all that
check     what the world holds at its end, by SQL
"""
