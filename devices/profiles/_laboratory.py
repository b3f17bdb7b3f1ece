"""What the profiles of laboratory analysers share."""

ASTM_SOURCE = (
    "ASTM E1381-95 (low-level protocol) and E1394-97 (records), now CLSI LIS01-A2 and LIS02-A2; "
    "senaite.astm, messages of 12 analysers in its tests; python-astm, its tests; astmio, go-astm and "
    "Ruby-ASTM, logs of Mindray, Snibe, Abbott, Bio-Rad and Roche analysers; "
    "OpenELIS, bench report of a Snibe Maglumi X3 (2026)"
)
ASTM_NOTE = (
    "Results are events, never vital signs: a result belongs to a specimen. The analyser's ACK is sent once "
    "the result is on disk. Orders are not sent: an analyser's query is told as an event and not answered. "
    "Where sources disagree which component of a test id or specimen id is which, all of them are kept."
)
