"""What was measured: rolled up by the minute, found again quickly, and dropped, on record, when it is old."""
