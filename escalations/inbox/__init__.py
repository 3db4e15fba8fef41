"""What one was told, how one wants to be told, and the tickets one watches."""
