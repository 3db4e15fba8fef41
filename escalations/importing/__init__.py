"""Importing tickets that were worked on elsewhere: by the rules of filing, with the dates of our own clock."""
