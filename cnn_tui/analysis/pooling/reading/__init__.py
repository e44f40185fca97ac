"""Maps in the forms in which people have them.

``tables`` reads rows of numbers, ``printed`` what PyTorch, NumPy and JSON print, ``arrays`` the
files that they save; ``shapes`` says which part of an array is the map, ``files`` opens a file.
"""
