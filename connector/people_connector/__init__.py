"""What each of our connectors starts with and speaks with, whatever it reads or writes."""
