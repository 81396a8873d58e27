"""The onboarding: a small web app that walks a customer from the integration link to "active".

It speaks no vendor's language: what a connector needs is described in `connectors/*.yaml` and
`models/marts/*/vendor.yaml`.
"""
