"""What killed processes and processes at the same time leave behind."""
