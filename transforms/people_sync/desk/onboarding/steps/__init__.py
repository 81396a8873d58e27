"""The pages of the onboarding, one module per step."""
