"""Whether holding pays: what it brought, what other settings would have done, and what is to come."""
