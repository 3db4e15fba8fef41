"""The first run: the door to a server without a company, the steps that follow, and what is known then."""
