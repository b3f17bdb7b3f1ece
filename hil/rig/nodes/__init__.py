"""What the rigs' own nodes run: the firmware's core, and a sensor that a rig drives.

Each reading has its own number as a pressure (`o2_cylinder_pressure`, in tenths, from 0 again after 249.9):
the controller's tables show what is missing and what is there twice; and what the driven sensor gave
(`temp_body`, in hundredths of a degree), or why it gave nothing.
"""
