"""A day in a vehicle: the real gateway, crew's case and controller through the worst of a city.

plan      the runs of the day: roads, patients, what goes wrong, from a seed
patient   what the monitor says, second by second, and the alarms that must be raised for it
world     the day in virtual time
check     what became of it, by SQL and plain CBOR, with none of the product's code
excerpt  a minute and a half of it in real time: scene, page and moving are its parts, excerpt_check its judge
"""
