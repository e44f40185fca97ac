"""What the lab draws with: grids of numbers, pictures, curves, columns, marks.

Nothing here knows what it draws. ``console`` makes the command line's consoles,
``spelling`` writes text where the encoding lacks its signs, ``curves`` is the one
module that knows plotext, ``view`` is how curves are looked at.
"""
