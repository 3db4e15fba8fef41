"""Importing tickets that were worked on elsewhere: by the rules of filing, with dates of our own clock."""
