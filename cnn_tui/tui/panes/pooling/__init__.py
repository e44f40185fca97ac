"""The Pooling pane: a map, a window that walks over it, and what comes out.

``state`` holds what is pooled and how, and every change of it; ``pane`` turns keys
into such changes, has the engine pool, and draws; ``map_page`` takes what is typed
into a cell.
"""
