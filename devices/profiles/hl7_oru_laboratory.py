"""A laboratory, or an analyser, that sends its results as HL7 ORU or OUL messages: it connects to us."""

from devices.codecs.hl7.laboratory import LaboratoryOru
from devices.profiles import Evidence, Profile, TcpLink

PROFILE = Profile(
    name="hl7-oru-laboratory",
    manufacturer="several (laboratory systems; Mindray, Abbott, Roche and other analysers)",
    model="sender of ORU^R01 over MLLP",
    source=(
        "HL7 2.6, chapters 2, 2.A and 7, and MLLP release 1; IHE Laboratory Analytical Workflow (OUL^R22); "
        "Mindray, Host Interface Manual for the BS series, as OpenELIS' specification retells it; "
        "a Mindray BC-5380's messages in public issues and examples"
    ),
    evidence=Evidence.CAPTURE,
    metrics=(),
    link=TcpLink(port=2575, codec=LaboratoryOru, listens=True),
    note=(
        "Results are events, never vital signs. A message is acknowledged once it is on disk: AA in original "
        "mode, CA and AA as MSH-15 and MSH-16 ask. Queries are refused with AR. Pictures are not kept. "
        "Monitors (ihe-pcd-01) have the same usual port, 2575: on one gateway each needs its own address."
    ),
)
