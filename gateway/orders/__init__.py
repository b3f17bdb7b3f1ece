"""What the controller asks of this gateway: signed commands, and the part of its configuration set from afar.

verify           who signed it
done             which commands were begun, over crashes
commands         does each once
kept             the file of the configuration in force
held             takes a newer one
settings         what a configuration changes
orders           both, for the uplink: whatever is refused is counted and told
"""
