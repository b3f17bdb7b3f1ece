"""HL7 version 2 over MLLP: laboratories (ORU, OUL) and bedside monitors and their gateways (IHE PCD).

bytes ─▶ mllp.MllpReader ─▶ message.Message ─▶ receiver.Receiver ─┬▶ laboratory.LaboratoryOru
                                                                 └▶ pcd01.Pcd01
"""
