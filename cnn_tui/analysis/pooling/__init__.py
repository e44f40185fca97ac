"""Pooling of small maps, window by window, and what shifting a map does to it.

``inputs`` names and reads maps, ``operators.pool`` pools them by torch's rules,
``translation`` compares a map with its shifted self. ``records`` is torch-free, as
are the settings of ``operators``.
"""
