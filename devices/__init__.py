"""What a device says and how it travels: pure, no input or output, no clock.

model/     metrics, readings, identities
wire/      the contract between gateway, controller and firmware
codecs/    bytes in, readings out
profiles/  one file for each device model
"""
