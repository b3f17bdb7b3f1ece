"""Laboratory analysers that speak ASTM E1381/E1394, now CLSI LIS01-A2 (frames) and LIS02-A2 (records).

bytes ─▶ frames.FrameReader ─▶ tokens ─▶ analyser.AstmAnalyser ─▶ message.Message ─▶ LAB_RESULT events
"""
