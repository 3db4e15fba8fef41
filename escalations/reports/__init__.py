"""How the desk did: kept and missed promises, by type, week, person and reason."""
