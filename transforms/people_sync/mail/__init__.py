"""What is sent to people: alarms, the morning mail, the report as a letter."""
