"""Heart beats in waveforms, found as they come: for alarms, not for measuring.

slope    where a signal is steep: one filter for ECG and pleth
beats    which of the steep places are beats: thresholds that follow the signal
rhythm   both at work: how long ago the last beat was, how fast they come, and whether another sensor agrees
"""
