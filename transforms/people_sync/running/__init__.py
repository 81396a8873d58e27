"""A night of a connection: both programs, the lines between them, progress and summary."""
