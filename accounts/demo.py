"""The demo cast: who signs in, as what, for which company. Never used in production."""

PASSWORD = "holdline-demo-2026"  # noqa: S105  printed at start; production refuses it

CAST = [
    ("ana", "agent", "acme"),
    ("ben", "biller", "acme"),
    ("sue", "supervisor", "acme"),
    ("adam", "admin", "acme"),
    ("otto", "agent", "other"),
    ("bo", "biller", "other"),
    ("olga", "admin", "other"),
]
