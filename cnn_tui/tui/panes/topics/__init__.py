"""The Topics pane: the chapter as a tree, its text, and its demos.

``state`` says which topic is read, what is unfolded and found, and where the reader
came from; ``topic_side`` and ``topic_body`` draw, the latter with ``topic_text`` in it
and a demo where ``arrangement`` puts it; ``reading_saver`` remembers what was read.
"""
