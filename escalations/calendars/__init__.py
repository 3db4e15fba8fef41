"""The page of the business calendar: its year, its changes with what they move, and the undoing."""
