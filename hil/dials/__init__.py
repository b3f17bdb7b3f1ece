"""The simulator bench for people: an engineer turns a patient's dials, and watches gateway and board react.

cli      `wardlink hil bench`: the demo's processes, and the page
ward     the beds of the bench, and what hangs at them
panel    which dials there are, and what turning one makes of them
turns    what was turned when: a log that can be replayed
bench    the dials as they are turned, for simulators, log and page
records  public records of rhythms, prepared for the simulators
truth    what the devices send now, by their own word
journal  what the gateway has, from its journal's files
board    what the ward board is told
delays   how long the board takes to show what was turned
server   the page, over HTTP on the loopback

`figures.jsonl` is a log to replay: 119 s in which six kinds of dials are turned 22 to 25 times each.
"""
