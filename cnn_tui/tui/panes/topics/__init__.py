"""The Topics pane: the chapter as a tree, its text, and its demos.

``state`` says which topic is read, what is unfolded and found, and where the reader
came from; ``view`` draws it with ``topic_side`` and ``topic_body``, the latter with
``topic_text`` in it and a demo where ``arrangement`` puts it; ``pane`` follows the keys;
``reading_saver`` remembers what was read.
"""
