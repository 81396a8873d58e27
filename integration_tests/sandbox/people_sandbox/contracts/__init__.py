"""What every connector promises, as test classes that a connector's own tests inherit.

They live beside the sandbox because that is the one package which only tests know and all tests have.
"""
