"""Ways to reach those who are answering."""
