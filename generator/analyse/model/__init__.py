"""Put commits before a language model, and let nothing in that does not hold against the commit."""
