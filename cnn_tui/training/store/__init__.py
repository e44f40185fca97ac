"""Runs on disk: folders, locks, metrics, and what reads them; torch-free.

``folder`` is one run's files, ``locks`` say whether it is alive, ``listing`` finds runs
and reports their states, ``deletion`` removes them, ``metrics`` writes and reads their
events, also while they train. ``export`` and ``tensorboard`` write them for other tools;
``references`` is how a run is named where a network could stand.
"""
