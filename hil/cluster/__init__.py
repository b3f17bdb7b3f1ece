"""A larger site on one machine, of real processes: brokers, databases, controllers, a balancer, gateways.

layout      the folders and configuration files of all of it, before anything runs
balancer    haproxy, with the file that deploy/compose/ has
site        all of it, started in the order in which parts need each other, and stopped by process id
held        who is there, and what is held by whom: one line a second
__main__    `./run cluster`
"""
