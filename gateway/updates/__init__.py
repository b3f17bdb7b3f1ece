"""The gateway's own software: two slots, a release on trial, and the way back.

launcher   starts the release that is to run, and goes back when a trial fails; copied out of a release once
slots      fills the other slot, and asks the launcher to try it
http       fetches from the controller's mirror, goes on where it was broken off
releases   the releases that are offered: The Update Framework
stage      the process that fetches, checks and fills, beside the gateway
updater    decides when, in the running gateway, and says what became of it
install    the first installation of a box
"""
