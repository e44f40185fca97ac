"""One module per demo, each with a plain function of the same name.

They are lesson material: read one beside the topic that it belongs to.
"""
