"""Background work: each room tells here which kinds of it there are; one list shows all of them."""
