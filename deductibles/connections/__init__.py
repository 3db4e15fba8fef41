"""A company's ways to the outside world: what is in force, how it does, what its page says."""
