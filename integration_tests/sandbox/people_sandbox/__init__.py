"""The four vendors as local servers, with people, nights and faults, for tests and for anyone who integrates with them."""

from people_sandbox.client import Sandbox, start_sandbox

__all__ = ["Sandbox", "start_sandbox"]
