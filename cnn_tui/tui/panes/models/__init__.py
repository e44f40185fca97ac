"""The Models pane: pick a network, and look at it from several sides.

``state`` says which network is looked at, and from which side; ``answers`` asks the
engine; ``net_page`` draws; ``pane`` turns keys into changes of the state.
"""
