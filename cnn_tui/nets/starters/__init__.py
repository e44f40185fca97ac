"""Files that a learner starts from: each is copied as it is, and belongs to the learner then."""
