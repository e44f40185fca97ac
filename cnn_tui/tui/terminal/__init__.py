"""The terminal itself: what is written to it, and giving it up to the learner's editor."""
