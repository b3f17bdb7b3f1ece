"""Integer keys of every map in contract.cddl, and the sizes it allows. Frozen into firmware."""

CONTRACT_VERSION = 1

MAX_MESSAGE = 262144
"""Bytes in one MQTT message at the most."""
MAX_DEPTH = 16
"""Nesting at the most."""
MAX_CHUNK = 32768
"""Bytes of a file in one attachment at the most."""

# header of a block
H_VERSION = 1
H_JOURNAL = 2
H_LANE = 3
H_NUMBER = 4
H_CLOCK = 5
H_DEFLATED = 6

# clock
C_BOOT = 1
C_MONO = 2
C_UTC = 3
C_SYNC = 4
C_ERROR = 5

# group of records
G_DEVICE = 1
G_LOCATION = 2
G_RECORDS = 3

# kinds of record: the first item of each array
R_READING = 0
R_ABSENT = 1
R_WAVEFORM = 2
R_EVENT = 3
R_ALERT = 4
R_GAP = 5
R_OPENED = 6
R_DELTAS = 7
R_ATTACHMENT = 8

# birth
B_VERSION = 1
B_JOURNAL = 2
B_SOFTWARE = 3
B_DEVICES = 4

# device in a birth
D_DEVICE = 1
D_PROFILE = 2
D_LOCATION = 3
D_METRICS = 4

# state of a gateway
S_VERSION = 1
S_ONLINE = 2
S_JOURNAL = 3
S_CLOCK = 4
S_PRODUCED = 5
S_PENDING = 6
S_OLDEST = 7
S_COUNTS = 8
S_LANES = 9
S_FIRST = 10

# receipt
A_VERSION = 1
A_JOURNAL = 2
A_LANE = 3
A_COMMITTED = 4
A_QUARANTINED = 5

# command
M_VERSION = 1
M_ID = 2
M_NAME = 3
M_ARGUMENTS = 4
M_GATEWAY = 5
M_ISSUER = 6
M_ISSUED = 7
M_EXPIRES = 8

# configuration
F_VERSION = 1
F_GATEWAY = 2
F_REVISION = 3
F_ISSUER = 4
F_ISSUED = 5
F_SETTINGS = 6

# state of the controller
T_VERSION = 1
T_ONLINE = 2
T_SESSION = 3
T_UTC = 4

# head of the audit trail
N_VERSION = 1
N_HEAD = 2
