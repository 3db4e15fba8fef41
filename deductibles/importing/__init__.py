"""Importing claims from tables and 837P files: whose they are, whether they are here, how they come in."""
