"""Data sets: what there is, how it is read once, and how it reaches the network.

``catalogue``, ``records``, ``available`` and ``inventory`` are torch-free.
``prepare.load`` gives a DataSet of uint8 tensors, from the cache or from its
files, which ``published`` may fetch; ``loader.Loader`` turns it into augmented,
normalised batches on the device.
"""
