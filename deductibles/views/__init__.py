"""The biller's pages."""
