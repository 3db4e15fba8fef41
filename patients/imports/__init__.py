"""Importing tables of patients and payers: looked at whole, then added by the part."""
