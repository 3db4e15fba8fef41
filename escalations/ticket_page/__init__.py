"""The page of one ticket: what is read for it, what it shows, what its steps ask."""
