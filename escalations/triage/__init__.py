"""What presses now, and what to do about it in one key: the supervisors' board."""
