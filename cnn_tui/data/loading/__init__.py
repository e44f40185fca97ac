"""From a data set in memory to batches on the device.

``loader.Loader`` gives an epoch's batches: ``placement`` says where the images lie,
``prefetch`` streams those that do not fit on the device, ``augment`` crops and flips.
"""
