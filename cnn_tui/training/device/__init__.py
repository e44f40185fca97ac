"""What a run computes on: the device, its threads, its memory, and how busy it is.

``selection`` finds the devices that torch can use and chooses one, ``cpu`` and ``gpu``
tell about them, ``setup`` makes torch ready to train there.
"""
