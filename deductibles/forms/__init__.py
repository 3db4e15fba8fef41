"""What people type on the biller's pages: labels and widgets. The rules live in the intake."""
