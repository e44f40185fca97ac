"""The training benchmark: the lab's loop against references on the same ``workloads``.

``throughput`` is the way in. ``loops`` and ``reference`` are what takes turns, ``cuda``
measures what only a GPU offers, ``memory`` the peak, ``watching`` a run that the TUI shows.
"""
