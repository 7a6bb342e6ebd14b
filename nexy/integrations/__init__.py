"""Use-cases: what is made of several modules."""
