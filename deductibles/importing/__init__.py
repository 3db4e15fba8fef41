"""Importing claims from tables and 837P files: whose they are, whether they are here, and how they come in."""
