"""Images, side by side with Orthanc and its DICOMweb plug-in: the same requests, in turns, in one run.

client.py    a client that costs next to nothing     sides.py   both servers as processes
material.py  what is stored, anew in each round      work.py    what is measured, and what is aimed at
pairs.py     rounds and figures                      growth.py  the index with 1,000 … 100,000 instances
"""
