"""Training runs: what is asked for, where it is kept, and the process that does it.

``config``, ``records``, ``metrics``, ``runs``, ``launcher`` and ``follow`` are
torch-free: a front end starts, follows and stops runs with nothing else. The
loop itself is ``loop``; ``worker`` is the process around it.
"""
