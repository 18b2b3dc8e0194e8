"""Reading a table of values that somebody else wrote, without ever guessing.

``table`` turns bytes into records, ``numbers`` and ``periods`` turn a cell's text into a value,
``keys`` finds what a code names, ``rows`` puts one row together and says all that is wrong with
it, ``staging`` compares the good rows with what is stored, and ``report`` tells the result.
Nothing in here writes a fact: :mod:`measures.services.imports` does.
"""
