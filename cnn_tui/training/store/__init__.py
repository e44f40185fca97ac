"""Runs on disk: folders, locks, metrics, and what reads them; torch-free.

``folder`` is one run's files, ``locks`` say whether it is alive, ``listing`` finds runs
and tells how they stand, ``metrics`` writes and reads what they told, ``follow`` goes on
reading while they train. ``export`` and ``tensorboard`` write them for other tools;
``references`` is how a run is named where a network could stand.
"""
