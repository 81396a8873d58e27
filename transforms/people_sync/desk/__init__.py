"""The web parts of `people-sync`: the onboarding of HR and support, and the onboarding of a customer."""
