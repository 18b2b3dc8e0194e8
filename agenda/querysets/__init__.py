"""Which rows, in words: adjectives and participles."""
