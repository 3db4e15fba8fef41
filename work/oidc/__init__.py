"""Signing in by a company's own OpenID Connect provider."""
