"""What the lab draws with: grids of numbers, pictures, curves, columns, marks.

Nothing here knows what it draws. ``console`` makes the command line's consoles,
``spelling`` writes text where the encoding lacks its signs. A chart is laid out by
``curves``, with ``axes`` and a ``legend``, and drawn by ``plot`` on a ``canvas`` of dots;
``view`` is how curves are looked at.
"""
