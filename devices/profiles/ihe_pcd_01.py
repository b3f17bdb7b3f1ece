"""A bedside monitor, or its gateway for one bed, that sends HL7 as IHE PCD-01 has it: it connects to us."""

from devices.codecs.hl7 import pcd01
from devices.profiles import Evidence, Profile, TcpLink

PROFILE = Profile(
    name="ihe-pcd-01",
    manufacturer="several (Mindray, GE, Philips, Masimo, Draeger, Comen and others)",
    model="monitor or gateway with IHE PCD-01 (DEC), PCD-04 (ACM) or WCM",
    source=(
        "IHE Patient Care Device, Technical Framework 2 (DEC, ACM) and supplement WCM; HL7 2.6; messages of "
        "Mindray VS 8, VS 900 and eGateway, GE Vital Sign Processor, Philips Information Center and Efficia, "
        "Comen and XH80X monitors, Masimo Patient SafetyNet and GE Mural alarms in public repositories"
    ),
    evidence=Evidence.CAPTURE,
    metrics=pcd01.METRICS,
    link=TcpLink(port=2575, codec=pcd01.Pcd01, listens=True, for_device=pcd01.of_one_bed),
    note=(
        "One address serves one bed: the one that the first message names, over all connections until the "
        "gateway starts anew. What is sent there of other beds is kept, but not shown: each bed needs an "
        "address of its own, and `peer` names who may. Alarms never "
        "change a value. Private codes, and numbers whose code and name, or unit, contradict each other, "
        "are kept as they were sent. AL and NE in MSH-15 and MSH-16 are answered CA, as HL7 has it; some "
        "receivers answer AA. Vital signs that LOINC alone names are read: 8480-6 and 8462-4 as the cuff's, "
        "8867-4 as the heart rate. A pulse rate without its sensor (MDC_PULS_RATE) is kept, but not shown. "
        "Laboratories (hl7-oru-laboratory) have the same usual port, 2575: on one gateway each needs its "
        "own address."
    ),
)
