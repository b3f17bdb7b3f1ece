"""The fleet of robots that carry medicines, blood, linen, meals: who carries what, and who may be where.

Pure decisions: no input or output, no database, no clock. A service feeds it and acts on what comes out:

fleet = Fleet(map.load(path), local)          # local(now_ms): ms since midnight where the hospital is
fleet.known("R1", Model(...))                 # a registered robot
fleet.seen(Report(...), now_ms)               # its VDA 5050 state: node or edge or pose, battery, order
fleet.taken_over("R1", now_ms); fleet.handed_back("R1", now_ms); fleet.gone("R1", now_ms)
fleet.wanted(Transport(...)); fleet.cancelled("T1", now_ms)
fleet.picked("R1", now_ms); fleet.dropped("R1", now_ms)      # its pick or drop action has FINISHED
fleet.blocked("E7", now_ms, "a bed"); fleet.opened("E7", now_ms)
fleet.tick(now_ms)                            # once a second

Each gives back decisions (controller/robots/decisions.py), in the order in which they are to be carried out:
  Go        an order or its update; base = the first `released` points. Ends a Stop.
  Stop      startPause;  Cancel: cancelOrder, then a report with `halted` is awaited (asked again every 10 s)
  Charge    it is on its way to a charger;  Assigned, Ended: what became of a transport
  Ask       a person has to see to something;  Eta: when a transport will be there, and how sure that is
A decision is told once: who delivers it has to repeat it until the robot has it. `now_ms` never goes back.
Nothing is known of the time before a restart: every robot that is not `halted` is told to drop its order.

The map: map.py, places.py, checks.py, ground.py, geometry.py. Ways: routes.py, traffic.py (why nobody
collides, blocks or waits for ever), driving.py. Robots: vehicles.py, placing.py, hearing.py.
Work: transports.py, assign.py, energy.py, jobs.py. Arrival: eta.py, forecast.py. All of it: fleet.py.
"""
