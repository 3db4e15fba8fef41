"""How Holdline is kept an eye on: health, metrics, logs, notices, the doctor, and refused starts."""
