"""Several brokers beside each other: any one of them is enough (docs/scale.md).

section  `[mqtt]` of the configuration
access   whom a broker lets in, as the controller tells it; pure
member   one of them as the controller sees it
choice   which brokers the controller has
links    the controller's connections, one to each
files    what is made for a broker's host, and how it is read there
serving  the process on that host: nats-server, and whom it lets in
cli      `wardlink broker`, and `wardlink controller broker-member`
"""
