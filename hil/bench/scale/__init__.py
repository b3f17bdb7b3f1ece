"""What a larger site costs: measured on this machine at some sizes, and a model that is fitted to them.

points      many gateways with one device each; few with many devices that measure more and more often
model       processor, memory, disk and messages of any site, by gateways, devices and readings a second
table       what is printed
several     one, two and three controllers on PostgreSQL with the same load
writers     processes that store blocks in one PostgreSQL, in turn and side by side
command     `./run bench scale`, and of what else a larger site is
"""
