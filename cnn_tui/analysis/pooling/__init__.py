"""Pooling of small maps, window by window, and what shifting a map does to it.

``inputs`` finds the map that is asked for: one of ``named_inputs``, a text that ``grid_text``
reads, a file of arrays, an image or a run's feature map. ``operators.pool`` pools maps by
torch's rules, ``backward`` finds where gradients go, ``translation`` compares a map with its
shifted self. All of it is plain Python, but for files of arrays, images and feature maps: those
need NumPy or torch.
"""
