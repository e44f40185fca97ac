"""What a summary says of a learner's likely mistakes."""
