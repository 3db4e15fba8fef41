"""Two years of invented claims whose truth is known: lived by the rules, then written into the tables."""
