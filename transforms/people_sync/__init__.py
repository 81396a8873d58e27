"""The program `people-sync`: commands, a connection's night, the desk, the onboarding, mail."""
