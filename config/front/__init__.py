"""What people see first: the frame, homes, search, the gallery, and pages for what went wrong."""
