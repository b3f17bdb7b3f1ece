"""What a larger site costs: measured on this machine at some sizes, and a model that is fitted to them.

points      many gateways with one device each; few with many devices that measure more and more often
model       processor, memory, disk and messages of any site, by gateways, devices and readings a second
table       what is printed
command     `./run bench scale`
"""
