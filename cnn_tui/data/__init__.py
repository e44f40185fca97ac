"""Data sets: what there is, how it is read once, and how it reaches the network.

``catalogue``, ``records``, ``paths`` and ``inventory`` are torch-free. ``preparation``
gives a ``dataset.DataSet`` of uint8 tensors, from the cache or from its files, which it
may fetch; ``loading`` turns it into augmented, normalized batches on the device.
"""
