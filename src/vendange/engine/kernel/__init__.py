"""The kernel: time. Jars that fade, windows, calls; one pass over sorted columns, interpreted or compiled."""
