"""The demo's invented companies, people, tickets and claims, made by the same actions people use."""
