"""Firmware of nodes: images, which node is to run which, and what became of it.

images     the store of images
serve      lets enrolled gateways fetch them, each with a manifest that is signed then
desk       asks a gateway for an update, and knows how far it is
records    what nodes said: their log, resets, verdicts
cli        `wardlink controller firmware`
"""
