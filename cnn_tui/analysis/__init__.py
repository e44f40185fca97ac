"""Looking inside: networks taken apart, pooling, gradients, activations, runs judged.

``networks``, ``pooling``, ``gradients`` and ``activations`` hold one analysis each,
with its ``records``; ``evaluation`` judges trained runs and guesses with them,
``trained`` loads their networks, ``images`` finds a picture to look at. Records are
torch-free and cross to the front ends; what several analyses share is in ``records``.
"""
