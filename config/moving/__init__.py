"""A whole company as one file: taken out of one Holdline, brought into an empty company of another."""
