"""The audit: who did what, when and why, across every table that keeps a history."""
