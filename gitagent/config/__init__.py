"""What an agent's files mean: reading, checking and describing them. Knows nothing of git."""
