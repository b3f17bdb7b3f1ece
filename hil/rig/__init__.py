"""Rigs: one test, unchanged, on a simulated node, an emulated one, and a bench.

    ./run rig --lg-env hil/rig/rigs/simulated.yaml

A rig is an environment file of labgrid (rigs/*.yaml): what there is, how it is powered and connected, which
sensor can be driven, and in `reality` what is real and what stands for it. `drivers` has what labgrid lacks,
and is the only part that imports it:

nodes        what the rigs' own nodes run: the firmware's core with a sensor that a rig drives
image        the micro:bit's image of them
uart, line   faults of a serial line: pure, seeded, counted
cable        the cable between node and gateway that has these faults
process      a process to be killed, frozen, and started again
site         a controller, a gateway and its device, made ready in a folder
ledger       what the controller has of the node: each number once, in order, or in a gap that is told
drivers      power, pins and RAM, cable, network, waveforms, radio, gateway, controller, for labgrid
kinds, campaign  one fault of each kind after the other, end to end
"""
