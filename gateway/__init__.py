"""The gateway: takes what devices say, keeps it on disk, and hands it to the controller.

config     the configuration file
clock      the only reader of time
links/     the only code that touches a port
session    readings get device, bed and quality
gather     records become blocks
alarms     technical alerts, raised with no network
journal/   blocks on disk: accepted, from here nothing is lost
uplink     blocks to the controller, until it receipts them
app        puts the parts together and keeps them running
"""
