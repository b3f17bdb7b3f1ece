"""A larger site on one machine, of real processes: brokers, databases, controllers, a balancer, gateways.

layout      the folders and configuration files of all of it, before anything runs
registering who is in the database before anything runs, by whichever release makes the schema
wards       real gateways with journals, beside the light ones
balancer    haproxy, with the file that deploy/compose/ has
site        all of it, started in the order in which parts need each other, and stopped by process id
cuts        ways of each controller that can be shut
fail_over   what an operator does when the primary database is gone
held        who is there, and what is held by whom: one line a second
__main__    `./run cluster`
"""
