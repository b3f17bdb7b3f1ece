"""What the controller's pages ask of the archive beyond PS3.18: the worklist, what was not let in, doubts.

Only our own processes come here, by the inner door. Who is shown something is recorded by the controller,
before it answers; what changes something is recorded here, before it is done.
"""
