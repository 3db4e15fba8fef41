"""Does holding pay: what became of each held claim, counted by rates that a company may set."""
