"""Whether the mail server takes what is sent to it."""
