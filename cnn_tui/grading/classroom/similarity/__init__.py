"""How alike the submissions of a class are.

``winnowing`` finds what two files have in common, ``compare`` the pairs of a class that share
much, and ``files`` writes them as CSV and HTML.
"""
