"""The endpoints of claims, holds, submissions, nights and settings (contract.md, HTTP)."""
