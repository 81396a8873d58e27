"""One person's story: found by name, told as a sentence, a timeline and a chain of models."""
