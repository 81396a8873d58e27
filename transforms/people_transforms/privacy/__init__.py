"""What is kept of people who are to be forgotten: nothing but keyed pseudonyms."""
