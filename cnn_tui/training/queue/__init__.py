"""Runs that wait for each other: one queue per device, and a process of its own that empties it.

That a run waits is a file in its folder (``store/queue_entry``), so that every front end
sees the queue and nothing of it is lost with a process. ``waiting`` puts runs in and starts
the process, ``spooler`` is the process: it outlives the front end and its terminal, starts
the next run once no run of the workspace uses the device, and ends with the last one.
"""
