"""Settings, Runs: all background work of a company, and what Holdline does by the clock."""
