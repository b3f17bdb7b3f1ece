"""Twenty beds of ECG and pleth through one gateway: the parts of `./run bench waveforms`.

signals   what the monitors measure, as files of int16
gateway   the product's gateway with monitors that give these files in real time
run       one run of controller, broker and gateway, and what it cost
checked   every sample that came out, against the files
codecs    the ways to write samples that were tried
"""
