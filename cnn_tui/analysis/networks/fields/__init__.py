"""The parts of ``receptive_field``: what a unit sees, and how each operation changes that.

``axis`` is the field along one side of the input, ``layout`` says which dimensions of a
tensor that side is laid along, ``reach`` joins both; the other files hold the rules of
operations, which ``receptive_field`` gathers in one table.
"""
