"""What one layer of a network does with one image: feature maps, histograms, dropout masks.

``capture.activations`` runs the network and keeps what the layer wrote; ``layers``
finds layers by name, ``maps`` picks and sums up feature maps, ``records`` is
torch-free and crosses to the front ends.
"""
