"""The pages of continuous communication, by noun."""
