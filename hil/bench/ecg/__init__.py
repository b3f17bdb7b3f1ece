"""Beats and atrial fibrillation, as the ECG plug-in finds them, against what cardiologists have marked."""
