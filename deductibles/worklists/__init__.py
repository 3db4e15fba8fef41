"""The work lists: what of the billers' claims needs a person, each list read from an index of its own."""
