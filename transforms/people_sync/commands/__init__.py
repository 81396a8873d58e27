"""The commands of `people-sync`, one module each; a module here imports nothing slow at its top."""
