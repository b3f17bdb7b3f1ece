"""Medicines that must stay cold on their way: EU GDP 2013/C 343/01, chapter 9; WHO TRS 961, annex 9.

record    how warm it was, from readings alone: extremes, time outside, gaps
states    what follows from that: kept, to be judged, released, discarded
boxes     places with a thermometer in which medicines are carried
rows      what is kept of a delivery, and the readings of the boxes that it was in
desk      packing, judging, and what is shown
giving    what of a prescription may be given meanwhile
watch     readings that come late
"""
