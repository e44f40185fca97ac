"""The loop that trains, and what it keeps between steps.

``epochs.train`` goes through the epochs of a ``session``, which holds the network, the
optimizer, the data and its ``counters``. ``running_metrics`` adds up losses on the
device, ``training_images`` evaluates the training images, ``recorder`` and
``bookkeeping`` tell all of it, ``checkpoints`` keeps weights, ``ranks`` joins several
processes. ``optimizers``, ``batchnorm``, ``compiling`` and ``graphs`` each hold one part
of a step.
"""
