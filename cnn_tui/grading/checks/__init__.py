"""What hidden tests are written with: comparisons, weights, references for training.

``testing`` holds the marks and comparisons, ``weights`` fills the learner's networks
with numbers of the checker's own, ``stability`` passes over inputs at which rounding
decides. ``adam``, ``adam_moves``, ``batches``, ``weight_decay``, ``shuffling`` and
``trained_weights`` judge training by where it leads, ``starts`` where it begins,
``images`` makes what it trains on. ``inputs`` sees that a function leaves its input
alone, ``precision`` that float64 is computed in float64, ``seeds`` that weights follow
from a seed, ``seconds`` that epochs took no longer than their training. Only the judge
and the hidden tests import this room.
"""
