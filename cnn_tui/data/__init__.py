"""Data sets: what there is, how it is read once, and how it reaches the network.

``catalogue`` and ``records`` are torch-free. ``prepare.load`` gives a DataSet of
uint8 tensors; ``loader.Loader`` turns it into augmented, normalised batches on
the device.
"""
