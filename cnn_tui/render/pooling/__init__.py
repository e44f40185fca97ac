"""A pooled map: ``view`` draws it, ``arithmetic`` spells a window out, ``facts`` says what follows.

``settings`` names the options, ``comparison`` sets other kinds of pooling beside it, ``backward``
and ``unpooling`` show the way back.
"""
